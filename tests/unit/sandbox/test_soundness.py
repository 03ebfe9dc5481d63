"""What is blamed on the platform is found out on the platform."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from docker.errors import APIError, ContainerError, ImageNotFound

from grader.errors import DiskFull, EngineUnavailable, PlatformError
from grader.sandbox import soundness
from grader.sandbox.engine import Engine
from grader.sandbox.soundness import FULL_BYTES, FULL_FILES, Platform, Presence

ROOM = (1 << 40, 1 << 20)
NO_ROOM = (FULL_BYTES - 1, 1 << 20)


class FakeEngine:
    """An engine that answers or not, and runs containers as told."""

    def __init__(self, root: Path, *, local: bool = True) -> None:
        self.is_local, self.data_root, self.answers = local, root, True
        self.runs: Callable[[list[str]], bytes] = lambda command: b""
        self.images = {"there"}
        self.commands: list[list[str]] = []
        self.networks: list[str | None] = []
        self.client = SimpleNamespace(
            api=SimpleNamespace(inspect_image=self._inspect),
            containers=SimpleNamespace(run=self._run),
        )

    def ping(self) -> bool:
        """Whether it answers."""
        return self.answers

    def _inspect(self, image: str) -> dict[str, Any]:
        if image not in self.images:
            msg = "404"
            raise ImageNotFound(msg, explanation="no such image")
        return {}

    def _run(self, image: str, command: list[str], **options: Any) -> bytes:
        assert image == "tools"
        assert options["cap_drop"] == ["ALL"]
        self.commands.append(command)
        self.networks.append(options["network"])
        return self.runs(command)


@pytest.fixture
def engine(tmp_path: Path) -> FakeEngine:
    return FakeEngine(tmp_path)


def platform(engine: FakeEngine, host: str = "ssh://nowhere") -> Platform:
    return Platform.watch(cast("Engine", engine), host, lambda: "tools", {"run": "1"})


@pytest.fixture
def space(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """What is free at each look; the last one stays."""
    looks = [ROOM]
    monkeypatch.setattr(
        soundness, "free_space", lambda root: looks.pop(0) if len(looks) > 1 else looks[0]
    )
    monkeypatch.setattr(soundness, "SETTLE_SECONDS", 0.3)
    return looks


class Server(threading.Thread):
    """Something that listens as an engine does."""

    def __init__(self, path: Path, answer: bytes) -> None:
        super().__init__(daemon=True)
        self._answer, self.answered = answer, threading.Event()
        self._connection: socket.socket | None = None
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.start()

    def run(self) -> None:
        connection, _ = self.listener.accept()
        self._connection = connection
        assert connection.recv(4096).startswith(b"GET /events?")
        connection.sendall(self._answer)
        self.answered.set()

    def end(self) -> None:
        """Go away, as an engine that crashes."""
        assert self.answered.wait(5)
        assert self._connection is not None
        self._connection.close()
        self.listener.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Callable[[bytes], tuple[Server, Presence]]]:
    made: list[Server] = []

    def make(answer: bytes) -> tuple[Server, Presence]:
        path = tmp_path / "engine.sock"
        made.append(Server(path, answer))
        presence = Presence(f"unix://{path}")
        assert made[-1].answered.wait(5)
        return made[-1], presence

    yield make
    for one in made:
        one.end()


def test_an_engine_that_stays_is_there(
    server: Callable[[bytes], tuple[Server, Presence]],
) -> None:
    """However often it is looked at, and whatever it tells of itself."""
    _, presence = server(b"HTTP/1.1 200 OK\r\n\r\n{}")
    assert all(presence.unbroken() for _ in range(5))
    presence.close()


def test_an_engine_that_ends_is_noticed_though_another_answers_by_then(
    server: Callable[[bytes], tuple[Server, Presence]], engine: FakeEngine
) -> None:
    """A crash that is over before anybody pings."""
    running, presence = server(b"HTTP/1.1 200 OK\r\n\r\n")
    whole = Platform(cast("Engine", engine), presence, lambda: "tools")
    whole.require_engine()
    running.end()
    assert engine.ping()
    with pytest.raises(EngineUnavailable):
        whole.require_engine()
    whole.close()


def test_one_that_refuses_the_question_is_only_pinged(
    server: Callable[[bytes], tuple[Server, Presence]],
) -> None:
    """That it closes the connection then says nothing."""
    running, presence = server(b"HTTP/1.1 403 Forbidden\r\n\r\n")
    running.end()
    assert presence.unbroken()
    presence.close()


@pytest.mark.parametrize(
    "host", ["unix:///nowhere.sock", "tcp://127.0.0.1:1", "ssh://x", "npipe://"]
)
def test_where_it_cannot_be_seen_the_ping_decides(host: str, engine: FakeEngine) -> None:
    """No answer, no engine."""
    whole = platform(engine, host)
    whole.require_engine()
    engine.answers = False
    with pytest.raises(EngineUnavailable, match="went away"):
        whole.require_engine()


@pytest.mark.parametrize("free", [NO_ROOM, (1 << 40, FULL_FILES - 1)])
def test_a_full_disk_is_seen(
    free: tuple[int, int], engine: FakeEngine, space: list[tuple[int, int]]
) -> None:
    """Of bytes and of files; it is ungradable."""
    whole = platform(engine)
    assert not whole.disk_is_full()
    space[:] = [free]
    assert whole.disk_is_full()
    with pytest.raises(DiskFull, match="grader clean"):
        whole.require_sound("network")
    assert engine.commands == []


def test_a_disk_that_is_tidied_up_is_not_full(
    engine: FakeEngine, space: list[tuple[int, int]]
) -> None:
    """What a failed build had written takes the engine a moment to remove."""
    space[:] = [NO_ROOM, NO_ROOM, ROOM]
    platform(engine).require_space()
    assert space == [ROOM]


def test_the_free_space_of_this_machine_is_what_the_system_says(tmp_path: Path) -> None:
    """No fake: bytes and files of the folder's file system."""
    free, files = soundness.free_space(tmp_path)
    assert free > 0
    assert files > 0


@pytest.mark.parametrize(
    ("blocks", "files", "full"),
    [("90000000", "100000", False), ("1000", "100000", True), ("90000000", "5", True)],
)
def test_a_distant_disk_is_seen_from_a_container(
    tmp_path: Path, blocks: str, files: str, *, full: bool
) -> None:
    """Its own file system is the engine's."""
    engine = FakeEngine(tmp_path, local=False)
    engine.runs = lambda command: (
        b"Filesystem 1024-blocks Used Available Capacity Mounted on\n"
        + f"overlay 99999 1 {files if '-iP' in command else blocks} 28% /\n".encode()
    )
    whole = platform(engine)
    assert not whole.disk_is_full(), "not for a look in passing"
    if full:
        with pytest.raises(DiskFull):
            whole.require_space()
    else:
        whole.require_space()


def test_where_ours_starts_the_platform_is_sound(
    engine: FakeEngine, space: list[tuple[int, int]]
) -> None:
    """On the same network, with the same images there."""
    del space
    platform(engine).require_sound("inside", ["there"])
    assert engine.commands == [["true"]]
    assert engine.networks == ["inside"]
    with pytest.raises(PlatformError, match="no such image"):
        platform(engine).require_sound("inside", ["gone"])


@pytest.mark.parametrize(
    "error",
    [
        APIError("500", explanation="could not attach to network"),
        ContainerError(cast("Any", None), 1, "true", "tools", "killed"),
    ],
)
def test_where_ours_does_not_start_the_platform_is_to_blame(
    error: Exception, engine: FakeEngine, space: list[tuple[int, int]]
) -> None:
    """Whatever the student's container was refused for."""
    del space

    def fails(command: list[str]) -> bytes:
        raise error

    engine.runs = fails
    with pytest.raises(PlatformError):
        platform(engine).require_sound("inside")
