"""What happens when the run, the grader or the engine is cut off: no score, and nothing left."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psutil import process_iter

from grader.sandbox.engine import Engine
from grader.sandbox.labels import OWNER, RUN
from grader.settings import Settings

pytestmark = pytest.mark.alone

HERE = Path(__file__).parent
GRADER = """
import signal
from grader.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""
"""The command. Tests that run in the background, and so their children, would not hear Ctrl-C."""
EXAMS = {
    "probe": HERE.parent / "submissions" / "healthy",
    "probe-compose": HERE.parent / "submissions" / "compose-healthy",
}
PHASES = ("intake", "build", "provision", "launch", "examine", "teardown")
SECONDS = 90.0


def start(
    state: Path, *, env: dict[str, str] | None = None, exam: str = "probe"
) -> subprocess.Popen[str]:
    """`grader grade` on the exam's healthy submission, telling what it does as it goes."""
    source = str(EXAMS[exam])
    return subprocess.Popen(
        [sys.executable, "-u", "-c", GRADER, "grade", exam, source, "--json", "-"],
        env=os.environ
        | {"GRADER_STATE": str(state), "GRADER_CHALLENGES": str(HERE.parent / "challenges")}
        | (env or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(child: subprocess.Popen[str], phase: str) -> None:
    """Return once the run has got into `phase`."""
    assert child.stderr is not None
    end = time.monotonic() + SECONDS
    for line in child.stderr:
        if line.startswith(f"{phase} begins"):
            return
        assert time.monotonic() < end, line
    pytest.fail(f"The run ended before {phase}.")


def left_by(engine: Engine, state: Path, child: subprocess.Popen[str]) -> list[str]:
    """What of the run of `child` is still there. Other runs may go on meanwhile."""
    api, label, mark = engine.client.api, {"label": RUN}, f":{child.pid}:"

    def owned(rows: list[dict[str, Any]], key: str) -> list[str]:
        return [row[key] for row in rows if mark in (row.get("Labels") or {}).get(OWNER, "")]

    folders = (state / "runs").glob("*/owner")
    return [
        *owned(api.containers(all=True, filters=label), "Id"),
        *owned(api.networks(filters=label), "Id"),
        *owned(api.volumes(filters=label)["Volumes"] or [], "Name"),
        *owned(api.images(filters=label), "Id"),
        *(str(path) for path in folders if mark in path.read_text("utf-8")),
    ]


def clean() -> None:
    """`grader clean`, as a person runs it."""
    subprocess.run([sys.executable, "-m", "grader", "clean"], check=True, capture_output=True)


@pytest.fixture
def state(settings: Settings) -> Path:
    """The machine's own state: its package index is shared by all runs."""
    return settings.state


@pytest.mark.parametrize("phase", PHASES)
def test_a_killed_run_is_cleaned_up(engine: Engine, state: Path, phase: str) -> None:
    """SIGKILL in any phase, then `grader clean`: nothing is left."""
    child = start(state)
    wait_for(child, phase)
    child.kill()
    child.communicate(timeout=20)
    await_builders_end(child)
    clean()
    assert left_by(engine, state, child) == []


@pytest.mark.parametrize("phase", ["provision", "up", "examine"])
def test_a_killed_run_with_compose_is_cleaned_up(engine: Engine, state: Path, phase: str) -> None:
    """Projects, their volumes and the late trial's as well."""
    child = start(state, exam="probe-compose")
    wait_for(child, phase)
    child.kill()
    child.communicate(timeout=20)
    await_builders_end(child)
    clean()
    assert left_by(engine, state, child) == []


def await_builders_end(child: subprocess.Popen[str]) -> None:
    """Builder and compose go on to their end where the grader was killed; then all is there."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        commands = [" ".join(one.info["cmdline"] or []) for one in process_iter(["cmdline"])]
        building = any(f"{OWNER}=" in line and f":{child.pid}:" in line for line in commands)
        if not building and not any("--project-name=grader-" in line for line in commands):
            return
        time.sleep(0.05)
    pytest.fail("A builder outlives the run that started it by 20 s.")


@pytest.mark.parametrize("phase", ["provision", "examine"])
def test_a_terminated_run_ends_within_five_seconds(engine: Engine, state: Path, phase: str) -> None:
    """SIGTERM: exit 130; what could not be removed in that time, the next start removes."""
    child = start(state)
    wait_for(child, phase)
    child.send_signal(signal.SIGTERM)
    signalled = time.monotonic()
    _, err = child.communicate(timeout=60)
    assert time.monotonic() - signalled < 5
    assert child.returncode == 130, err
    if "everything that the run had made is removed" not in err:
        assert "Stopped at once" in err
        clean()
    assert left_by(engine, state, child) == []


@pytest.mark.parametrize("phase", ["provision", "examine"])
def test_an_interrupted_run_ends_clean(engine: Engine, state: Path, phase: str) -> None:
    """Ctrl-C: exit 130, and nothing is left, without any cleaning."""
    child = start(state)
    wait_for(child, phase)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130, err
    assert out == ""
    assert "everything that the run had made is removed" in err
    assert left_by(engine, state, child) == []


class Relay:
    """A way to the engine that can be cut while a run is using it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._open = True
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while self._open:
            try:
                client, _ = self._listener.accept()
                engine = socket.socket(socket.AF_UNIX)
                engine.connect(self._path)
            except OSError:
                return
            self._sockets += [client, engine]
            for source, target in ((client, engine), (engine, client)):
                threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def cut(self) -> None:
        """The engine is gone."""
        self._open = False
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@pytest.fixture
def relay() -> Iterator[Relay]:
    path = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")
    one = Relay(path)
    yield one
    one.cut()


@pytest.mark.parametrize(
    ("exam", "phase"),
    [
        *(("probe", phase) for phase in ("build", "provision", "launch", "examine")),
        ("probe-compose", "up"),
        ("probe-compose", "examine"),
    ],
)
def test_an_engine_that_goes_away_is_no_zero(
    engine: Engine, state: Path, relay: Relay, exam: str, phase: str
) -> None:
    """With the engine gone in mid-run: ungradable, exit 3, no score; the next `clean` tidies up."""
    child = start(state, env={"DOCKER_HOST": relay.url}, exam=exam)
    wait_for(child, phase)
    relay.cut()
    out, err = child.communicate(timeout=60)
    assert child.returncode == 3, out + err
    report = json.loads(out)
    assert report["verdict"] == "ungradable"
    assert "score" not in report
    assert "engine" in report["reason"].lower(), report["reason"]
    clean()
    assert left_by(engine, state, child) == []
