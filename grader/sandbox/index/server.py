"""The process that serves the local package index: started, found again, ended.

A file names it by id and by the moment it began, so that a file which a killed machine left
behind, or a process that has the same id by chance, counts for nothing.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import requests

from grader import process
from grader.errors import PlatformError
from grader.sandbox.authority import authority, key_file
from grader.sandbox.images import bootstrap
from grader.sandbox.index.app import NAME, STATE_PATH
from grader.sandbox.index.archives import SETTING
from grader.settings import Settings
from grader.text import last_lines
from grader.waiting import wait_until

START_SECONDS = 20.0
STOP_SECONDS = 5.0
POLL = 0.03
DOWNLOAD_SECONDS = "120"
"""proxpi sends pip elsewhere when a download takes longer, and elsewhere a build cannot go."""
BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)
"""Where systems keep all authorities that they trust."""
PROBE_SECONDS = 30.0
"""How long an archive may take to show that it can be had."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """The process that serves the index, as its file says."""

    pid: int
    began: str
    """When it began, as `process.began` tells."""
    host: str
    port: int


def cache(settings: Settings) -> Path:
    """Return where the packages are kept."""
    return settings.state / "index" / "packages"


def archive_cache(settings: Settings) -> Path:
    """Return where what apt fetched is kept."""
    return settings.state / "index" / "archives"


def running(settings: Settings) -> Record | None:
    """Return the process in the file, if it is that very process.

    A stale file counts for nothing.
    """
    import psutil

    try:
        record = Record(**json.loads(_file(settings).read_text("utf-8")))
        ended = psutil.Process(record.pid).status() == psutil.STATUS_ZOMBIE
    except (OSError, ValueError, TypeError, psutil.Error):
        return None
    return record if not ended and process.began(record.pid) == record.began else None


def state(host: str, port: int) -> dict[str, Any] | None:
    """Return what the index says of itself.

    None where it does not answer or another program does.
    """
    try:
        with requests.Session() as session:
            session.trust_env = False  # a proxy of the host's leads elsewhere
            said = session.get(f"http://{host}:{port}{STATE_PATH}", timeout=2).json()
    except (requests.RequestException, ValueError):
        return None
    return said if isinstance(said, dict) and said.get("name") == NAME else None


def can_have(host: str, port: int, url: str) -> bool:
    """Return whether the index at `host` gives the file `url` of an archive, now or lately."""
    through = {"http": f"http://{host}:{port}"}
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.head(url, proxies=through, timeout=PROBE_SECONDS).status_code == 200
    except requests.RequestException:
        return False


def start(host: str, port: int, settings: Settings) -> None:
    """Start it and wait until it answers. Raises `PlatformError` where it does not."""
    _require_free(host, port)
    authority(settings)
    cache(settings).mkdir(parents=True, exist_ok=True)
    log = settings.state / "index" / "log"
    with log.open("wb") as output:
        child = process.spawn(
            _command(host, port, key_file(settings)),
            env=os.environ | _configuration(settings),
            cwd=cache(settings).parent,
            output=output.fileno(),
        )
    record = Record(pid=child.pid, began=process.began(child.pid), host=host, port=port)
    _file(settings).write_text(json.dumps(asdict(record)), "utf-8")
    answers = False

    def is_over() -> bool:
        nonlocal answers
        answers = state(host, port) is not None
        return answers or child.poll() is not None

    wait_until(is_over, within=START_SECONDS, poll=POLL)
    if not answers:
        process.kill_group(child)
        said = last_lines(log.read_text("utf-8", "replace"), 8)
        msg = f"The package index does not start; its log {log} ends with:\n{said}"
        raise PlatformError(msg)
    child.returncode = 0  # it outlives this process, which must not wait for it or warn of it


def end(record: Record, settings: Settings) -> None:
    """End the process, which may be this one's child or that of a run long over."""
    import psutil

    ending = psutil.Process(record.pid)
    ending.send_signal(signal.SIGTERM)
    try:
        ending.wait(timeout=STOP_SECONDS)
    except (psutil.TimeoutExpired, subprocess.TimeoutExpired):
        ending.kill()
        ending.wait(timeout=STOP_SECONDS)
    _file(settings).unlink(missing_ok=True)


def _file(settings: Settings) -> Path:
    return settings.state / "index" / "process.json"


def _command(host: str, port: int, authority_file: Path) -> list[str]:
    serve = [sys.executable, "-m", "grader.sandbox.index.serve", f"--host={host}"]
    return [*serve, f"--port={port}", f"--authority={authority_file}"]


def _require_free(host: str, port: int) -> None:
    """Refuse a port that something else has: a build would get its packages from a stranger."""
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            msg = (
                f"The package index cannot listen on {host}:{port} ({error.strerror}). End what "
                "uses that port, or set GRADER_INDEX_PORT to another one and run "
                "`grader images prepare`."
            )
            raise PlatformError(msg) from error


def _configuration(settings: Settings) -> dict[str, str]:
    found = {
        "PROXPI_CACHE_DIR": str(cache(settings)),
        "PROXPI_DOWNLOAD_TIMEOUT": DOWNLOAD_SECONDS,
        "PROXPI_CONNECT_TIMEOUT": "5",
        "PROXPI_READ_TIMEOUT": "30",
        "PROXPI_LOGGING_LEVEL": "WARNING",
    }
    if upstream := _pip_setting("index-url"):
        found["PROXPI_INDEX_URL"] = upstream
    extra = [url for url in _pip_setting("extra-index-url").split() if url.startswith("http")]
    if extra:
        found["PROXPI_EXTRA_INDEX_URLS"] = ",".join(extra)
    bundle = _pip_setting("cert") or next((name for name in BUNDLES if Path(name).exists()), "")
    if bundle and not os.environ.get("REQUESTS_CA_BUNDLE"):
        found["REQUESTS_CA_BUNDLE"] = bundle  # requests knows only authorities of its own
    archives = {
        "bases": bootstrap.host_archives(),
        "proxies": bootstrap.host_proxies(),
        "cache": str(archive_cache(settings)),
    }
    return found | {SETTING: json.dumps(archives)}


def _pip_setting(name: str) -> str:
    """Return what this host's pip has set for `name`; empty where it has its default."""
    variable = f"PIP_{name.upper().replace('-', '_')}"
    if variable in os.environ:
        return os.environ[variable]
    done = process.run(
        [sys.executable, "-m", "pip", "config", "get", f"global.{name}"], deadline=20, check=False
    )
    return done.tail.strip() if done.returncode == 0 else ""
