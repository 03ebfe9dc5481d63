"""What a run has learnt so far: results, notes, what images consist of, times."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from grader.criteria import SECRETS_NO_FALLBACK
from grader.events import CheckFinished, Listener, Progressed
from grader.model import BaseImage, CheckResult, Substitution, Timing
from grader.run.redaction import Redactor

if TYPE_CHECKING:
    from grader.inspect.secrets.finding import Finding


@dataclass
class Materials:
    """The images that a run stood on, and what its services were for."""

    images: dict[str, str] = field(default_factory=dict)
    """Their ids, by the references that name them."""
    bases: dict[str, BaseImage] = field(default_factory=dict)
    """What builds and services start from, by the references that name them."""
    substitutions: list[Substitution] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    """The roles that the exam names, to services of the Compose file."""


@dataclass
class LogTail:
    """The last lines of the app's log that a report shows."""

    text: str = ""
    kept: bool = False
    """Whether that is all of it that anybody sees: hidden criteria are examined."""


@dataclass
class PhaseTimings:
    """When the phases of a run ran, in seconds since it began."""

    began: float = field(default_factory=time.monotonic)
    taken: list[Timing] = field(default_factory=list)

    def add(self, phase: str, start: float, end: float) -> None:
        """Note when a phase ran, by the monotonic clock."""
        start, end = round(start - self.began, 3), round(end - self.began, 3)
        self.taken.append(Timing(phase=phase, start=start, end=end))


@dataclass
class Recorder:
    """Takes in what a run learns and tells the listener. Safe from several threads."""

    listener: Listener
    redactor: Redactor
    results: dict[str, CheckResult] = field(default_factory=dict)
    found: tuple[Finding, ...] = ()
    """The secrets in the files that were handed in, once they are read."""
    materials: Materials = field(default_factory=Materials)
    notes: list[str] = field(default_factory=list)
    timings: PhaseTimings = field(default_factory=PhaseTimings)
    log: LogTail = field(default_factory=LogTail)
    spent: str = ""
    """How the app has used up what a service of ours may use; empty where it has not."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def record(self, result: CheckResult) -> None:
        """Take in a result, the run's secrets blotted out; a criterion's first one counts."""
        if self.found and result.criterion == SECRETS_NO_FALLBACK:
            from grader.inspect.secrets.joined import with_locations  # of few runs only

            result = with_locations(result, self.found)
        safe = self._redacted(result)
        with self._lock:
            if safe.criterion in self.results:
                return
            self.results[safe.criterion] = safe
        self.listener(CheckFinished(result=safe))

    def _redacted(self, result: CheckResult) -> CheckResult:
        shown = self.redactor.shown
        return replace(
            result,
            rationale=shown(result.rationale),
            evidence=shown(result.evidence),
            hidden_reason=None if result.hidden_reason is None else shown(result.hidden_reason),
            parts=tuple(replace(one, rationale=shown(one.rationale)) for one in result.parts),
            duration=round(result.duration, 3),
            locations=tuple(
                replace(one, path=shown(one.path), message=shown(one.message))
                for one in result.locations
            ),
        )

    def time(self, phase: str, start: float, end: float) -> None:
        """Note when a phase ran, by the monotonic clock."""
        with self._lock:
            self.timings.add(phase, start, end)

    def progress(self, phase: str, message: str) -> None:
        """Tell the listener how far a long phase has got."""
        self.listener(Progressed(phase=phase, message=self.redactor.shown(message)))

    def note(self, text: str) -> None:
        """Have the report say `text`; the same is said once, however many threads come to it."""
        with self._lock:
            if text not in self.notes:
                self.notes.append(text)

    def start_from(self, base: BaseImage | None) -> None:
        """Note what an image consists of that a build or a service starts from."""
        if base:
            with self._lock:
                self.materials.bases[base.reference] = base

    def substitute(self, substitution: Substitution | None) -> None:
        """Note that an image stood in for another; the same one is noted once."""
        with self._lock:
            if substitution and substitution not in self.materials.substitutions:
                self.materials.substitutions.append(substitution)
