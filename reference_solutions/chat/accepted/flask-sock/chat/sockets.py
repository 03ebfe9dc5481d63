"""The WebSocket of a room."""
import json
import time
from collections import deque

import redis
from flask_sock import Sock
from simple_websocket import ConnectionClosed

from . import config, limits, rooms, store, tokens

sock = Sock()


class Refused(Exception):
    """The connection is closed with a code."""

    def __init__(self, code, reason):
        self.code, self.reason = code, reason


@sock.route("/ws/<room>")
def talk(socket, room):
    try:
        name = greet(socket, room)
        stay(socket, room, name)
    except Refused as refused:
        socket.close(refused.code, refused.reason)
    except redis.RedisError:
        socket.close(1013, "Redis does not answer.")
    except ConnectionClosed:
        pass


def greet(socket, room):
    """The name that the token of the first message gives."""
    event = parse(socket.receive(timeout=config.HELLO_SECONDS), hello=True)
    who = tokens.read(event.get("token"))
    if event.get("type") != "hello" or who is None:
        raise Refused(4401, "Say hello with a token.")
    if who[1] != room:
        raise Refused(4403, "The token is for another room.")
    return who[0]


def parse(text, hello=False):
    if text is None or (hello and not isinstance(text, str)):
        raise Refused(4401, "Say hello with a token.")
    if not isinstance(text, str):
        raise Refused(1003, "Messages are text.")
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise Refused(4401 if hello else 4400, "A message is a JSON object.")
    return event


def stay(socket, room, name):
    member = rooms.Member(socket, room, name)
    first = store.enter(room, name)
    try:
        welcome = {"type": "welcome", "room": room, "name": name, "present": store.present(room)}
        rooms.add(member, json.dumps(welcome))
        if first:
            store.tell(room, {"type": "joined", "name": name})
        listen(socket, member)
    finally:
        rooms.remove(member)
        if store.leave(room, name):
            store.tell(room, {"type": "left", "name": name})


def listen(socket, member):
    recent = deque()
    while True:
        event = parse(socket.receive())
        now = time.monotonic()
        recent.append(now)
        while recent[0] < now - limits.BURST_SECONDS:
            recent.popleft()
        if len(recent) > limits.BURST:
            raise Refused(4429, "Too many messages.")
        kind, text = event.get("type"), event.get("text")
        if kind == "ping":
            member.hear(json.dumps({"type": "pong", "id": event.get("id")}))
        elif kind == "message" and isinstance(text, str):
            problem = limits.text_problem(text)
            if problem:
                member.hear(json.dumps({"type": "error", "error": problem}))
            else:
                store.add(member.room, member.name, text)
        else:
            raise Refused(4400, "That is no message of this chat.")
