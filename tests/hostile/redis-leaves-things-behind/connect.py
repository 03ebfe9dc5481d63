"""Leaves keys in every database, scripts, subscriptions and waiting clients behind."""
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


def attack():
    client = plain()
    for number in range(1, 16):
        ask(client, "SELECT", number)
        ask(client, "SET", "left", "behind")
    ask(client, "SELECT", 0)
    ask(client, "SCRIPT", "LOAD", "return 'left behind'")
    ask(client, "EVAL", "string.rep = nil", 0)
    ask(client, "EVAL", "left = 'behind'", 0)
    for _ in range(20):
        threading.Thread(target=wait, daemon=True).start()


def wait():
    while True:
        ask(plain(), "SUBSCRIBE", "left")
        ask(plain(), "BLPOP", "never", 0)
        time.sleep(0.2)


def connect():
    threading.Thread(target=attack, daemon=True).start()
    return plain()
