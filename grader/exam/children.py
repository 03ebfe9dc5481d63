"""The processes that suites run in: one started for one exam, or forked for each of many."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from grader import process
from grader.errors import PlatformError

ANSWER_SECONDS = 60.0
"""How long the process that forks suites' processes may take to do so."""


class Child(Protocol):
    """A suite's process."""

    def status(self, within: float) -> int | None:
        """Return how it ended, waited for at most `within` seconds; None where it runs."""

    def end(self) -> None:
        """End it with all that it has started."""


Starter = Callable[[int, Path, int], Child]
"""`start(channel, scratch, output)`: two descriptors that it inherits, and its own folder."""


class Spawned:
    """A process of its own."""

    def __init__(self, channel: int, scratch: Path, output: int) -> None:
        self._child = process.spawn(
            [sys.executable, "-I", "-m", "grader.exam", str(channel)],
            env=environment(str(scratch)), cwd=scratch, pass_fds=[channel], output=output,
        )  # fmt: skip

    def status(self, within: float) -> int | None:
        """Return how it ended, waited for at most `within` seconds; None where it runs."""
        try:
            return self._child.wait(timeout=within)
        except subprocess.TimeoutExpired:
            return None

    def end(self) -> None:
        """End it with all that it has started."""
        process.kill_group(self._child, grace=0.2)


class ForkServer:
    """Forks suites' processes from one that has loaded everything already. Close it at the end."""

    def __init__(self, folder: Path | None = None) -> None:
        """Its own folder is made in `folder`; None: where temporary ones are."""
        self._scratch = tempfile.TemporaryDirectory(prefix="grader-forkserver-", dir=folder)
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(ANSWER_SECONDS)
        log = Path(self._scratch.name, "output")
        with theirs, log.open("wb") as output:
            self._child = process.spawn(
                [sys.executable, "-I", "-m", "grader.exam.forkserver", str(theirs.fileno())],
                env=environment(self._scratch.name), cwd=Path(self._scratch.name),
                pass_fds=[theirs.fileno()], output=output.fileno(),
            )  # fmt: skip

    def fork(self, channel: int, scratch: Path, output: int) -> Child:
        """Return a new suite's process. Raises `PlatformError` where the server has gone."""
        pid = self.ask({"scratch": str(scratch)}, channel, output)["pid"]
        return Forked(self, int(pid))

    def ask(self, request: dict[str, Any], *descriptors: int) -> dict[str, Any]:
        """Send a request and give its answer. Raises `PlatformError` where the server has gone."""
        try:
            with self._lock:
                socket.send_fds(self._socket, [json.dumps(request).encode()], list(descriptors))
                raw = self._socket.recv(4096)
        except OSError as error:
            raw, why = b"", str(error)
        else:
            why = "it has ended"
        if not raw:
            msg = f"The process that starts the suites does not answer ({why}); grade again."
            raise PlatformError(msg)
        answer: dict[str, Any] = json.loads(raw)
        return answer

    def close(self) -> None:
        """End it, and with it every suite's process that is left."""
        self._socket.close()
        process.kill_group(self._child, grace=1.0)
        self._scratch.cleanup()


class Forked:
    """A process that a `ForkServer` has forked."""

    def __init__(self, server: ForkServer, pid: int) -> None:
        self._server = server
        self._pid = pid
        self._status: int | None = None

    def status(self, within: float) -> int | None:
        """Return how it ended, waited for at most `within` seconds; None where it runs."""
        until = threading.Event()  # never set: a wait that is no sleep of a fixed time
        for _ in range(max(int(within / process.POLL), 1)):
            if self._status is None:
                self._status = self._server.ask({"look": self._pid})["status"]
            if self._status is not None:
                break
            until.wait(process.POLL)
        return self._status

    def end(self) -> None:
        """End it with all that it has started; a server that has gone has done so."""
        if self._status is None:
            with suppress(PlatformError):
                self._status = self._server.ask({"end": self._pid})["status"]


def environment(home: str) -> dict[str, str]:
    """Next to nothing: no proxies, no settings of pytest, nothing of the caller's."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": home,
        "LC_ALL": "C.UTF-8",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "NO_COLOR": "1",
    }
