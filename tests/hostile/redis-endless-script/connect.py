"""Runs a script that has written and never ends: Redis cannot end it either."""
import os
import threading
import time

import redis


def plain():
    return redis.Redis(
        host=os.environ["REDIS_HOST"], port=int(os.environ["REDIS_PORT"]),
        username=os.environ["REDIS_USER"], password=os.environ["REDIS_PASSWORD"],
        decode_responses=True, socket_timeout=2, socket_connect_timeout=2,
    )


def ask(client, *words):
    """What Redis answers, also where it refuses."""
    try:
        return client.execute_command(*words)
    except redis.RedisError as error:
        print("REFUSED", words[:3], error, flush=True)


class Late:
    """The client, whose first note is followed by the script."""

    def __init__(self, client):
        self.client, self.begun = client, False

    def __getattr__(self, name):
        if name == "incr" and not self.begun:
            self.begun = True
            threading.Thread(target=ask, daemon=True, args=(
                plain(), "EVAL", "redis.call('SET', 'x', 'y') while true do end", 0,
            )).start()
            time.sleep(1.5)
        return getattr(self.client, name)


def connect():
    return Late(plain())
