"""Fills all the memory that Redis may use."""
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
    client, number = plain(), 0
    try:
        while True:
            client.set(f"full:{number}", "x" * (1 << 20))
            number += 1
    except redis.RedisError as error:
        print("FULL", number, error, flush=True)
    ask(client, "DEL", "full:0", "full:1", "full:2")
    ask(client, "SETBIT", "beyond", 120_000_000, 1)  # it takes more than what is left


def connect():
    attack()
    return plain()
