"""Who is connected to this process, and what they hear."""
import json
import queue
import threading
import time

import redis

from . import store

lock = threading.Lock()
members = {}


class Member:
    """One connection; what it hears is sent by a thread of its own."""

    def __init__(self, socket, room, name):
        self.socket, self.room, self.name = socket, room, name
        self.outbox = queue.Queue(1000)
        threading.Thread(target=self.deliver, daemon=True).start()

    def hear(self, text):
        try:
            self.outbox.put_nowait(text)
        except queue.Full:
            self.outbox = queue.Queue()
            self.socket.close(1013, "You are too slow.")

    def deliver(self):
        try:
            while (text := self.outbox.get()) is not None:
                self.socket.send(text)
        except Exception:
            return


def add(member, welcome):
    """Whatever happens in the room from now on comes after the welcome."""
    with lock:
        members.setdefault(member.room, set()).add(member)
        member.hear(welcome)


def remove(member):
    with lock:
        members.get(member.room, set()).discard(member)
    member.outbox.put(None)


def start():
    threading.Thread(target=listen, daemon=True).start()


def listen():
    """Pass on what is published, and begin again after an outage."""
    while True:
        try:
            subscription = store.client.pubsub(ignore_subscribe_messages=True)
            subscription.psubscribe("room:*")
            while True:
                heard = subscription.get_message(timeout=1.0)
                if heard:
                    dispatch(heard["channel"].removeprefix("room:"), heard["data"])
        except redis.RedisError:
            time.sleep(0.2)


def dispatch(room, text):
    event = json.loads(text)
    about = event["name"] if event["type"] in {"joined", "left"} else None
    with lock:
        for member in members.get(room, ()):
            if member.name != about:
                member.hear(text)
