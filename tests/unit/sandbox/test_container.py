"""A container that is told to end, and what is seen of its processes."""

from __future__ import annotations

from typing import Any

import pytest
from docker.errors import APIError
from requests import Response

from grader.errors import PlatformError
from grader.sandbox.container import Container
from grader.testing import FakeApi, fake_engine


def container(
    states: list[dict[str, Any]], signal: str = "", **answers: Any
) -> tuple[Container, FakeApi]:
    """A container that is seen in these states, the last one for ever, and what is asked of it."""
    left = list(states)

    def inspect(_: str) -> dict[str, Any]:
        state = left.pop(0) if len(left) > 1 else left[0]
        return {"State": state, "Config": {"StopSignal": signal}}

    api = FakeApi(inspect_container=inspect, **answers)
    found = Container(fake_engine(api))
    found.id = "c1"
    return found, api


RUNS = {"Running": True, "ExitCode": 0, "OOMKilled": False}
ENDED = {"Running": False, "ExitCode": 143, "OOMKilled": False}


def test_one_that_ends_in_time_is_not_killed() -> None:
    """Its exit code is its own."""
    found, api = container([RUNS, RUNS, ENDED])
    ended = found.terminate(5)
    assert (ended.exit_code, ended.killed) == (143, False)
    assert ended.seconds < 2
    assert [args for name, args, _ in api.asked if name == "kill"] == [("c1", "SIGTERM")]


def test_the_images_own_signal_is_sent() -> None:
    """As `docker stop` does."""
    found, api = container([RUNS, ENDED], signal="SIGQUIT")
    found.terminate(5)
    assert [args for name, args, _ in api.asked if name == "kill"] == [("c1", "SIGQUIT")]


def test_one_that_does_not_end_is_killed() -> None:
    """After its seconds, and not before."""
    found, api = container([RUNS])
    ended = found.terminate(0.2)
    assert ended.killed
    assert 0.2 <= ended.seconds < 2
    assert [args for name, args, _ in api.asked if name == "kill"] == [("c1", "SIGTERM"), ("c1",)]


LOST = "runc did not terminate successfully: exit status 1: container does not exist"


def looked_at(states: list[dict[str, Any]], status: int) -> bool:
    """Whether a container is idle whose processes the engine does not tell."""
    answer = Response()
    answer.status_code, answer.url = status, "http://engine/containers/c1/top"

    def top(*_: Any, **__: Any) -> None:
        raise APIError(LOST, response=answer, explanation=LOST)

    found, _ = container(states, top=top)
    return found.is_idle()


@pytest.mark.parametrize(
    "after", [ENDED | {"Pid": 0}, RUNS | {"Pid": 8, "Restarting": False}], ids=["ended", "again"]
)
def test_one_that_ends_while_it_is_looked_at_has_no_processes(after: dict[str, Any]) -> None:
    """The engine may learn of that a moment later than runc."""
    before = RUNS | {"Pid": 7}
    assert looked_at([before, before, after], 500)
    assert looked_at([before], 409)


def test_an_engine_that_cannot_look_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the container goes on, it is no end of it."""
    monkeypatch.setattr("grader.sandbox.container.GONE_SECONDS", 0.1)
    with pytest.raises(PlatformError, match="container does not exist"):
        looked_at([RUNS | {"Pid": 7}], 500)
