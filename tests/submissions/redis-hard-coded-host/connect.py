"""The connection to Redis: what the environment says."""
import os

import redis


def connect():
    return redis.Redis(
        host="localhost", port=int(os.environ["REDIS_PORT"]),
        username=os.environ["REDIS_USER"], password=os.environ["REDIS_PASSWORD"],
        decode_responses=True, socket_timeout=2, socket_connect_timeout=2,
    )
