"""Connections for ever: once one has ended, the app makes no other."""
import os

import redis


class Once(redis.Connection):
    """Connects until a connection has ended, and never again."""

    ended = False

    def connect(self, *args, **kwargs):
        if Once.ended:
            raise redis.ConnectionError("the connection is gone")
        super().connect(*args, **kwargs)

    def disconnect(self, *args, **kwargs):
        Once.ended = Once.ended or self._sock is not None
        super().disconnect(*args, **kwargs)


def connect():
    pool = redis.ConnectionPool(
        connection_class=Once, host=os.environ["REDIS_HOST"], port=int(os.environ["REDIS_PORT"]),
        username=os.environ["REDIS_USER"], password=os.environ["REDIS_PASSWORD"],
        decode_responses=True, socket_timeout=2, socket_connect_timeout=2,
    )
    return redis.Redis(connection_pool=pool)
