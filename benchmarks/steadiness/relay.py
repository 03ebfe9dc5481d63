"""A relay between the grader and an app, which holds back each answer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from grader.run.compose import environment as compose_environment
from grader.run.environment import provision
from grader.sandbox.gateway import Gateway

CHUNK = 65536
Address = tuple[str, int]


class DelayRelay:
    """Relays on loopback, one for each address of an app; answers pass `delay` seconds late."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def install(self) -> None:
        """Have every gateway that is started from now on reached through relays.

        Services are reached as before: it is the app's answers that come late.
        """
        for module in (provision, compose_environment):
            start: Any = module.start_gateway

            def started(*args: Any, start: Any = start) -> Gateway:
                routes: Mapping[int, str] = args[3]
                gateway: Gateway = start(*args)
                apps = {port for port, target in routes.items() if _is_of_an_app(target)}
                addresses = {
                    port: self._relayed(address) if port in apps else address
                    for port, address in gateway.addresses.items()
                }
                return replace(gateway, addresses=addresses)

            module.start_gateway = started  # type: ignore[attr-defined]

    def _relayed(self, address: Address) -> Address:
        serving = asyncio.start_server(lambda r, w: self._relay(r, w, address), "127.0.0.1", 0)
        server = asyncio.run_coroutine_threadsafe(serving, self._loop).result()
        host, port = server.sockets[0].getsockname()
        return host, port

    async def _relay(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: Address
    ) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*address)
        except OSError:
            writer.transport.abort()
            return
        await asyncio.gather(
            _passed_on(reader, far_writer, 0.0), _passed_on(far_reader, writer, self._delay)
        )
        for one in (writer, far_writer):
            one.close()


async def _passed_on(
    source: asyncio.StreamReader, target: asyncio.StreamWriter, delay: float
) -> None:
    """Write what comes from `source` to `target`: each piece `delay` seconds after it came."""
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[tuple[float, bytes | None]] = asyncio.Queue(maxsize=1024)

    async def read() -> None:
        data: bytes | None = b"-"
        while data:
            try:
                data = await source.read(CHUNK) or None
            except OSError:
                target.transport.abort()  # a reset is passed on as one
                data = None
            await pieces.put((loop.time() + delay, data))

    reading = asyncio.ensure_future(read())
    with suppress(OSError, RuntimeError):
        while True:
            due, data = await pieces.get()
            await asyncio.sleep(due - loop.time())
            if data is None:
                if target.can_write_eof():
                    target.write_eof()
                break
            target.write(data)
            await target.drain()
    await reading


def _is_of_an_app(target: str) -> bool:
    """Return whether a gateway's target, `name:port`, is the app or another container of it."""
    return target.split(":", maxsplit=1)[0].startswith(("app", "grader-app"))
