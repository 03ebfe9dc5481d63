"""A container that is told to end."""

from __future__ import annotations

from typing import Any

from grader.sandbox.container import Container
from grader.testing import FakeApi, fake_engine


def container(states: list[dict[str, Any]], signal: str = "") -> tuple[Container, FakeApi]:
    """A container that is seen in these states, the last one for ever, and what is asked of it."""
    left = list(states)

    def inspect(_: str) -> dict[str, Any]:
        state = left.pop(0) if len(left) > 1 else left[0]
        return {"State": state, "Config": {"StopSignal": signal}}

    api = FakeApi(inspect_container=inspect)
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
