"""Which ports a container listens on, whatever its image holds.

Read from its network namespace by a helper container, so that it works where containers run in a
virtual machine (Docker Desktop) as it does on Linux.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.sandbox.engine import Engine, translated

RESOLVER = "0B00007F"
"""127.0.0.11: Docker's own name server, which listens in every container."""
SECONDS = 20
"""How long the table of a namespace may take to be read."""
LISTENING = "0A"
"""The state of a listening socket in /proc/net/tcp (linux/include/net/tcp_states.h)."""


@dataclass(frozen=True, kw_only=True, order=True)
class Listener:
    """A listening TCP socket."""

    port: int
    loopback: bool
    """Whether only the container itself can reach it."""


def listening(
    engine: Engine, image: str, container: str, labels: Mapping[str, str]
) -> tuple[Listener, ...]:
    """Return the TCP sockets that `container`, which must run, listens on. `image` has `cat`."""
    api = engine.client.api
    with translated():
        host = api.create_host_config(network_mode=f"container:{container}", cap_drop=["ALL"])
        helper = api.create_container(
            image, ["cat", "/proc/net/tcp", "/proc/net/tcp6"], labels=dict(labels), host_config=host
        )["Id"]
        try:
            api.start(helper)
            api.wait(helper, timeout=SECONDS)
            output = api.logs(helper)
        finally:
            api.remove_container(helper, force=True, v=True)
    return parse(output.decode("ascii", "replace"))


def parse(table: str) -> tuple[Listener, ...]:
    """Return the listening sockets of the text of /proc/net/tcp and tcp6, sorted."""
    found = set()
    for line in table.splitlines():
        fields = line.split()
        if len(fields) > 3 and fields[3] == LISTENING:
            address, _, port = fields[1].partition(":")
            if address == RESOLVER:
                continue
            # addresses are little-endian words: 127.0.0.1 is 0100007F, ::1 ends in 01000000
            mapped = address.removeprefix("0" * 16 + "FFFF0000")
            local = mapped.endswith("7F") if len(mapped) == 8 else address == "0" * 24 + "01000000"
            found.add(Listener(port=int(port, 16), loopback=local))
    return tuple(sorted(found))
