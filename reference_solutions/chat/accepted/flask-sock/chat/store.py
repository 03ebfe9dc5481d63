"""What is kept in Redis: messages, and who is present."""
import json
import os
from datetime import datetime, timezone

import redis

client = redis.Redis.from_url(
    os.environ["REDIS_URL"], decode_responses=True, socket_timeout=2, socket_connect_timeout=2
)
ADD = client.register_script("""
local id = redis.call('INCR', KEYS[1] .. ':last')
local message = '{"id": ' .. id .. ', ' .. ARGV[1]
redis.call('ZADD', KEYS[1] .. ':messages', id, message)
redis.call('PUBLISH', KEYS[1], message)
return id
""")


def add(room, name, text):
    """Keep a message and tell everybody; ids and what is heard have one order."""
    now = datetime.now(timezone.utc).isoformat()
    message = {"type": "message", "room": room, "name": name, "text": text, "sent_at": now}
    ADD(keys=[f"room:{room}"], args=[json.dumps(message)[1:]])


def messages(room, before, limit):
    """Up to `limit` messages older than the id `before`, oldest first, and whether there are more."""
    top = f"({before}" if before else "+inf"
    found = client.zrevrangebyscore(f"room:{room}:messages", top, "-inf", start=0, num=limit + 1)
    return [json.loads(one) for one in reversed(found[:limit])], len(found) > limit


def tell(room, event):
    client.publish(f"room:{room}", json.dumps(event))


def enter(room, name):
    """Whether the name was not in the room before."""
    return client.hincrby(f"room:{room}:present", name, 1) == 1


def leave(room, name):
    """Whether the name is no longer in the room."""
    if client.hincrby(f"room:{room}:present", name, -1) > 0:
        return False
    client.hdel(f"room:{room}:present", name)
    return True


def present(room):
    return sorted(client.hkeys(f"room:{room}:present"))


def forget_presence():
    for key in client.scan_iter("room:*:present"):
        client.delete(key)
