"""How a container ended, told once the engine knows it."""

from __future__ import annotations

from collections.abc import Callable

from grader.sandbox.container import ContainerState
from grader.waiting import wait_until

KILLED = 137
"""The exit code of what SIGKILL has ended."""
NOTICE_SECONDS = 3.0
"""How long the engine may take to learn that a kill was for want of memory."""
POLL = 0.02


def final_state(look: Callable[[], ContainerState]) -> ContainerState:
    """Return how a container ended, once the engine knows whether it was for want of memory.

    The kernel's two notices, of the end and of its cause, reach the engine apart, and the cause
    may come last. `look` asks the engine; what it raises passes on.
    """
    state = look()

    def is_told() -> bool:
        nonlocal state
        state = look()
        return state.running or state.oom_killed or state.exit_code != KILLED

    if not state.running and state.exit_code == KILLED:
        wait_until(is_told, within=NOTICE_SECONDS, poll=POLL)
    return state
