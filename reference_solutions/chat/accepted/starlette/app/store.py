"""The scripts that Redis runs, and what a text may be."""
import json
import re
from datetime import datetime, timezone

NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")
ROOM = re.compile(r"[a-z][a-z0-9-]{0,31}")
LONGEST = 500
STREAM = "events"
SAY = """
local id = redis.call('HINCRBY', 'ids', KEYS[1], 1)
redis.call('ZADD', 'messages/' .. KEYS[1], id, id .. ' ' .. ARGV[1])
redis.call('XADD', 'events', 'MAXLEN', '~', 5000, '*', 'room', KEYS[1], 'id', id, 'body', ARGV[1])
return id
"""


def body(name, text):
    """A message without its id, as it is kept."""
    now = datetime.now(timezone.utc).replace(tzinfo=None).isoformat(timespec="milliseconds")
    return json.dumps({"type": "message", "name": name, "text": text, "sent_at": f"{now}Z"})


def problem(text):
    if not text.strip():
        return "A message needs a text."
    return f"A text has {LONGEST} characters at most." if len(text) > LONGEST else ""
