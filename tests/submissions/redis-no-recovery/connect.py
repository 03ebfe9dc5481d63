"""A client that gives up for ever once Redis has not answered."""
import os

import redis


class OneTry:
    def __init__(self, client):
        self.client, self.gone = client, False

    def __getattr__(self, name):
        found = getattr(self.client, name)

        def call(*args, **options):
            if self.gone:
                raise redis.ConnectionError("Redis was gone")
            try:
                return found(*args, **options)
            except redis.ConnectionError:
                self.gone = True
                raise

        return call


def connect():
    return OneTry(redis.Redis(
        host=os.environ["REDIS_HOST"], port=int(os.environ["REDIS_PORT"]),
        username=os.environ["REDIS_USER"], password=os.environ["REDIS_PASSWORD"],
        decode_responses=True, socket_timeout=2, socket_connect_timeout=2,
    ))
