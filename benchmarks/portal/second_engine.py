"""A second Docker engine on this machine, in a network namespace of its own.

Two engines in one namespace remove each other's rules and bridge. Root alone can make it, with
`ip`, `iptables` and `nsenter`. Nothing is left of it: namespace, rules, processes, files.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from grader.waiting import wait_until

OUTSIDE, INSIDE, SUBNET = "10.213.77.1", "10.213.77.2", "10.213.77.0/30"
LINK = "grader-second"
"""The name of the namespace, and of the host's end of the link to it."""
START_SECONDS = 60.0
STOP_SECONDS = 20.0
CHUNK = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class SecondEngine:
    """Where it is, and how programs run alongside it."""

    folder: Path

    @property
    def host(self) -> str:
        """The URL of its socket, as DOCKER_HOST has it."""
        return f"unix://{self.folder}/docker.sock"

    @property
    def within(self) -> list[str]:
        """What stands in front of a command, so that it runs in the engine's namespace."""
        return ["nsenter", f"--net=/run/netns/{LINK}"]

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which the grader uses it, with a state of its own."""
        return {"DOCKER_HOST": self.host, "GRADER_STATE": str(self.folder / "state")}

    def docker(self, *arguments: str, stdin: int | None = None) -> str:
        """Run the docker command line against it. Raises `CalledProcessError`."""
        command = ["docker", "--host", self.host, *arguments]
        return subprocess.run(
            command, check=True, stdin=stdin, stdout=subprocess.PIPE, text=True
        ).stdout

    def load(self, references: list[str]) -> None:
        """Give it images of the first engine."""
        with subprocess.Popen(["docker", "save", *references], stdout=subprocess.PIPE) as saving:
            assert saving.stdout is not None
            self.docker("load", "--quiet", stdin=saving.stdout.fileno())


@contextmanager
def second_engine(folder: Path) -> Iterator[SecondEngine]:
    """Start an engine that has all its files in `folder`; it ends with the block."""
    with ExitStack() as undo:
        _connect(undo)
        engine = SecondEngine(folder=folder)
        daemon = _start(engine)
        undo.callback(_stop, daemon)
        undo.callback(_stop_index, engine)
        if not wait_until(lambda: _answers(engine), within=START_SECONDS, poll=0.05):
            msg = f"The second engine does not start; see {folder}/dockerd.log."
            raise TimeoutError(msg)
        yield engine


@contextmanager
def reachable(port: int) -> Iterator[tuple[str, int]]:
    """Have the namespace reach a port of this machine's loopback; gives the address there."""
    with socket.create_server((OUTSIDE, 0)) as listener:
        threading.Thread(target=_accept, args=(listener, port), daemon=True).start()
        yield OUTSIDE, int(listener.getsockname()[1])


def _connect(undo: ExitStack) -> None:
    """Make the namespace, a link to it, and its way out through this machine."""
    _run("ip", "netns", "add", LINK)
    undo.callback(_run, "ip", "netns", "delete", LINK)
    _run("ip", "link", "add", LINK, "type", "veth", "peer", "name", "eth0", "netns", LINK)
    undo.callback(_run, "ip", "link", "delete", LINK)
    for name, address, place in ((LINK, OUTSIDE, []), ("eth0", INSIDE, ["-n", LINK])):
        _run("ip", *place, "address", "add", f"{address}/30", "dev", name)
        _run("ip", *place, "link", "set", name, "up")
    _run("ip", "-n", LINK, "link", "set", "lo", "up")
    _run("ip", "-n", LINK, "route", "add", "default", "via", OUTSIDE)
    for rule in (
        ["-t", "nat", "POSTROUTING", "-s", SUBNET, "-j", "MASQUERADE"],
        ["FORWARD", "-i", LINK, "-j", "ACCEPT"],
        ["FORWARD", "-o", LINK, "-j", "ACCEPT"],
    ):
        table = rule[:2] if rule[0] == "-t" else []
        chain = rule[len(table) :]
        _run("iptables", "-w", "5", *table, "-A", *chain)
        undo.callback(_run, "iptables", "-w", "5", *table, "-D", *chain)


def _start(engine: SecondEngine) -> subprocess.Popen[bytes]:
    folder = engine.folder
    options = {
        "data-root": folder / "data", "exec-root": folder / "exec", "pidfile": folder / "pid",
        "host": engine.host,
    }  # fmt: skip
    command = [*engine.within, "dockerd", *(f"--{name}={value}" for name, value in options.items())]
    with (folder / "dockerd.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)


def _stop(daemon: subprocess.Popen[bytes]) -> None:
    daemon.terminate()
    try:
        daemon.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(daemon.pid, signal.SIGKILL)
        daemon.wait()


def _stop_index(engine: SecondEngine) -> None:
    """End the package index of the workers there, which runs on for other runs."""
    command = [*engine.within, sys.executable, "-m", "grader", "index", "stop"]
    subprocess.run(command, check=False, env=os.environ | engine.environment)


def _answers(engine: SecondEngine) -> bool:
    try:
        return bool(engine.docker("version", "--format", "{{.Server.Version}}").strip())
    except subprocess.CalledProcessError:
        return False


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _accept(listener: socket.socket, port: int) -> None:
    while True:
        try:
            near, _ = listener.accept()
        except OSError:
            return  # the block is over
        far = socket.create_connection(("127.0.0.1", port))
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(CHUNK):
            target.sendall(chunk)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def missing() -> list[str]:
    """Return the programs that it needs and that are not there."""
    return [name for name in ("dockerd", "ip", "iptables", "nsenter") if not shutil.which(name)]
