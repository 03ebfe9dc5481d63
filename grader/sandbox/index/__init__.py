"""The local package index: what `pip install` and `apt-get` in a build talk to.

`proxpi` caches what the host's own index gives, so that a package is fetched once for all builds,
and builds work on networks whose TLS only the host trusts. It is a process of its own that runs go
on sharing; it listens only where builds reach it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox import build_network
from grader.sandbox.build_network import BuildBridge
from grader.sandbox.engine import Engine, translated
from grader.sandbox.file_lock import locked
from grader.sandbox.index import server
from grader.settings import Settings

LOOPBACK = "127.0.0.1"
FAULT_SECONDS = 120.0
"""How long a fault of the index above this one is held against it."""


@dataclass(frozen=True, kw_only=True)
class IndexAddress:
    """Where the index is."""

    host: str
    """The address on this host that it listens on."""
    port: int
    build_address: str
    """What a build gives to `--add-host` for it."""
    bridge: BuildBridge | None = None
    """The bridge of builds, where it is on this machine."""


def ensure(engine: Engine, settings: Settings) -> IndexAddress:
    """Return the index's address.

    It is started where it does not run yet, and builds are let to it.

    Raises `PlatformError` where it does not start, or something else has its port.
    """
    address = _address(engine, settings)
    build_network.close(address.bridge, settings)
    if _serves(server.running(settings), address):
        return address
    with locked(settings.state / "locks" / "index"):
        record = server.running(settings)
        if not _serves(record, address):
            if record is not None:
                server.end(
                    record, settings
                )  # it hangs, or the bridge or the port setting has changed
            server.start(address.host, address.port, settings)
    return address


def confine(address: IndexAddress, settings: Settings) -> str:
    """Make sure that builds reach the index alone; return why that cannot be, or empty text."""
    return build_network.close(address.bridge, settings)


def confinement(engine: Engine, settings: Settings) -> str:
    """Return why builds cannot be kept from all but the index here; empty where they can."""
    return build_network.obstacle(_address(engine, settings).bridge)


def weakness() -> str:
    """Return what builds that are kept from all but the index can do all the same, or nothing."""
    return build_network.weakness()


def answers(settings: Settings) -> bool:
    """Return whether the index runs, and what it asks of the index above it was answered lately.

    A build that failed while this is not so may have failed for that.
    """
    record = server.running(settings)
    state = server.state(record.host, record.port) if record else None
    if state is None:
        return False
    age = state["fault_age"]
    return age is None or age > FAULT_SECONDS


def archive_fault(settings: Settings, *, within: float, confirm: bool = False) -> str:
    """Return why a package archive could not be had in the last `within` seconds.

    Empty where all could.

    The index's own record: what a build prints plays no part in it. What a build asks for is its
    author's choice, though: with `confirm` a fault counts only while this machine cannot have what
    is surely in that archive. One that no image of an exam uses never counts.
    """
    record = server.running(settings)
    state = server.state(record.host, record.port) if record else None
    for one in reversed((state or {}).get("archives", ())):
        known = one["expected"]
        if not known or one["age"] > within or record is None:
            continue
        if not confirm or not server.can_have(record.host, record.port, known):
            return f"{one['url']}: {one['said']}"
    return ""


def stop(settings: Settings) -> bool:
    """End the index; whether there was one."""
    with locked(settings.state / "locks" / "index"):
        record = server.running(settings)
        if record is not None:
            server.end(record, settings)
    build_network.open_again(record.port if record else settings.index_port, settings)
    return record is not None


def describe(settings: Settings) -> str:
    """Return a line on where it listens and how much it has cached."""
    record = server.running(settings)
    packages, archives = server.cache(settings), server.archive_cache(settings)
    cached = (
        f"{_mebibytes(packages)} MiB of Python's packages cached in {packages}, "
        f"{_mebibytes(archives)} MiB of Debian's in {archives}"
    )
    if record is None:
        return f"not running; {cached}"
    state = server.state(record.host, record.port)
    said = "answers" if state else "does not answer"
    faults = [one for one in (state or {}).get("archives", ()) if one["age"] <= FAULT_SECONDS]
    lately = f"; lately: {faults[-1]['said']}" if faults else ""
    return f"{said} at {record.host}:{record.port} (process {record.pid}); {cached}{lately}"


def _mebibytes(folder: Path) -> str:
    """Return how much the files in `folder` have."""
    size = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # the index removes what is oldest
            size += path.stat().st_size if path.is_file() else 0
    return f"{size / 1024**2:.0f}"


def _address(engine: Engine, settings: Settings) -> IndexAddress:
    """Return the bridge's own address on Linux.

    Loopback where containers run in a virtual machine.
    """
    with translated():
        network = engine.client.api.inspect_network("bridge")
    rows = network["IPAM"]["Config"] or []
    gateways = [row["Gateway"] for row in rows if "." in row.get("Gateway", "")]
    if gateways and _is_ours(gateways[0]):
        host = gateways[0]
        name = network["Options"].get("com.docker.network.bridge.name", "docker0")
        bridge = BuildBridge(name=name, address=host, port=settings.index_port)
        return IndexAddress(host=host, port=bridge.port, build_address=host, bridge=bridge)
    return IndexAddress(host=LOOPBACK, port=settings.index_port, build_address="host-gateway")


def _is_ours(address: str) -> bool:
    """Return whether this host has that address."""
    import psutil

    return any(
        entry.address == address for entries in psutil.net_if_addrs().values() for entry in entries
    )


def _serves(record: server.Record | None, address: IndexAddress) -> bool:
    """Return whether the process of `record` is at `address` and answers there."""
    if record is None or (record.host, record.port) != (address.host, address.port):
        return False
    return server.state(address.host, address.port) is not None
