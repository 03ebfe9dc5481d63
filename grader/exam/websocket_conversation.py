"""What a WebSocket's connection has come to: what is sent and received, each within its time.

Nothing is read in the background: what the app sends waits in the system's own buffers, so that a
flood costs the app its time and not the suite its memory.
"""

from __future__ import annotations

import socket as sockets
import struct
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from wsproto.connection import Connection, ConnectionState
from wsproto.events import CloseConnection, Ping, Pong

from grader.deadline import DeadlineSocket, TooMuch
from grader.deadline.tls import TlsSocket
from grader.exam.connection import Waited
from grader.exam.exchange import Exchange
from grader.exam.faults import AppUnreachable, Mismatch
from grader.exam.reply import Reply
from grader.exam.transcript import Transcript
from grader.exam.transport import Adapter
from grader.exam.websocket_frames import FrameReader, Received, Violation
from grader.text import clean, clip

CHUNK = 16 * 1024
COMPRESSED_CHUNK = 2 * 1024
"""Bytes received at once where they may unfold to a thousand times as many."""
CONVERSATION_MESSAGES = 4
"""How many of the largest messages the app may send in one conversation."""
ABNORMAL = 1006
"""What RFC 6455 calls a connection that ended without a close frame."""


@dataclass(frozen=True, kw_only=True)
class ClosedWebSocket:
    """How the app closed a WebSocket."""

    code: int
    """Of its close frame; 1005 where that has none, 1006 where there was no close frame."""
    reason: str
    """Of its close frame, as it came; empty where there is none."""


@dataclass(frozen=True, kw_only=True)
class ConversationBounds:
    """What a conversation may cost."""

    operation: float
    """Seconds that one operation takes as a rule."""
    lasts: float
    """Seconds of the whole conversation."""
    message_cap: int
    """Characters or bytes of a message."""
    compressed: bool
    """Whether messages may be."""


@dataclass
class Inbox:
    """What has come."""

    messages: deque[str | bytes] = field(default_factory=deque)
    """Those that nobody has asked for yet."""
    pongs: list[bytes] = field(default_factory=list)
    """The payloads of those that have come."""
    closed: ClosedWebSocket | None = None
    """How the app closed it, once it has."""
    broken: str = ""
    """The sentence on what ended the conversation, where no close frame did."""


@dataclass
class OpenSocket:
    """The connection, and what was received over it."""

    socket: DeadlineSocket | TlsSocket
    connection: Connection
    incoming: Iterator[Received]
    """What was received, with the answer to the handshake or since, and is not taken in yet."""
    deaf: bool = False
    """Whether the app takes nothing any more."""


@dataclass(frozen=True, kw_only=True)
class Listeners:
    """Who is told of what goes on."""

    waited: Waited
    heard: Callable[[Reply], None]
    """Of every message."""
    noted: Callable[[Exchange], None]
    """Of the evidence as it grows."""


class Conversation:
    """One WebSocket that is open, and what has come over it."""

    def __init__(
        self, socket: DeadlineSocket | TlsSocket, connection: Connection, *, reply: Reply,
        bounds: ConversationBounds, waited: Waited, heard: Callable[[Reply], None],
        noted: Callable[[Exchange], None],
    ) -> None:  # fmt: skip
        """`heard` is told of every message, `noted` of the evidence as it grows."""
        self.bounds = bounds
        self.inbox = Inbox()
        self.reader = FrameReader(connection, message_cap=bounds.message_cap)
        self._link = OpenSocket(socket, connection, self.reader.read(b""))
        self._listeners = Listeners(waited=waited, heard=heard, noted=noted)
        self._reply = reply
        self._began = time.monotonic()
        self._until = self._began + bounds.lasts
        self._transcript = Transcript()
        self._transcript.add("< HTTP 101")
        socket.extend = lambda: 0.0  # each operation has its own time
        socket.room = CONVERSATION_MESSAGES * bounds.message_cap

    @property
    def exchange(self) -> Exchange:
        """The handshake and what was said since, as evidence."""
        return Exchange(
            curl=self._reply.curl, answer=str(self._transcript), status=0 if self.dropped else 101,
            began=self._reply.exchange.began, seconds=time.monotonic() - self._began,
        )  # fmt: skip

    @property
    def over(self) -> bool:
        """Whether nothing comes any more."""
        return self.inbox.closed is not None or bool(self.inbox.broken)

    @property
    def dropped(self) -> bool:
        """Whether the app has ended the connection without a close frame."""
        return self.inbox.closed is not None and self.inbox.closed.code == ABNORMAL

    def fail(self, message: str, *, hinted: bool = True) -> NoReturn:
        """Fail the criterion with `message`, this conversation being the evidence."""
        raise Mismatch(message, self.exchange, hinted=hinted)

    def note(self) -> None:
        """Have this conversation be the evidence of what fails next."""
        self._listeners.noted(self.exchange)

    def drop(self, *, reset: bool) -> None:
        """End the connection without a word."""
        if self._link.socket.fileno() < 0:
            return
        if reset:
            now = struct.pack("ii", 1, 0)  # linger: on, for no time at all
            self._link.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, now)
        self._transcript.add("> (end of the connection)")
        self._link.deaf = True
        self._link.socket.close()

    def frame(self, event: Any) -> bytes:
        """Return the bytes of `event`; none where the closing handshake has begun."""
        if self._link.connection.state is not ConnectionState.OPEN:
            return b""
        return self._link.connection.send(event)

    def transmit(self, data: bytes, line: str) -> None:
        """Send `data`, which evidence shows as `line`; nothing once the app takes nothing more."""
        Adapter.pass_gate()
        if self._link.deaf or not data:
            self._transcript.add(f"{line}   (not sent: the WebSocket is closed)")
            return
        self._transcript.add(line)
        self._link.socket.until = min(time.monotonic() + self.bounds.operation, self._until)
        try:
            self._link.socket.sendall(data)
        except TimeoutError:
            self._link.deaf = True
            self._listeners.waited.add(self.bounds.operation, in_time=False)
            self.late("It did not take what was sent", self.bounds.operation)
        except OSError:
            self._link.deaf = True
        self.note()

    def wait(self, ready: Callable[[], bool], seconds: float, *, own: bool = False) -> bool:
        """Read until `ready`, the end of the connection, or `seconds`; return whether it is so.

        `own` says that the time is the suite's own, and none that the app has let it wait.
        """
        started = time.monotonic()
        until = min(started + seconds, self._until)
        try:
            while not ready() and not self.over:
                self._read(until)
        except TimeoutError:
            pass
        if not own:
            self._listeners.waited.add(time.monotonic() - started, in_time=ready() or self.over)
        return ready()

    def _read(self, until: float) -> None:
        """Take in one thing that has come. Raises `TimeoutError` where none comes by `until`."""
        if time.monotonic() >= until:
            raise TimeoutError
        try:
            event = next(self._link.incoming, None)
            if event is None:
                self._receive(until)
            else:
                self._take(event, until)
        except TooMuch:
            most = CONVERSATION_MESSAGES * self.bounds.message_cap >> 10
            self._break(f"It sent more than {most} KiB in one conversation.")
        except Violation as error:
            self._break(str(error))

    def _receive(self, until: float) -> None:
        self._link.socket.until = until
        try:
            data = self._link.socket.recv(COMPRESSED_CHUNK if self.bounds.compressed else CHUNK)
        except (TimeoutError, TooMuch):
            raise
        except OSError:
            data = b""
        if data:
            self._link.incoming = self.reader.read(data)
        else:
            self._end()

    def _take(self, event: Received, until: float) -> None:
        match event:
            case str() | bytes():
                self._transcript.add(f"< {said(event)}")
                self.inbox.messages.append(event)
                self._tell(event)
            case Ping():
                self._transcript.add(f"< ping {said(bytes(event.payload))}")
                self._answer(event.response(), until)
            case Pong():
                self._transcript.add(f"< pong {said(bytes(event.payload))}")
                self.inbox.pongs.append(bytes(event.payload))
            case CloseConnection():
                reason = event.reason or ""
                self._transcript.add(f"< close {int(event.code)} {reason}")
                self.inbox.closed = ClosedWebSocket(code=int(event.code), reason=reason)
                self._answer(event.response(), until)
                self._link.deaf = True

    def _answer(self, event: Any, until: float) -> None:
        """Send what the protocol has every client send; an app that has gone needs none."""
        if self._link.deaf or self._link.connection.state is ConnectionState.CLOSED:
            return
        if isinstance(event, Pong) and self._link.connection.state is not ConnectionState.OPEN:
            return
        self._link.socket.until = until
        try:
            self._link.socket.sendall(self._link.connection.send(event))
        except TimeoutError:
            raise
        except OSError:
            self._link.deaf = True

    def _tell(self, message: str | bytes) -> None:
        """Have a message looked through for secrets, as the answer to a request is."""
        body = message.encode("utf-8", "replace") if isinstance(message, str) else message
        self._listeners.heard(
            Reply(status=101, headers={}, body=body, seconds=0.0, curl=self._reply.curl,
                  sent=self._reply.sent)
        )  # fmt: skip

    def _end(self) -> None:
        self._transcript.add("< (end of the connection)")
        self.inbox.closed = ClosedWebSocket(code=ABNORMAL, reason="")
        self._break("It ended the connection without a close frame")

    def _break(self, sentence: str) -> None:
        self.inbox.broken = sentence
        self._link.deaf = True

    def require_open(self, wanted: str) -> None:
        """Fail where the conversation is over; `wanted` is what was expected in the place of it."""
        if self.dropped:
            msg = f"{self.inbox.broken} where {wanted}; the app may have crashed."
            raise AppUnreachable(msg, self.exchange, hinted=False)
        if self.inbox.broken:
            self.fail(self.inbox.broken, hinted=False)
        if self.inbox.closed is not None:
            reason = said(self.inbox.closed.reason)
            code = f"{self.inbox.closed.code} ({reason})" if reason else str(self.inbox.closed.code)
            self.fail(f"It closed the WebSocket with code {code} where {wanted}.")

    def late(self, what: str, seconds: float) -> NoReturn:
        """Fail as `what` did not happen within `seconds`."""
        if time.monotonic() >= self._until:
            self.fail(f"{what}, and the conversation has taken {self.bounds.lasts:g} s in all.")
        self.fail(f"{what} within {seconds:g} s.")


def said(message: str | bytes) -> str:
    """Return a message as one line of evidence has it."""
    if isinstance(message, str):
        text = message if len(message) <= 400 else clip(message, 150)
    else:
        text = f"({len(message)} bytes) {message[:40].decode('ascii', 'replace')}"
    return clean(text).replace("\n", "\\n")
