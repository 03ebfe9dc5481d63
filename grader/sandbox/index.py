"""The local package index: what `pip install` in a build talks to.

`proxpi` caches what the host's own index gives, so that a package is fetched once for all builds,
and builds work on networks whose TLS only the host trusts. It is a process of its own that runs go
on sharing; it listens only where builds reach it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import requests

from grader import process
from grader.errors import PlatformError
from grader.sandbox.engine import Engine, translated
from grader.sandbox.lock import locked
from grader.settings import Settings
from grader.text import last_lines

START_SECONDS = 20.0
STOP_SECONDS = 5.0
POLL = 0.03
DOWNLOAD_SECONDS = "120"
"""proxpi sends pip elsewhere when a download takes longer, and elsewhere a build cannot go."""
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class IndexAddress:
    """Where the index is."""

    host: str
    """The address on this host that it listens on."""
    port: int
    build_address: str
    """What a build gives to `--add-host` for it."""


@dataclass(frozen=True, kw_only=True)
class _Record:
    """The process that serves it, as its file says."""

    pid: int
    started: float
    host: str
    port: int


def ensure(engine: Engine, settings: Settings) -> IndexAddress:
    """The index's address; it is started where it does not run yet.

    Raises `PlatformError` where it does not start, or something else has its port.
    """
    address = _address(engine, settings)
    record = _running(settings)
    if record and (record.host, record.port) == (address.host, address.port):
        return address
    with locked(settings.state / "locks" / "index"):
        record = _running(settings)
        if record and (record.host, record.port) != (address.host, address.port):
            _end(record, settings)  # the engine's bridge or the port setting has changed
            record = None
        if record is None:
            _start(address, settings)
    return address


def answers(settings: Settings) -> bool:
    """Whether the index runs and answers."""
    record = _running(settings)
    return record is not None and _healthy(record.host, record.port)


def stop(settings: Settings) -> bool:
    """End the index; whether there was one."""
    with locked(settings.state / "locks" / "index"):
        record = _running(settings)
        if record is None:
            return False
        _end(record, settings)
        return True


def describe(settings: Settings) -> str:
    """A line on where it listens and how much it has cached."""
    record = _running(settings)
    size = sum(path.stat().st_size for path in _cache(settings).rglob("*") if path.is_file())
    cached = f"{size / 1024**2:.0f} MiB cached in {_cache(settings)}"
    if record is None:
        return f"not running; {cached}"
    state = "answers" if _healthy(record.host, record.port) else "does not answer"
    return f"{state} at {record.host}:{record.port} (process {record.pid}); {cached}"


def _address(engine: Engine, settings: Settings) -> IndexAddress:
    """The bridge's own address on Linux; loopback where containers run in a virtual machine."""
    with translated():
        rows = engine.client.api.inspect_network("bridge")["IPAM"]["Config"] or []
    gateways = [row["Gateway"] for row in rows if "." in row.get("Gateway", "")]
    if gateways and _is_ours(gateways[0]):
        host = gateways[0]
        return IndexAddress(host=host, port=settings.index_port, build_address=host)
    return IndexAddress(host=LOOPBACK, port=settings.index_port, build_address="host-gateway")


def _is_ours(address: str) -> bool:
    """Whether this host has that address."""
    import psutil

    return any(
        entry.address == address for entries in psutil.net_if_addrs().values() for entry in entries
    )


def _cache(settings: Settings) -> Path:
    return settings.state / "index" / "packages"


def _file(settings: Settings) -> Path:
    return settings.state / "index" / "process.json"


def _running(settings: Settings) -> _Record | None:
    """The process in the file, if it is that very process; a stale file counts for nothing."""
    import psutil

    try:
        record = _Record(**json.loads(_file(settings).read_text("utf-8")))
        started = psutil.Process(record.pid).create_time()
    except (OSError, ValueError, TypeError, psutil.Error):
        return None
    return record if abs(started - record.started) < 0.05 else None


def _healthy(host: str, port: int) -> bool:
    try:
        return requests.get(f"http://{host}:{port}/health", timeout=2).ok
    except requests.RequestException:
        return False


def _start(address: IndexAddress, settings: Settings) -> None:
    import psutil

    _require_free(address)
    _cache(settings).mkdir(parents=True, exist_ok=True)
    log = settings.state / "index" / "log"
    with log.open("wb") as output:
        child = process.spawn(
            [
                sys.executable,
                "-m",
                "waitress",
                f"--host={address.host}",
                f"--port={address.port}",
                "--threads=8",
                "proxpi.server:app",
            ],
            env=os.environ | _configuration(settings),
            cwd=_cache(settings).parent,
            output=output.fileno(),
        )
    record = _Record(
        pid=child.pid,
        started=psutil.Process(child.pid).create_time(),
        host=address.host,
        port=address.port,
    )
    _file(settings).write_text(json.dumps(asdict(record)), "utf-8")
    end = time.monotonic() + START_SECONDS
    while not _healthy(address.host, address.port):
        if child.poll() is not None or time.monotonic() > end:
            said = last_lines(log.read_text("utf-8", "replace"), 8)
            msg = f"The package index does not start; its log {log} ends with:\n{said}"
            raise PlatformError(msg)
        time.sleep(POLL)


def _require_free(address: IndexAddress) -> None:
    """Refuse a port that something else has: a build would get its packages from a stranger."""
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            msg = (
                f"The package index cannot listen on {address.host}:{address.port} "
                f"({error.strerror}). End what uses that port, or set GRADER_INDEX_PORT to "
                "another one and run `grader images prepare`."
            )
            raise PlatformError(msg) from error


def _configuration(settings: Settings) -> dict[str, str]:
    found = {
        "PROXPI_CACHE_DIR": str(_cache(settings)),
        "PROXPI_DOWNLOAD_TIMEOUT": DOWNLOAD_SECONDS,
        "PROXPI_CONNECT_TIMEOUT": "5",
        "PROXPI_READ_TIMEOUT": "30",
        "PROXPI_LOGGING_LEVEL": "WARNING",
    }
    upstream = _upstream()
    return found | {"PROXPI_INDEX_URL": upstream} if upstream else found


def _upstream() -> str:
    """The index that this host's pip uses; empty where it has only its default."""
    done = process.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
        deadline=20,
        check=False,
    )
    configured = done.tail.strip() if done.returncode == 0 else ""
    return os.environ.get("PIP_INDEX_URL") or configured


def _end(record: _Record, settings: Settings) -> None:
    """End the process, which may be this one's child or that of a run long over."""
    import psutil

    running = psutil.Process(record.pid)
    running.send_signal(signal.SIGTERM)
    try:
        running.wait(timeout=STOP_SECONDS)
    except (psutil.TimeoutExpired, subprocess.TimeoutExpired):
        running.kill()
        running.wait(timeout=STOP_SECONDS)
    _file(settings).unlink(missing_ok=True)
