"""What a run holds of the platform: the engine, kept environments, watches, programs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from grader.app_spec import Limits
from grader.errors import GraderError
from grader.exam.children import Starter
from grader.run.environment.layout import Environment, EnvironmentSpec
from grader.sandbox import images
from grader.sandbox.disk_guard import DiskGuard
from grader.sandbox.engine import Engine
from grader.sandbox.labels import run_labels
from grader.sandbox.soundness import Platform
from grader.settings import Settings


class SharedEnvironments(Protocol):
    """What is kept ready between this run and others."""

    @property
    def engine(self) -> Engine:
        """The engine that they share."""

    @property
    def start(self) -> Starter:
        """Starts a suite's process."""

    def take(self, spec: EnvironmentSpec) -> Environment:
        """Return an environment that nobody else has. Raises `PlatformError`."""

    def give_back(self, environment: Environment, *, sound: bool) -> None:
        """Take one back; `sound` says whether its run ended as it should."""


@dataclass
class Resources:
    """What one run uses of the machine. Safe from several threads."""

    run: str
    settings: Settings
    pool: SharedEnvironments | None = None
    """None: all that it uses is its own."""
    in_use: list[Environment] = field(default_factory=list)
    """What the run has from there, to be given back."""
    closing: list[Callable[[], None]] = field(default_factory=list)
    """What ends the programs of a run that is given up."""
    overwrote: bool = False
    """Whether a container was stopped for what it wrote."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _engine: Engine | None = None
    _guard: DiskGuard | None = None
    _platform: Platform | None = None

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of everything that the run makes."""
        return run_labels(self.run)

    @property
    def engine(self) -> Engine:
        """The Docker engine, connected to when it is first asked for."""
        with self._lock:
            if self._engine is None:
                shared = self.pool.engine if self.pool else None
                self._engine = shared or Engine.connect(self.settings.docker_host)
            return self._engine

    @property
    def engine_version(self) -> str:
        """Its version; empty where none was reached."""
        return self._engine.version if self._engine else ""

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

    def take(self, spec: EnvironmentSpec) -> Environment | None:
        """Return an environment that is kept ready between runs; None where none are.

        Raises `PlatformError`.
        """
        if self.pool is None:
            return None
        environment = self.pool.take(spec)
        self.in_use.append(environment)
        return environment

    def give_back(self, *, sound: bool) -> None:
        """Give back what was taken: the run is over, and `sound` says whether as it should."""
        if self.pool:
            for environment in self.in_use:
                self.pool.give_back(environment, sound=sound)

    def watch_disk(self, limits: Limits) -> None:
        """From now on, stop the run's containers that write more than the exam allows."""
        engine = self.engine
        with self._lock:
            if self._guard is None:
                services = (one for found in self.in_use for one in found.services)
                also = tuple(one.server.id for one in services)
                self._guard = DiskGuard(engine, self.run, limits, also=also)
                self._guard.start()

    def stopped(self, container: str) -> str:
        """Return why a container was stopped for what it wrote; empty where it was not."""
        return self._guard.stopped.get(container, "") if self._guard else ""

    def end_watch(self) -> tuple[str, ...]:
        """Stop watching; return a sentence for each reason why a container was stopped."""
        guard, self._guard = self._guard, None
        if guard is None:
            return ()
        guard.end()
        self.overwrote = self.overwrote or bool(guard.stopped)
        return tuple(dict.fromkeys(guard.stopped.values()))

    def end_programs(self) -> None:
        """End the programs that were started for the run, whoever waits for them."""
        for close in tuple(self.closing):
            with suppress(OSError, GraderError):
                close()

    def close(self) -> None:
        """Close what the run has opened for itself."""
        self.end_programs()
        if self._platform:
            self._platform.close()
        if self._engine and not self.pool:
            self._engine.close()
