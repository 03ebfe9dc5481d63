"""`docker compose` as the grader calls it: the file's dollars, and what a failure means."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from docker.errors import APIError

from grader import process
from grader.errors import DiskFull, EngineUnavailable, PlatformError
from grader.process import Completed
from grader.sandbox.compose import Compose, Confirm, _escaped
from grader.sandbox.container import CannotStart
from grader.sandbox.engine import Engine

DOCUMENT = {
    "services": {"web": {"image": "sha256:1"}, "db": {"image": "sha256:2"}},
    "networks": {"default": {"name": "grader-1-inside-0", "external": True}},
}
SAID = (
    'Error response from daemon: exec: "connection reset by peer": executable file not found',
    'Error response from daemon: exec: "Is the docker daemon running": no such file or directory',
    "Cannot connect to the Docker daemon at unix:///x.sock",
    "error during connect: unexpected EOF",
    "dependency failed to start: container x is unhealthy",
    "Error response from daemon: /no space left on device: not a directory",
    "Error response from daemon: unable to find user nobody2",
    "Error response from daemon: no such image",
    "something that nobody has seen before",
)


class Api:
    """Two containers, of which one has ended by itself."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    def containers(self, **_: object) -> list[dict[str, str]]:
        """Those of the project."""
        return [{"Id": "ended"}, {"Id": "running"}]

    def kill(self, container: str) -> None:
        """End one; as the engine does it."""
        self.calls.append(("kill", container))
        if container == "ended":
            msg = "409"
            raise APIError(msg, cast("Any", SimpleNamespace(status_code=409)), "is not running")

    def wait(self, container: str) -> None:
        """Until it has ended."""
        self.calls.append(("wait", container))


Make = Callable[..., Compose]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """A project whose calls end as told."""

    def made(
        *ends: Completed, confirm: Confirm = lambda network, images: None, api: Any = None
    ) -> Compose:
        left = list(ends)
        monkeypatch.setattr(process, "run", lambda *_, **__: left.pop(0))
        engine = SimpleNamespace(client=SimpleNamespace(api=api))
        folder = tmp_path / "compose"
        return Compose(
            cast("Engine", engine), "grader-1", DOCUMENT, folder, threading.Event(), confirm=confirm
        )

    return made


def ended(code: int = 1, tail: str = "", *, timed_out: bool = False) -> Completed:
    return Completed(returncode=code, tail=tail, timed_out=timed_out, flooded=False, duration=1.0)


def test_no_value_is_taken_for_a_variable() -> None:
    """Every dollar of every value is doubled; keys and numbers stay."""
    document = {"a": ["$HOME", {"b": "${X:?no}", "c": 3}], "d": "$$"}
    assert _escaped(document) == {"a": ["$$HOME", {"b": "$${X:?no}", "c": 3}], "d": "$$$$"}


@pytest.mark.parametrize("said", SAID)
def test_what_does_not_come_up_is_the_projects_once_the_platform_is_sound(
    make: Make, said: str
) -> None:
    """The sentence is compose's; nothing is concluded from it."""
    asked: list[tuple[str, Sequence[str]]] = []
    project = make(
        ended(tail=said), confirm=lambda network, images: asked.append((network, images))
    )
    with pytest.raises(CannotStart) as caught:
        project.up()
    assert said in str(caught.value)
    assert asked == [("grader-1-inside-0", ["sha256:1", "sha256:2"])]


@pytest.mark.parametrize("fault", [DiskFull("full"), EngineUnavailable("gone"), PlatformError("x")])
@pytest.mark.parametrize("timed_out", [False, True])
def test_it_is_ours_where_the_platform_is_not_sound(
    make: Make, fault: PlatformError, *, timed_out: bool
) -> None:
    """Whatever it says, and also where it never ends."""

    def confirm(network: str, images: Sequence[str]) -> None:
        raise fault

    with pytest.raises(type(fault)):
        make(ended(tail=SAID[0], timed_out=timed_out), confirm=confirm).up()


def test_a_call_that_never_ends_is_the_projects(make: Make) -> None:
    """Its health checks may take for ever."""
    with pytest.raises(CannotStart, match="did not end within 120 s"):
        make(ended(code=-9, timed_out=True)).up()


def test_down_is_tried_twice(make: Make) -> None:
    """A container that just ends by itself gets in the way once."""
    make(ended(tail="removal is already in progress"), ended(code=0)).down()


def test_down_that_fails_is_ours(make: Make) -> None:
    """A project has no say in it."""
    with pytest.raises(PlatformError, match="failed: busy"):
        make(ended(tail="busy"), ended(tail="busy")).down()


def test_kill_copes_with_what_has_ended_by_itself(make: Make) -> None:
    """A service that crashes all the time is no fault of the platform."""
    api = Api()
    make(api=api).kill()
    assert api.calls == [
        ("kill", "ended"), ("kill", "running"), ("wait", "ended"), ("wait", "running"),
    ]  # fmt: skip
