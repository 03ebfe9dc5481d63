"""Deadlines for whole conversations, whatever the other side does.

A time-out of a socket is for one operation: a peer that sends a byte now and then outlasts it for
ever. A `DeadlineSocket` has one end for all that is sent and received over it, and a cap on the
bytes received, so that neither a drip nor a flood outlasts or outgrows it.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any, Self, TypeVar

R = TypeVar("R")

ANY_SIZE = 1 << 62
"""Bytes: no cap."""
TOO_MUCH = "the other side sent more than the conversation may have"


class TooMuch(OSError):
    """The other side sent more bytes than the conversation may have."""


class DeadlineSocket(socket.socket):
    """A connected socket whose operations end with the conversation that they belong to.

    What others set as its time-out does not count. Past the end each operation raises
    `TimeoutError`, and past the cap `TooMuch`.
    """

    until = 0.0
    """The end, as `time.monotonic` has it."""
    room = ANY_SIZE
    """Bytes that may still be received."""
    extend: Callable[[], float] = staticmethod(lambda: 0.0)
    """Asked once the time is up while something is received: the seconds that are added, or 0."""

    @classmethod
    def over(cls, connection: socket.socket, seconds: float, most: int = ANY_SIZE) -> Self:
        """Take over `connection`, which must not be used any more; begins a conversation."""
        family, kind, protocol = connection.family, connection.type, connection.proto
        own = cls(family, kind, protocol, fileno=connection.detach())
        own.begin(seconds, most)
        return own

    def begin(self, seconds: float, most: int = ANY_SIZE) -> None:
        """Begin a conversation of at most `seconds`, in which at most `most` bytes come back."""
        self.until = time.monotonic() + seconds
        self.room = most

    @property
    def left(self) -> float:
        """Seconds that the conversation may still take."""
        return self.until - time.monotonic()

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Receive as `socket.socket.recv` does, within the conversation's bounds."""
        return self._counted(self._in_time(lambda: socket.socket.recv(self, bufsize, flags)))

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Receive as `socket.socket.recv_into` does, within the conversation's bounds."""
        count = self._in_time(lambda: socket.socket.recv_into(self, buffer, nbytes, flags))
        self._count(count)
        return count

    def send(self, data: Any, flags: int = 0, /) -> int:
        """Send as `socket.socket.send` does, within the conversation's time."""
        self._limit()
        return super().send(data, flags)

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send as `socket.socket.sendall` does, whose time-out is for all of `data` already."""
        self._limit()
        super().sendall(data, flags)

    def _in_time(self, receive: Callable[[], R]) -> R:
        while True:
            try:
                self._limit()
                return receive()
            except TimeoutError:
                added = self.extend()
                if added <= 0:
                    raise
                self.until = time.monotonic() + added

    def _limit(self) -> None:
        left = self.left
        if left <= 0:
            msg = "the conversation's time is up"
            raise TimeoutError(msg)
        super().settimeout(left)

    def _counted(self, received: bytes) -> bytes:
        self._count(len(received))
        return received

    def _count(self, received: int) -> None:
        self.room -= received
        if self.room < 0:
            raise TooMuch(TOO_MUCH)


def dial(address: tuple[str, int], seconds: float, most: int = ANY_SIZE) -> DeadlineSocket:
    """Connect to `address`; connecting is part of the conversation's `seconds`.

    Raises `OSError` where nobody takes the connection.
    """
    until = time.monotonic() + seconds
    raw = socket.create_connection(address, timeout=max(seconds, 0.001))
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return DeadlineSocket.over(raw, until - time.monotonic(), most)
