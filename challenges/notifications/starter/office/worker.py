"""The worker: it waits, and does nothing yet."""

import os
import time

import redis

broker = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=3)
while True:
    try:
        if taken := broker.blpop(["jobs"], timeout=1):
            print(f"To be done: {taken[1]!r}")
    except redis.RedisError as error:
        print(f"No broker: {error}")
        time.sleep(0.2)
