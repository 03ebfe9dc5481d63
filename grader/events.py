"""What a run tells whoever listens. The engine emits; the command line and reports listen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.model import Challenge, CheckResult, GradeReport


@dataclass(frozen=True, kw_only=True)
class RunStarted:
    """A run began."""

    run: str
    challenge: Challenge
    origin: str
    seed: int


@dataclass(frozen=True, kw_only=True)
class PhaseStarted:
    """A phase began. Phases overlap."""

    phase: str


@dataclass(frozen=True, kw_only=True)
class PhaseFinished:
    """A phase ended after `seconds`."""

    phase: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Progressed:
    """A long phase has got somewhere; `message` says where."""

    phase: str
    message: str


@dataclass(frozen=True, kw_only=True)
class CheckFinished:
    """A criterion has its result."""

    result: CheckResult


@dataclass(frozen=True, kw_only=True)
class Concluded:
    """The result is known; what the run had made is yet to be removed."""

    report: GradeReport


@dataclass(frozen=True, kw_only=True)
class RunFinished:
    """A run ended; nothing of it is left behind."""

    report: GradeReport


Event = (
    RunStarted | PhaseStarted | PhaseFinished | Progressed | CheckFinished | Concluded | RunFinished
)
Listener = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Do nothing with `event`."""
    del event
