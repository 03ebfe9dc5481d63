"""What the naive ways have in common: the docker command, and a look once a second."""

from __future__ import annotations

import math
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

from grader.app_spec import Readiness
from grader.exam.operations import StartedProbe, TerminatedApp
from grader.sandbox.engine import Engine
from grader.settings import Settings

WAIT = 1.0
"""Seconds between two looks, as in every tutorial and in testcontainers."""
PATIENCE = 60.0
ALONE = 6.0
"""Seconds that an app without one of its variables is watched."""
KILLED = 137
"""How a container ends that SIGKILL has ended."""


@dataclass(frozen=True, kw_only=True)
class Bases:
    """What the images of this machine are called, and the engine that has them."""

    engine: Engine
    settings: Settings
    stock: Mapping[str, str]
    """Images of services, such as `mysql:8.4`, to those that are there."""
    contexts: Mapping[str, str]
    """Images that a Dockerfile names, to those that are there."""
    hosts: Mapping[str, str]


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def docker(*command: str, cwd: Path | None = None) -> str:
    """Return what a docker command prints to its standard output."""
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
    return ready.accepts(reply.status_code)


def printed(container: str, *options: str) -> str:
    """Return what the app in `container` has printed, to either of its outputs."""
    done = subprocess.run(
        ["docker", "logs", *options, container], check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace",
    )  # fmt: skip
    return done.stdout


def address_of(container: str) -> str:
    """Return an IP address that a container of this machine has."""
    template = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}"
    return docker("inspect", "-f", template, container).split()[0]


def terminate(container: str, within: float) -> TerminatedApp:
    """Stop a container as `docker stop` does, and return how it ended."""
    began = time.monotonic()
    docker("stop", "-t", str(math.ceil(within)), container)
    seconds = time.monotonic() - began
    code = int(docker("inspect", "-f", "{{.State.ExitCode}}", container))
    return TerminatedApp(exit_code=code, seconds=seconds, killed=code == KILLED)


def watch_alone(container: str, port: int, ready: Readiness) -> StartedProbe:
    """Return what becomes of an app that lacks one of its variables."""
    end, running = time.monotonic() + ALONE, True
    while time.monotonic() < end:
        running = docker("inspect", "-f", "{{.State.Running}}", container) == "true"
        if not running or answers(port, ready):
            break
        time.sleep(WAIT)
    return StartedProbe(asked=True, started=running, host="127.0.0.1", port=port if running else 0)
