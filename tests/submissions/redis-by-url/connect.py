"""The connection to Redis, from its URL."""
import os

import redis


def connect():
    return redis.Redis.from_url(
        os.environ["REDIS_URL"], decode_responses=True, socket_timeout=2, socket_connect_timeout=2
    )
