"""HTTP for programs that run in a container of their own: by h11, with a bound for everything.

Nothing of the grader is there, so this imports nothing of it. A request has a time and a size, and
where too many clients of a host are connected its oldest ends.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

import h11

from grader.services.double.admission import Admission, PortListener

IDLE_SECONDS = 75.0
"""Seconds that a client may say nothing between two requests."""
REQUEST_SECONDS = 30.0
"""Seconds that a request may take to come, and its answer to be taken."""
HEAD_BYTES = 32 * 1024
BODY_BYTES = 1024 * 1024
READ = 65536
KNOWN = frozenset(HTTPStatus)
BODILESS = {204, 304}
"""Statuses of answers without a body."""


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    """What a client asks for."""

    method: str
    target: str
    """Path and query, as they came."""
    headers: Mapping[str, str]
    """By names in small letters; of one that comes twice the last."""
    body: bytes
    host: str
    """Where it comes from."""
    port: int
    """Where it came in."""
    client: object = None
    """The connection that it came over, for `cut`."""

    @property
    def path(self) -> str:
        """The path, decoded."""
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> dict[str, str]:
        """The query; of a name that comes twice the last value."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))


@dataclass(frozen=True, kw_only=True)
class Response:
    """What a client is answered."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    size: int | None = None
    """What HEAD tells of the body's size; None: that of `body`."""
    cut: bool = False
    """Whether the connection is cut in place of an answer."""


Handler = Callable[[HttpRequest], Awaitable[Response]]


class _TooLarge(Exception):
    """The body of a request is larger than it may be."""


class HttpServer:
    """Listens on ports and hands requests to a handler."""

    def __init__(self, handler: Handler, *, body_bytes: int = BODY_BYTES) -> None:
        self._handler = handler
        self._body_bytes = body_bytes
        self._listeners: dict[int, PortListener] = {}
        self._admission = Admission()

    @property
    def ports(self) -> tuple[int, ...]:
        """Where it listens."""
        return tuple(self._listeners)

    async def listen(self, port: int) -> None:
        """Listen on one more port."""
        self._listeners[port] = PortListener(
            port, self._admission, lambda host: self._protocol(host, port)
        )

    def stop(self) -> None:
        """Stop listening, and cut every connection."""
        for port in self.ports:
            self.leave(port)
        self.cut()

    def leave(self, port: int) -> None:
        """Listen no more on a port."""
        self._listeners.pop(port).close()

    def cut(self, but: object = None) -> None:
        """Cut every connection but one."""
        self._admission.cut(but)

    def forget(self) -> None:
        """Let no client wait for what it did so far."""
        self._admission.forget()

    def _protocol(self, host: str, port: int) -> asyncio.Protocol:
        return asyncio.StreamReaderProtocol(
            asyncio.StreamReader(limit=READ),
            lambda reader, writer: self._converse(reader, writer, host, port),
        )

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int
    ) -> None:
        self._admission.enter(host, writer, writer.transport.abort)
        try:
            await self._requests(reader, writer, host, port)
        except (TimeoutError, OSError, h11.ProtocolError):
            pass  # the client's own affair
        except Exception:  # noqa: BLE001 - a fault of the program's ends one conversation
            traceback.print_exc()
        finally:
            self._admission.leave(host, writer)
            writer.close()

    async def _requests(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int
    ) -> None:
        conn = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES)
        while conn.our_state is h11.IDLE:
            await asyncio.sleep(0)  # others have their turn, however many requests came together
            async with asyncio.timeout(IDLE_SECONDS):
                if not conn.trailing_data[0]:
                    conn.receive_data(await reader.read(READ))
            request = None
            try:
                async with asyncio.timeout(REQUEST_SECONDS):
                    request = await self._read(conn, reader, writer, host, port)
                response = await self._handler(request) if request else Response(cut=True)
            except _TooLarge:
                response = Response(status=413, headers={"Connection": "close"})
            if response.cut:
                writer.transport.abort()
                return
            async with asyncio.timeout(REQUEST_SECONDS):
                await self._answer(
                    conn, writer, response, bare=request is not None and request.method == "HEAD"
                )
            if {conn.our_state, conn.their_state} == {h11.DONE}:
                conn.start_next_cycle()

    async def _read(
        self, conn: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter,
        host: str, port: int,
    ) -> HttpRequest | None:  # fmt: skip
        """Return the next request; None where the client has left."""
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = conn.next_event()
            if event is h11.NEED_DATA:
                if conn.they_are_waiting_for_100_continue:
                    go_on = h11.InformationalResponse(
                        status_code=100, headers=[], reason=phrase(100)
                    )
                    writer.write(conn.send(go_on))
                conn.receive_data(await reader.read(READ))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > self._body_bytes:
                    raise _TooLarge
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                headers = {
                    name.decode("latin-1"): text.decode("latin-1") for name, text in head.headers
                }
                return HttpRequest(
                    method=head.method.decode("latin-1"), target=head.target.decode("latin-1"),
                    headers=headers, body=bytes(body), host=host, port=port,
                    client=writer,
                )  # fmt: skip
            else:
                return None

    async def _answer(
        self, conn: h11.Connection, writer: asyncio.StreamWriter, response: Response, *, bare: bool
    ) -> None:
        headers = list(response.headers.items())
        if response.status not in BODILESS:
            size = response.size if bare and response.size is not None else len(response.body)
            headers.append(("Content-Length", str(size)))
        writer.write(
            conn.send(
                h11.Response(
                    status_code=response.status, headers=headers, reason=phrase(response.status)
                )
            )
            or b""
        )
        if not bare and response.status not in BODILESS:
            writer.write(conn.send(h11.Data(data=response.body)) or b"")
        writer.write(conn.send(h11.EndOfMessage()) or b"")
        await writer.drain()


def phrase(status: int) -> bytes:
    """Return the words that go with a status: some clients take no `100` without them."""
    return HTTPStatus(status).phrase.encode() if status in KNOWN else b"Unknown"
