"""announce ROOM TEXT: a message of the system's, for everybody in a room."""
import sys

from . import store
from .limits import ROOM, SYSTEM, text_problem


def main(arguments):
    if len(arguments) != 2 or not ROOM.fullmatch(arguments[0]):
        print("usage: announce ROOM TEXT", file=sys.stderr)
        return 2
    room, text = arguments
    problem = text_problem(text)
    if problem:
        print(problem, file=sys.stderr)
        return 2
    store.add(room, SYSTEM, text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
