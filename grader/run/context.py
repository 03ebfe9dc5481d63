"""What the phases of one run share: its id, engine and clock, and what it has learnt so far."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.criteria import SECRETS_NO_FALLBACK
from grader.deadline.ending import cancelled_by
from grader.errors import GraderError
from grader.events import CheckFinished, Listener, PhaseFinished, PhaseStarted, Progressed
from grader.model import BaseImage, Challenge, CheckResult, Substitution, Timing
from grader.run.limits import limit_of
from grader.sandbox import images
from grader.sandbox.disk_guard import DiskGuard
from grader.sandbox.engine import Engine
from grader.sandbox.labels import run_labels
from grader.sandbox.soundness import Platform
from grader.settings import Settings
from grader.submission import snapshot_in
from grader.supervision import Supervisor
from grader.text import clean, redact

if TYPE_CHECKING:
    from grader.inspect.secrets.finding import Finding
    from grader.run.environment.pool import EnvironmentPool
    from grader.run.environment.provision import Environment, EnvironmentSpec


def new_run_id() -> str:
    """An id that is part of names of containers and folders."""
    return secrets.token_hex(6)


class LinkedEvent(threading.Event):
    """Set by itself, or with `outer`: what ends for itself alone ends nothing around it."""

    def __init__(self, outer: threading.Event) -> None:
        super().__init__()
        self._outer = outer

    def is_set(self) -> bool:
        """Whether either of the two is set."""
        return super().is_set() or self._outer.is_set()


@dataclass
class RunContext:
    """One run. Its records may be written from several threads."""

    run: str
    challenge: Challenge
    settings: Settings
    folder: Path
    """The run's own working folder, private to it."""
    seed: int
    listener: Listener
    cancel: threading.Event
    use_cache: bool = True
    keep: bool = False
    """Whether everything is left for a look."""
    supervisor: Supervisor = field(default_factory=Supervisor)
    environments: EnvironmentPool | None = None
    """What is kept ready between this run and others; None: all that it uses is its own."""
    in_use: list[Environment] = field(default_factory=list)
    """What the run has from there, to be given back."""
    secrets: dict[str, str] = field(default_factory=dict)
    """Every value made for this run that may not appear in a report, by name."""
    drawn: dict[str, str] = field(default_factory=dict)
    """Keys and tokens made for this run's apps, by what the challenge calls them."""
    results: dict[str, CheckResult] = field(default_factory=dict)
    found: tuple[Finding, ...] = ()
    """The secrets in the files that were handed in, once they are read."""
    images: dict[str, str] = field(default_factory=dict)
    bases: dict[str, BaseImage] = field(default_factory=dict)
    """What builds and services start from, by the references that name them."""
    substitutions: list[Substitution] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    timings: list[Timing] = field(default_factory=list)
    log_tail: str = ""
    log_kept: bool = False
    """Whether that is all of the app's log that anybody sees: hidden criteria are examined."""
    spent: str = ""
    """How the app has used up what a service of ours may use; empty where it has not."""
    overwrote: bool = False
    """Whether a container was stopped for what it wrote."""
    closing: list[Callable[[], None]] = field(default_factory=list)
    """What ends the programs of a run that is given up."""
    _born: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _engine: Engine | None = None
    _guard: DiskGuard | None = None
    _platform: Platform | None = None

    @property
    def snapshot(self) -> Path:
        """The folder with the submission's files, once it is taken in."""
        return snapshot_in(self.folder)

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of everything that this run makes."""
        return run_labels(self.run)

    @property
    def engine(self) -> Engine:
        """The Docker engine, connected to when it is first asked for."""
        with self._lock:
            if self._engine is None:
                shared = self.environments.engine if self.environments else None
                self._engine = shared or Engine.connect(self.settings.docker_host)
            return self._engine

    def taken(self, spec: EnvironmentSpec) -> Environment | None:
        """An environment that is kept ready between runs; None where none are.

        Raises `PlatformError`.
        """
        if self.environments is None:
            return None
        environment = self.environments.take(spec)
        self.in_use.append(environment)
        return environment

    def give_back(self, *, sound: bool) -> None:
        """Give back what was taken: the run is over, and `sound` says whether as it should."""
        if self.environments:
            for environment in self.in_use:
                self.environments.give_back(environment, sound=sound)

    @property
    def platform(self) -> Platform:
        """The engine and what it stands on, watched since the engine was first asked for."""
        engine = self.engine
        with self._lock:
            if self._platform is None:
                self._platform = Platform.watch(
                    engine, self.settings.docker_host,
                    lambda: images.tools_image(engine, settings=self.settings), self.labels,
                )  # fmt: skip
            return self._platform

    def end_programs(self) -> None:
        """End the programs that were started for the run, whoever waits for them."""
        for close in tuple(self.closing):
            with suppress(OSError, GraderError):
                close()

    def close(self) -> None:
        """Close what the run has opened for itself."""
        if self._platform:
            self._platform.close()
        if self._engine and not self.environments:
            self._engine.close()

    @property
    def engine_version(self) -> str:
        """Its version; empty where none was reached."""
        return self._engine.version if self._engine else ""

    def watch_disk(self) -> None:
        """From now on, stop the run's containers that write more than the exam allows."""
        engine = self.engine
        with self._lock:
            if self._guard is None:
                also = tuple(one.server.id for found in self.in_use for one in found.services)
                self._guard = DiskGuard(engine, self.run, self.challenge.limits, also=also)
                self._guard.start()

    def stopped(self, container: str) -> str:
        """Why a container was stopped for what it wrote; empty where it was not."""
        return self._guard.stopped.get(container, "") if self._guard else ""

    def end_watch(self) -> None:
        """Stop watching, and note what was stopped."""
        guard, self._guard = self._guard, None
        if guard:
            guard.end()
            self.overwrote = self.overwrote or bool(guard.stopped)
            self.notes.extend(dict.fromkeys(guard.stopped.values()))

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a phase and tell the listener of it."""
        self.listener(PhaseStarted(phase=name))
        start = time.monotonic()
        limit = limit_of(name, self.challenge.limits, self.settings.phase_seconds)
        try:
            # what is made is removed even where all else was cancelled
            ends = cancelled_by(self.cancel) if name != "teardown" else nullcontext()
            with self.supervisor.phase(name, limit), ends:
                yield
        finally:
            end = time.monotonic()
            with self._lock:
                self.timings.append(
                    Timing(
                        phase=name,
                        start=round(start - self._born, 3),
                        end=round(end - self._born, 3),
                    )
                )
            self.listener(PhaseFinished(phase=name, seconds=end - start))

    def hide(self, values: Mapping[str, str]) -> None:
        """From now on, blot out `values`, by name, wherever text is shown."""
        with self._lock:
            self.secrets = {**self.secrets, **values}  # somebody may be going through the old one

    def shown(self, text: str) -> str:
        """`text` as anybody may see it: control characters and the run's secrets blotted out."""
        return redact(clean(text), self.secrets)

    def progress(self, phase: str, message: str) -> None:
        """Tell the listener how far a long phase has got."""
        self.listener(Progressed(phase=phase, message=self.shown(message)))

    def record(self, result: CheckResult) -> None:
        """Take in a result, the run's secrets blotted out; a criterion's first one counts."""
        if self.found and result.criterion == SECRETS_NO_FALLBACK:
            from grader.inspect.secrets.joined import with_locations  # of few runs only

            result = with_locations(result, self.found)
        safe = replace(
            result,
            rationale=self.shown(result.rationale),
            evidence=self.shown(result.evidence),
            withheld=None if result.withheld is None else self.shown(result.withheld),
            parts=tuple(replace(one, rationale=self.shown(one.rationale)) for one in result.parts),
            duration=round(result.duration, 3),
            locations=tuple(
                replace(place, path=self.shown(place.path), message=self.shown(place.message))
                for place in result.locations
            ),
        )
        with self._lock:
            if safe.criterion in self.results:
                return
            self.results[safe.criterion] = safe
        self.listener(CheckFinished(result=safe))

    def start_from(self, base: BaseImage | None) -> None:
        """Note what an image consists of that a build or a service starts from."""
        if base:
            with self._lock:
                self.bases[base.reference] = base

    def substitute(self, substitution: Substitution | None) -> None:
        """Note that an image stood in for another; the same one is noted once."""
        with self._lock:
            if substitution and substitution not in self.substitutions:
                self.substitutions.append(substitution)
