"""Webhooks: signed as Stripe's are, and handed to an app within bounds."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from dataclasses import dataclass

import h11

SECONDS = 5.0
"""For a whole delivery."""
BYTES = 64 * 1024
"""Of an answer's body that are read; more is no answer to a webhook."""
HEAD_BYTES = 16 * 1024


def signature(secret: str, body: bytes, at: int) -> str:
    """Return the header's value for `body`, signed at `at` (seconds): `t=…,v1=…`."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an app made of a webhook."""

    status: int = 0
    """0: there was no answer."""
    failure: str = ""
    """Why there was none."""
    seconds: float = 0.0


async def deliver(app: str, path: str, body: bytes, signed: str) -> Answer:
    """POST `body` to the `path` of `app` (`host:port`); redirects are not followed."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(SECONDS):
            status = await _post(app, path, body, signed)
    except TimeoutError:
        return Answer(failure=f"it did not answer within {SECONDS:g} s", seconds=SECONDS)
    except (OSError, h11.ProtocolError) as error:
        said = "it did not take the connection" if isinstance(error, OSError) else "no HTTP came"
        return Answer(failure=said, seconds=time.monotonic() - began)
    seconds = time.monotonic() - began
    if status < 0:
        return Answer(failure=f"it answered with more than {BYTES >> 10} KiB", seconds=seconds)
    return Answer(status=status, seconds=seconds)


async def _post(app: str, path: str, body: bytes, signed: str) -> int:
    host, _, port = app.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=BYTES)
    conn = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES)
    headers = [
        ("Host", app), ("Content-Type", "application/json"), ("Content-Length", str(len(body))),
        ("User-Agent", "payments"), ("Connection", "close"),
    ]  # fmt: skip
    if signed:
        headers.append(("Stripe-Signature", signed))
    try:
        request = h11.Request(method="POST", target=path, headers=headers)
        for part in (request, h11.Data(data=body), h11.EndOfMessage()):
            writer.write(conn.send(part) or b"")
        await writer.drain()
        return await _status(conn, reader)
    finally:
        writer.transport.abort()


async def _status(conn: h11.Connection, reader: asyncio.StreamReader) -> int:
    """Return the status of an answer that has ended; -1 where it is too large."""
    status = received = 0
    while True:
        event = conn.next_event()
        if event is h11.NEED_DATA:
            some = await reader.read(BYTES)
            received += len(some)
            if received > BYTES + HEAD_BYTES:
                return -1
            conn.receive_data(some)
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.EndOfMessage):
            return status
        elif isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
            msg = "the connection ended"
            raise h11.RemoteProtocolError(msg)
