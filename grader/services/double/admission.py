"""Who may connect: so many clients of each host, and so often, that no host keeps out another.

The grader comes from a host of its own, the gateway: whatever an app's containers open is taken
from nobody but themselves. Nothing of the grader is where this runs, so it imports nothing of it.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

ANYWHERE = "0.0.0.0"  # noqa: S104 - its container has the network of one run alone
BACKLOG = 1024
"""Connections that wait to be taken; who closes them at once takes far more in a second."""
CLIENTS = 60
"""Connections that one host may have open; one more ends its oldest."""
RATE = 200.0
"""Connections that one host may open in a second."""
BURST = 200.0
"""Those that it may open at once."""
AT_ONCE = 16
"""Connections that are taken in one turn: others have theirs between two."""
FULL_SECONDS = 0.05
"""Seconds after which it tries again where the system has no room for one more."""


class Pace:
    """How much may be done: `burst` at once, and `rate` in each second that follows."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._ahead = burst / rate
        self._until = 0.0
        """When all that was taken is paid for, as `time.monotonic` has it."""

    def take(self, units: float = 1.0) -> float:
        """Take `units`; return the seconds to wait before they are used."""
        now = time.monotonic()
        self._until = max(self._until, now) + units / self._rate
        return max(self._until - now - self._ahead, 0.0)

    def admits(self, units: float = 1.0) -> bool:
        """Take `units` if they may be used at once; return whether they may."""
        now = time.monotonic()
        until = max(self._until, now) + units / self._rate
        if until - now > self._ahead:
            return False
        self._until = until
        return True


@dataclass(kw_only=True)
class HostClients:
    """What one host has open, and how fast it comes."""

    arrivals: Pace = field(default_factory=lambda: Pace(RATE, BURST))
    open: dict[object, Callable[[], None]] = field(default_factory=dict)
    """What cuts each connection, in the order in which they came."""


class Admission:
    """The clients of a program, by their hosts."""

    def __init__(self) -> None:
        self._hosts: dict[str, HostClients] = {}

    def admits(self, host: str) -> bool:
        """Return whether one more connection of `host` is taken now."""
        return self._of(host).arrivals.admits()

    def enter(self, host: str, client: object, cut: Callable[[], None]) -> None:
        """Count a client in, which `cut` ends; where its host has too many, the oldest ends."""
        clients = self._of(host).open
        clients[client] = cut
        if len(clients) > CLIENTS:
            clients.pop(next(iter(clients)))()

    def leave(self, host: str, client: object) -> None:
        """Count a client out."""
        self._of(host).open.pop(client, None)

    def cut(self, but: object = None) -> None:
        """Cut every connection but one."""
        for host in self._hosts.values():
            for client, cut in tuple(host.open.items()):
                if client is not but:
                    cut()

    def forget(self) -> None:
        """Let no host wait for what it did so far; what is connected counts on."""
        for host in self._hosts.values():
            host.arrivals = Pace(RATE, BURST)

    def _of(self, host: str) -> HostClients:
        return self._hosts.setdefault(host, HostClients())


class PortListener:
    """A port that is listened on: each connection gets a protocol, or is closed at once."""

    def __init__(
        self, port: int, admission: Admission, protocol: Callable[[str], asyncio.Protocol]
    ) -> None:
        """`protocol` makes one for a client of a host. Call it where the event loop runs."""
        self._admission = admission
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._joining: set[asyncio.Task[None]] = set()
        self._socket = socket.create_server((ANYWHERE, port), backlog=BACKLOG)
        self._socket.settimeout(0)
        self._loop.add_reader(self._socket, self._take)

    def close(self) -> None:
        """Listen no longer."""
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def _take(self) -> None:
        for _ in range(AT_ONCE):
            try:
                taken, peer = self._socket.accept()
            except ConnectionAbortedError:
                continue
            except (BlockingIOError, InterruptedError):
                return
            except OSError:  # too many files, or too little memory
                self._loop.remove_reader(self._socket)
                self._loop.call_later(FULL_SECONDS, self._resume)
                return
            host = str(peer[0])
            if not self._admission.admits(host):
                taken.close()
                continue
            taken.settimeout(0)
            task = self._loop.create_task(self._join(taken, host))
            self._joining.add(task)
            task.add_done_callback(self._joining.discard)

    def _resume(self) -> None:
        if self._socket.fileno() >= 0:
            self._loop.add_reader(self._socket, self._take)

    async def _join(self, taken: socket.socket, host: str) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: self._protocol(host), taken)
        except OSError:
            taken.close()
