"""One connection for ever: what ends it ends the app's use of Redis."""
import os

import redis


class Once(redis.Connection):
    """Connects once and never again."""

    used = False

    def connect(self):
        if self._sock is None:
            if Once.used:
                raise redis.ConnectionError("the connection is gone")
            Once.used = True
        super().connect()


def connect():
    pool = redis.ConnectionPool(
        connection_class=Once, host=os.environ["REDIS_HOST"], port=int(os.environ["REDIS_PORT"]),
        username=os.environ["REDIS_USER"], password=os.environ["REDIS_PASSWORD"],
        decode_responses=True, socket_timeout=2, socket_connect_timeout=2,
    )
    return redis.Redis(connection_pool=pool, single_connection_client=True)
