"""What is fixed for one run, and the objects that its phases share."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from grader.deadline.ending import cancelled_by
from grader.events import Listener, PhaseFinished, PhaseStarted
from grader.model import Challenge
from grader.run.limits import limit_of
from grader.run.recorder import Recorder
from grader.run.redaction import Redactor
from grader.run.resources import Resources, SharedEnvironments
from grader.settings import Settings
from grader.submission import snapshot_in
from grader.supervision import Supervisor


def new_run_id() -> str:
    """Return an id that is part of names of containers and folders."""
    return secrets.token_hex(6)


class LinkedEvent(threading.Event):
    """Set by itself, or with `outer`: what ends for itself alone ends nothing around it."""

    def __init__(self, outer: threading.Event) -> None:
        super().__init__()
        self._outer = outer

    def is_set(self) -> bool:
        """Return whether either of the two is set."""
        return super().is_set() or self._outer.is_set()


@dataclass(frozen=True, kw_only=True)
class RunContext:
    """One run: what is fixed for it, what collects what it learns, and what it holds."""

    challenge: Challenge
    folder: Path
    """The run's own working folder, private to it."""
    seed: int
    cancel: threading.Event
    recorder: Recorder
    resources: Resources
    supervisor: Supervisor = field(default_factory=Supervisor)
    use_cache: bool = True
    keep: bool = False
    """Whether everything is left for a look."""

    @classmethod
    def begin(
        cls, *, run: str, challenge: Challenge, settings: Settings, folder: Path, seed: int,
        listener: Listener, cancel: threading.Event, pool: SharedEnvironments | None = None,
        use_cache: bool = True, keep: bool = False,
    ) -> Self:  # fmt: skip
        """Return the context of a run that has learnt nothing and uses nothing yet."""
        return cls(
            challenge=challenge, folder=folder, seed=seed, cancel=cancel, use_cache=use_cache,
            keep=keep, recorder=Recorder(listener, Redactor()),
            resources=Resources(run=run, settings=settings, pool=pool),
        )  # fmt: skip

    @property
    def run(self) -> str:
        """Its id."""
        return self.resources.run

    @property
    def settings(self) -> Settings:
        """The machine's settings."""
        return self.resources.settings

    @property
    def redactor(self) -> Redactor:
        """What must not be shown of it."""
        return self.recorder.redactor

    @property
    def snapshot(self) -> Path:
        """The folder with the submission's files, once it is taken in."""
        return snapshot_in(self.folder)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a phase and tell the listener of it."""
        recorder = self.recorder
        recorder.listener(PhaseStarted(phase=name))
        start = time.monotonic()
        limit = limit_of(name, self.challenge.limits, self.settings.phase_seconds)
        try:
            # what is made is removed even where all else was cancelled
            ends = cancelled_by(self.cancel) if name != "teardown" else nullcontext()
            with self.supervisor.phase(name, limit), ends:
                yield
        finally:
            end = time.monotonic()
            recorder.time(name, start, end)
            recorder.listener(PhaseFinished(phase=name, seconds=end - start))

    def watch_disk(self) -> None:
        """From now on, stop the run's containers that write more than the exam allows."""
        self.resources.watch_disk(self.challenge.limits)

    def end_watch(self) -> None:
        """Stop watching, and note what was stopped."""
        self.recorder.notes.extend(self.resources.end_watch())
