"""The opening handshake of a WebSocket (RFC 6455, section 4), within the time of its socket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wsproto.connection import Connection, ConnectionType
from wsproto.events import AcceptConnection, RejectConnection, RejectData, Request
from wsproto.extensions import PerMessageDeflate
from wsproto.handshake import H11Handshake
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from grader.deadline import DeadlineSocket
from grader.deadline.http import MOST_INTERIM
from grader.deadline.tls import TlsSocket

CHUNK = 16 * 1024


class BadHandshake(Exception):
    """What came back opens no WebSocket and refuses none; `str()` says why."""


@dataclass(frozen=True, kw_only=True)
class HandshakeRequest:
    """What is asked for."""

    host: str
    """Host and port."""
    target: str
    """The path with the query, in ASCII."""
    headers: Sequence[tuple[str, str]] = ()
    """Those that are added to the handshake's own."""
    subprotocols: Sequence[str] = ()
    compressed: bool = False
    """Whether compression (RFC 7692) is offered."""


@dataclass(frozen=True, kw_only=True)
class HandshakeAnswer:
    """What came back."""

    status: int
    """101 where the WebSocket is open."""
    headers: Sequence[tuple[str, str]]
    """Without those that the handshake itself is made of."""
    body: bytes
    """Empty where it is open."""
    subprotocol: str = ""
    connection: Connection | None = None
    """What reads and writes frames; None where it was refused."""


def shake_hands(
    socket: DeadlineSocket | TlsSocket, request: HandshakeRequest, *, body_cap: int
) -> HandshakeAnswer:
    """Ask for a WebSocket over `socket`, which is connected, and return the answer.

    Raises `ValueError` for what no client can send, `OSError` where no answer comes (`TimeoutError`
    where it does not come in time) and `BadHandshake`; the body has at most `body_cap` bytes.
    """
    handshake = H11Handshake(ConnectionType.CLIENT)
    socket.sendall(_asked(handshake, request))
    reader = _AnswerReader(handshake, body_cap)
    while True:
        chunk = socket.recv(CHUNK)
        answer = reader.read(chunk)
        if answer is not None:
            return answer
        if not chunk:
            msg = "the connection was closed"
            raise ConnectionError(msg)


def _asked(handshake: H11Handshake, request: HandshakeRequest) -> bytes:
    extensions = [PerMessageDeflate()] if request.compressed else []
    try:
        headers = [(name.encode("ascii"), value.encode("latin-1"))
                   for name, value in request.headers]  # fmt: skip
        return handshake.send(
            Request(
                host=request.host, target=request.target, extra_headers=headers,
                subprotocols=list(request.subprotocols), extensions=list(extensions),
            )
        )  # fmt: skip
    except (LocalProtocolError, ValueError) as error:
        msg = f"The suite asks for a WebSocket that no client can ask for: {error}"
        raise ValueError(msg) from error
    except Exception as error:
        if type(error).__module__.startswith("h11"):
            msg = f"The suite sends a header or path that is none: {error}"
            raise ValueError(msg) from error
        raise


class _AnswerReader:
    """Collects the answer from what is received."""

    def __init__(self, handshake: H11Handshake, body_cap: int) -> None:
        self._handshake = handshake
        self._cap = body_cap
        self._interim = 0
        self._refusal: RejectConnection | None = None
        self._body = bytearray()

    def read(self, chunk: bytes) -> HandshakeAnswer | None:
        """Take in what was received, nothing at the end; return the answer once it is whole."""
        try:
            self._handshake.receive_data(chunk)
        except RemoteProtocolError as error:
            if not chunk and self._refusal is None:
                msg = "the connection was closed"
                raise ConnectionError(msg) from error
            raise BadHandshake(str(error)) from error
        except (ValueError, IndexError) as error:  # of a header that is no ASCII, a wrong number
            raise BadHandshake(str(error)) from error
        for event in self._handshake.events():
            match event:
                case AcceptConnection():
                    return self._accepted(event)
                case RejectConnection() if event.status_code < 200:
                    self._skip_interim()
                case RejectConnection():
                    self._refusal = event
                case RejectData():
                    self._add(event.data)
                    if event.body_finished:
                        return self._refused()
        return None

    def _skip_interim(self) -> None:
        self._interim += 1
        if self._interim > MOST_INTERIM:
            msg = "it sends interim answers (1xx), one after the other"
            raise BadHandshake(msg)

    def _add(self, data: bytes | bytearray) -> None:
        self._body += data
        if len(self._body) > self._cap:
            msg = f"the body is longer than {self._cap >> 10} KiB"
            raise BadHandshake(msg)

    def _accepted(self, event: AcceptConnection) -> HandshakeAnswer:
        chosen = [("Sec-WebSocket-Protocol", event.subprotocol)] if event.subprotocol else []
        return HandshakeAnswer(
            status=101, headers=[*_text(event.extra_headers), *chosen], body=b"",
            subprotocol=event.subprotocol or "", connection=self._handshake.connection,
        )  # fmt: skip

    def _refused(self) -> HandshakeAnswer:
        assert self._refusal is not None
        return HandshakeAnswer(
            status=self._refusal.status_code, headers=_text(self._refusal.headers),
            body=bytes(self._body),
        )  # fmt: skip


def _text(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(name.decode("latin-1").title(), value.decode("latin-1")) for name, value in headers]
