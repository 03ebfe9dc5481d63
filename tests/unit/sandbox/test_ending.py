"""How a container ended, where the engine learns of the cause after the end."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from grader.sandbox.container import ContainerState
from grader.sandbox.ending import NOTICE_SECONDS, final_state


def states(*found: ContainerState) -> Callable[[], ContainerState]:
    left = list(found)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def state(exit_code: int, *, oom_killed: bool = False, running: bool = False) -> ContainerState:
    return ContainerState(running=running, exit_code=exit_code, oom_killed=oom_killed)


def test_a_kill_for_memory_is_told_though_the_engine_learns_of_it_late() -> None:
    """The end comes first, its cause two looks later."""
    look = states(state(137), state(137), state(137, oom_killed=True))
    assert final_state(look).oom_killed


def test_a_kill_for_another_cause_is_told_within_a_second() -> None:
    """Nothing more comes."""
    began = time.monotonic()
    assert not final_state(states(state(137))).oom_killed
    assert time.monotonic() - began < NOTICE_SECONDS + 0.5


@pytest.mark.parametrize("last", [state(0), state(1), state(137, running=True)])
def test_what_was_not_killed_is_looked_at_once(last: ContainerState) -> None:
    """Its end says all."""
    assert final_state(states(last, state(137, oom_killed=True))) == last
