"""What is kept ready between the runs of a batch: suites' processes, and environments for apps.

A run's containers, images and folders are its own here as anywhere. An environment (networks,
gateway, services) that a run has left is used by the next one, once nothing of the first is there
any more; one whose run did not end as it should, or whose servers are not as they were new, is
removed, and another one made.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from grader.deadline.ending import time_left
from grader.errors import Cancelled, PlatformError
from grader.exam.children import ForkServer, Starter
from grader.run.context import new_run_id
from grader.run.environment.layout import Environment, EnvironmentSpec, RunningService
from grader.run.environment.provision import EnvironmentBuilder
from grader.run.workspace import workspace
from grader.sandbox.engine import Engine
from grader.sandbox.reaper import remove_run
from grader.services.base import NotClean, Reusable
from grader.settings import Settings
from grader.supervision import Overdue, supervised

log = logging.getLogger(__name__)

MOST_READY = 3
"""Environments that wait for a run: an engine has addresses for thirty networks or so, and each one
has two or more. Submissions with Compose may each ask for another kind."""
MOST_USES = 25
"""Runs after which an environment is made again, as the files of its servers only ever grow."""


CLOSE_SECONDS = 90.0
"""How long what is being made ready may take to give up at the end, and to be removed."""


@dataclass(kw_only=True)
class _Pooled:
    """An environment, and what the pool knows of it."""

    spec: EnvironmentSpec
    environment: Environment
    run: str
    """The id that its containers carry."""
    servers: tuple[Reusable, ...]
    single_use: tuple[RunningService, ...] = ()
    """Services of which each run gets a new server."""
    uses: int = 0

    def admit(self) -> None:
        """Make what the next run has of its servers. Raises `NotClean`."""
        for server in self.servers:
            server.admit()
        for one in self.single_use:
            one.server.prepare(one.address)


class _SuiteProcesses:
    """Starts the processes of suites, from a folder that goes with it."""

    def __init__(self, settings: Settings) -> None:
        self._folder = ExitStack()
        self._server = ForkServer(
            self._folder.enter_context(workspace(settings.state, new_run_id()))
        )
        self.start: Starter = self._server.fork

    def close(self) -> None:
        """End the processes, and remove the folder."""
        self._server.close()
        self._folder.close()


class EnvironmentPool:
    """Use it in a `with` block, which removes everything at its end. Safe from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._cancel = threading.Event()
        self._changed = threading.Condition()
        self._ready: list[_Pooled] = []
        """Those that nobody has, the one that has waited longest first."""
        self._renewing: Counter[EnvironmentSpec] = Counter()
        self._used: dict[str, _Pooled] = {}
        """Environments that a run has, by their gateway's container."""
        self._runs: set[str] = set()
        self._engine: Engine | None = None
        self._suites = _SuiteProcesses(settings)
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="warm")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def start(self) -> Starter:
        """Starts a suite's process (for `ExamProcess`)."""
        return self._suites.start

    @property
    def engine(self) -> Engine:
        """The engine, connected to when it is first asked for."""
        with self._changed:
            if self._engine is None:
                self._engine = Engine.connect(self._settings.docker_host)
            return self._engine

    def take(self, spec: EnvironmentSpec) -> Environment:
        """Return an environment as `spec` says, which nobody else has; `give_back` ends that.

        Raises `PlatformError` where none can be made.
        """
        kept = self._next(spec) or self._make(spec)
        try:
            kept.environment.require_empty(self.engine)
            kept.admit()
        except (NotClean, PlatformError) as error:  # one more is made, where the engine still can
            log.debug("an environment was lost while it waited: %s", error)
            self._discard(kept)
            kept = self._make(spec)
            kept.admit()
        kept.uses += 1
        with self._changed:
            self._used[kept.environment.gateway.container] = kept
        return kept.environment

    def _next(self, spec: EnvironmentSpec) -> _Pooled | None:
        """Return an environment that is ready, or will be in a moment.

        None where one has to be made.
        """
        with self._changed:
            while True:
                for kept in reversed(self._ready):
                    if kept.spec == spec:
                        self._ready.remove(kept)
                        return kept
                if not self._renewing[spec]:
                    return None
                self._changed.wait()

    def give_back(self, environment: Environment, *, sound: bool) -> None:
        """Take back `environment`, whose run is over and whose containers are gone.

        `sound` says that it ended as it should: what it stood on may be used again.
        """
        with self._changed:
            kept = self._used.pop(environment.gateway.container)
            self._renewing[kept.spec] += 1
        self._pool.submit(self._renew, kept, sound=sound)

    def close(self) -> None:
        """End the processes and remove all environments."""
        self._cancel.set()
        self._within(lambda: self._pool.shutdown(wait=True, cancel_futures=True))
        self._suites.close()
        self._within(self._remove_all)
        if self._engine is not None:
            self._engine.close()

    def _within(self, work: Callable[[], None]) -> None:
        """Do `work`, which is given up where it hangs: what it leaves, the next start removes."""
        limit = time_left(self._settings.phase_seconds or CLOSE_SECONDS)
        try:
            supervised(work, limit=limit, name="warm pool")
        except Overdue as error:
            log.debug("%s", error)

    def _remove_all(self) -> None:
        for run in tuple(self._runs):
            self._remove(run)

    def _renew(self, kept: _Pooled, *, sound: bool) -> None:
        """Make an environment ready for the next run, or another one in its stead."""
        again = None
        try:
            again = self._again(kept, sound=sound)
        except (PlatformError, Cancelled) as error:
            log.debug("an environment could not be renewed: %s", error)
        finally:
            with self._changed:
                self._renewing[kept.spec] -= 1
                self._ready += [again] if again else []
                spare = self._ready[:-MOST_READY]
                del self._ready[:-MOST_READY]
                self._changed.notify_all()
            for one in spare:
                self._discard(one)

    def _again(self, kept: _Pooled, *, sound: bool) -> _Pooled | None:
        if self._cancel.is_set():
            return None
        if not sound or kept.single_use or kept.uses >= MOST_USES:
            return self._instead(kept)
        try:
            for server in kept.servers:
                server.clean()
        except NotClean as error:
            log.debug("%s", error)
            return self._instead(kept)
        return kept

    def _instead(self, kept: _Pooled) -> _Pooled:
        self._discard(kept)
        return self._make(kept.spec)

    def _make(self, spec: EnvironmentSpec) -> _Pooled:
        """Return a new one; where the engine has no more to give, for what those have that wait."""
        try:
            return self._try_to_make(spec)
        except PlatformError as error:
            with self._changed:
                waiting, self._ready = self._ready, []
            if not waiting:
                raise
            log.debug("an environment could not be made, so those that wait are removed: %s", error)
        for one in waiting:
            self._discard(one)
        return self._try_to_make(spec)

    def _try_to_make(self, spec: EnvironmentSpec) -> _Pooled:
        run, engine = new_run_id(), self.engine
        with self._changed:
            self._runs.add(run)
        maker = EnvironmentBuilder(
            engine=engine, settings=self._settings, run=run, cancel=self._cancel
        )
        try:
            environment = maker.make(spec)
            lent = [(one, one.server.reusable(one.address)) for one in environment.services]
        except BaseException:
            self._remove(run)
            raise
        return _Pooled(
            spec=spec, environment=environment, run=run,
            servers=tuple(found for _, found in lent if found),
            single_use=tuple(one for one, found in lent if found is None),
        )  # fmt: skip

    def _discard(self, kept: _Pooled) -> None:
        self._remove(kept.run)

    def _remove(self, run: str) -> None:
        """Remove what carries the id `run`; where that fails, the next start of a run does it."""
        if self._engine is not None:
            with suppress(PlatformError):
                if not remove_run(self._engine, run).left:
                    self._runs.discard(run)
