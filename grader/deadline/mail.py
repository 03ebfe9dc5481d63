"""Orders to the program of the mail server, over SMTP: a conversation each, with one deadline."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from grader.deadline import DeadlineSocket, dial

SECONDS = 5.0
"""For a whole conversation."""
MOST_BYTES = 16 * 1024 * 1024
"""Of all answers of one."""


def give_order(
    address: tuple[str, int], password: str, order: Mapping[str, Any], *, seconds: float = SECONDS
) -> dict[str, Any]:
    """Have the program at `address` carry out an order (`{"do": …}`), and return its answer.

    Raises `OSError` where it does not, or not in time.
    """
    with dial(address, seconds, MOST_BYTES) as connection:
        lines = _Lines(connection)
        lines.next()  # its greeting
        connection.sendall(f"XGRADER {password} {json.dumps(order)}\r\n".encode())
        code, _, said = lines.next().partition(b" ")
    if code != b"250":
        msg = f"it answered {code[:20].decode('ascii', 'replace')!r} to an order"
        raise ConnectionError(msg)
    answer: dict[str, Any] = json.loads(said)
    return answer


class _Lines:
    """What comes over a connection, by lines."""

    def __init__(self, connection: DeadlineSocket) -> None:
        self._connection = connection
        self._left = b""

    def next(self) -> bytes:
        """Return the next line, without what ends it. Raises `OSError`."""
        parts = [self._left]
        while b"\n" not in parts[-1]:
            if not (some := self._connection.recv(65536)):
                msg = "it ended the connection"
                raise ConnectionError(msg)
            parts.append(some)
        line, _, self._left = b"".join(parts).partition(b"\n")
        return line.rstrip(b"\r")
