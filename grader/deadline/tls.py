"""TLS over a `DeadlineSocket`: the handshake and all that follows end with the conversation.

Python's own `SSLSocket` takes the descriptor and leaves the deadline behind: a server that sends a
byte of its certificate now and then outlasts it.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import cast

from urllib3.util.ssltransport import SSLTransport

from grader.deadline import ANY_SIZE, DeadlineSocket

HANDSHAKE_BYTES = 256 * 1024
"""Bytes that a server may send in a handshake; OpenSSL takes 100 KiB of certificates."""
FIRST = 8
"""Of the first bytes that came back so many are kept."""


class OpeningSocket(DeadlineSocket):
    """A connection that keeps the first bytes that came back: they tell what speaks there."""

    heard = b""

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Receive as `DeadlineSocket.recv` does."""
        received = super().recv(bufsize, flags)
        if len(self.heard) < FIRST:
            self.heard = (self.heard + received)[:FIRST]
        return received

    @property
    def speaks_tls(self) -> bool:
        """Whether what came back begins as a record of TLS does."""
        return self.heard[:1] in {b"\x14", b"\x15", b"\x16"} and self.heard[1:2] in {b"", b"\x03"}


class TlsSocket(SSLTransport):
    """A connection whose handshake is over; its bounds are those of the socket below.

    `room` counts bytes as they come, not as they are decrypted.
    """

    socket: DeadlineSocket

    def begin(self, seconds: float, most: int = ANY_SIZE) -> None:
        """Begin a conversation, as `DeadlineSocket.begin` does."""
        self.socket.begin(seconds, most)

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Receive; no bytes once the other side has ended the connection."""
        return cast("bytes", super().recv(buflen, flags) or b"")

    def setsockopt(self, level: int, name: int, value: bytes) -> None:
        """Set an option of the socket below."""
        self.socket.setsockopt(level, name, value)

    @property
    def until(self) -> float:
        """The end of the conversation, as `time.monotonic` has it."""
        return self.socket.until

    @until.setter
    def until(self, moment: float) -> None:
        self.socket.until = moment

    @property
    def room(self) -> int:
        """Bytes that may still be received."""
        return self.socket.room

    @room.setter
    def room(self, count: int) -> None:
        self.socket.room = count

    @property
    def extend(self) -> Callable[[], float]:
        """What is asked once the time is up: the seconds that are added, or 0."""
        return self.socket.extend

    @extend.setter
    def extend(self, asked: Callable[[], float]) -> None:
        self.socket.extend = asked


def shake_hands(
    connection: OpeningSocket, context: ssl.SSLContext, name: str, *, most: int = ANY_SIZE
) -> TlsSocket:
    """Make the handshake of a client over `connection`, in the time that it has left.

    `name` is the server's. From then on at most `most` bytes come back. Raises `OSError`: an
    `ssl.SSLError`, `TimeoutError`, or `TooMuch` where the handshake is larger than any.
    """
    connection.room = HANDSHAKE_BYTES
    made = TlsSocket(connection, context, name)
    made.room = most
    return made
