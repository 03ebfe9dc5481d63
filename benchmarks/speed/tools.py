"""What the naive ways have in common: the docker command, and a look once a second."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
import requests

from grader.app_spec import Readiness

WAIT = 1.0
"""Seconds between two looks, as in every tutorial and in testcontainers."""
PATIENCE = 60.0
ALONE = 6.0
"""Seconds that an app without one of its variables is watched."""


@dataclass(frozen=True, kw_only=True)
class Bases:
    """What the images of this machine are called."""

    mysql: str
    contexts: dict[str, str]
    """Images that a Dockerfile names, to those that are there."""
    hosts: dict[str, str]


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def docker(*command: str, cwd: Path | None = None) -> str:
    """Return what a docker command prints."""
    done = subprocess.run(
        ["docker", *command], check=False, capture_output=True, text=True, cwd=cwd
    )
    if done.returncode:
        msg = f"docker {' '.join(command)}: {done.stderr}"
        raise RuntimeError(msg)
    return done.stdout.strip()


def wait_until(holds: Callable[[], bool]) -> None:
    """Look once a second."""
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            msg = "it did not become ready"
            raise TimeoutError(msg)
        time.sleep(WAIT)


def answers(port: int, ready: Readiness) -> bool:
    """Return whether an app on `port` answers as it should."""
    try:
        reply = requests.get(f"http://127.0.0.1:{port}{ready.path}", timeout=5)
    except requests.RequestException:
        return False
    return reply.status_code == ready.status


def mysql_answers(access: Mapping[str, Any]) -> bool:
    """Return whether MySQL takes connections."""
    try:
        pymysql.connect(
            host=access["host"], port=access["port"], user="root", password=access["password"],
            connect_timeout=2,
        ).close()  # fmt: skip
    except pymysql.err.MySQLError:
        return False
    return True


def watch_alone(container: str, port: int, ready: Readiness) -> dict[str, Any]:
    """Return what becomes of an app that lacks one of its variables."""
    end, running = time.monotonic() + ALONE, True
    while time.monotonic() < end:
        running = docker("inspect", "-f", "{{.State.Running}}", container) == "true"
        if not running or answers(port, ready):
            break
        time.sleep(WAIT)
    return {
        "asked": True, "started": running, "status": None, "reason": "",
        "host": "127.0.0.1", "port": port if running else 0,
    }  # fmt: skip
