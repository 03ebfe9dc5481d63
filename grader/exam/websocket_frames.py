"""Frames of a WebSocket (RFC 6455, section 5): whole messages of those received, odd ones to send.

wsproto bounds neither a message nor what a compressed one unfolds to, nor how many frames come.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator

from wsproto.connection import Connection, ConnectionState
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage

MOST_FRAMES = 20_000
"""Frames, and pieces of frames, of one conversation."""
OPCODES = {"continuation": 0, "text": 1, "binary": 2, "close": 8, "ping": 9, "pong": 10}
Received = str | bytes | Ping | Pong | CloseConnection


class Violation(Exception):
    """What came breaks the protocol or a bound; `str()` is the sentence."""


class FrameReader:
    """Makes whole messages of received bytes."""

    def __init__(self, connection: Connection, *, message_cap: int) -> None:
        """`message_cap` is how many characters or bytes a message may have, decompressed."""
        self._connection = connection
        self._cap = message_cap
        self._frames = 0
        self._parts: list[str] | list[bytes] = []
        self._size = 0

    @property
    def within_message(self) -> bool:
        """Whether a message has begun that has not ended."""
        return bool(self._parts)

    def read(self, data: bytes) -> Iterator[Received]:
        """Give the messages and control frames that end in `data`. Raises `Violation`."""
        self._connection.receive_data(data)
        events = self._connection.events()
        while True:
            try:
                event = next(events, None)
            except (AssertionError, ValueError, IndexError) as error:
                msg = f"What it sent breaks the WebSocket protocol: {error}."
                raise Violation(msg) from error
            if event is None:
                return
            self._frames += 1
            if self._frames > MOST_FRAMES:
                msg = f"It sent more than {MOST_FRAMES} frames in one conversation."
                raise Violation(msg)
            match event:
                case TextMessage() | BytesMessage():
                    yield from self._part(event)
                case CloseConnection():
                    self._require_frame(event)
                    yield event
                case Ping() | Pong():
                    yield event

    def _part(self, event: TextMessage | BytesMessage) -> Iterator[str | bytes]:
        part = event.data if isinstance(event.data, str) else bytes(event.data)
        self._parts.append(part)  # type: ignore[arg-type]  # all of one message are of one type
        self._size += len(part)
        if self._size > self._cap:
            msg = f"It sent a message of more than {self._cap >> 10} KiB."
            raise Violation(msg)
        if event.message_finished:
            whole = "".join(self._parts) if isinstance(part, str) else b"".join(self._parts)  # type: ignore[arg-type]
            self._parts, self._size = [], 0
            yield whole

    def _require_frame(self, event: CloseConnection) -> None:
        """Raise `Violation` for what wsproto itself ends the conversation over."""
        if self._connection.state in {ConnectionState.REMOTE_CLOSING, ConnectionState.CLOSED}:
            return
        why = "text that is no UTF-8" if event.code == 1007 else event.reason or "a bad frame"
        msg = f"What it sent breaks the WebSocket protocol: {why}."
        raise Violation(msg)


def odd_frame(
    opcode: int | str,
    payload: bytes = b"",
    *,
    final: bool = True,
    masked: bool = True,
    reserved: int = 0,
    length: int | None = None,
) -> bytes:
    """Return the bytes of one frame, right or wrong.

    `opcode` is a number up to 15 or a name of `OPCODES`; `reserved` are the three reserved bits, up
    to 7; `length` is what the frame says of its payload, if not the truth.
    """
    number = OPCODES[opcode] if isinstance(opcode, str) else opcode
    size = len(payload) if length is None else length
    mask_bit = 0x80 if masked else 0
    head = bytes([(0x80 if final else 0) | reserved << 4 | number])
    if size <= 125:
        head += bytes([mask_bit | size])
    elif size <= 0xFFFF:
        head += bytes([mask_bit | 126]) + struct.pack("!H", size)
    else:
        head += bytes([mask_bit | 127]) + struct.pack("!Q", size)
    if not masked:
        return head + payload
    key = os.urandom(4)
    folded = int.from_bytes(payload, "big") ^ int.from_bytes(
        (key * (len(payload) // 4 + 1))[: len(payload)], "big"
    )
    return head + key + folded.to_bytes(len(payload), "big")
