"""The command announce."""
import os
import sys

import redis

from . import store


def main():
    if len(sys.argv) != 3:
        return fail("usage: announce ROOM TEXT")
    _, room, text = sys.argv
    if not store.ROOM.fullmatch(room):
        return fail("announce: there is no such room")
    if store.problem(text):
        return fail(f"announce: {store.problem(text)}")
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    client.eval(store.SAY, 1, room, store.body("system", text))
    return 0


def fail(sentence):
    print(sentence, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
