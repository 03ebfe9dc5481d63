"""What is kept ready between the runs of a batch: suites' processes, and places for apps.

A run's containers, images and folders are its own here as anywhere. A place (networks, gateway,
MySQL) that a run has left is used by the next one, once nothing of the first is there any more; one
whose run did not end as it should, or whose server is not as it was new, is removed, and another
one made.
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
from grader.run.environment.provision import Environment, EnvironmentBuilder, EnvironmentSpec
from grader.run.workspace import workspace
from grader.sandbox.engine import Engine
from grader.sandbox.reaper import remove_run
from grader.services.mysql import PORT as MYSQL_PORT
from grader.services.reuse import NotClean, ReusedServer
from grader.settings import Settings
from grader.supervision import Overdue, supervised

log = logging.getLogger("grader.warm")

MOST_READY = 3
"""Places that wait for a run: an engine has addresses for thirty networks or so, and each place has
two or more. Submissions with Compose may each ask for another kind of place."""
MOST_USES = 25
"""Runs after which a place is made again, as MySQL's own files only ever grow."""


CLOSE_SECONDS = 90.0
"""How long what is being made ready may take to give up at the end, and to be removed."""


@dataclass(kw_only=True)
class _Pooled:
    """A place, and what the pool knows of it."""

    plan: EnvironmentSpec
    place: Environment
    run: str
    """The id that its containers carry."""
    server: ReusedServer | None
    uses: int = 0


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
        """Places that a run has, by their gateway's container."""
        self._runs: set[str] = set()
        self._engine: Engine | None = None
        self._own = ExitStack()
        self._server = ForkServer(self._own.enter_context(workspace(settings.state, new_run_id())))
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
        return self._server.fork

    @property
    def engine(self) -> Engine:
        """The engine, connected to when it is first asked for."""
        with self._changed:
            if self._engine is None:
                self._engine = Engine.connect(self._settings.docker_host)
            return self._engine

    def take(self, plan: EnvironmentSpec) -> Environment:
        """A place as `plan` says, which nobody else has; `give_back` ends that.

        Raises `PlatformError` where none can be made.
        """
        kept = self._next(plan) or self._make(plan)
        try:
            if kept.server:
                kept.server.admit()
        except NotClean as error:
            log.debug("a place was lost while it waited: %s", error)
            self._discard(kept)
            kept = self._make(plan)
            if kept.server:
                kept.server.admit()
        kept.uses += 1
        with self._changed:
            self._used[kept.place.gateway.container] = kept
        return kept.place

    def _next(self, plan: EnvironmentSpec) -> _Pooled | None:
        """A place that is ready, or will be in a moment; None where one has to be made."""
        with self._changed:
            while True:
                for kept in reversed(self._ready):
                    if kept.plan == plan:
                        self._ready.remove(kept)
                        return kept
                if not self._renewing[plan]:
                    return None
                self._changed.wait()

    def give_back(self, place: Environment, *, sound: bool) -> None:
        """The run that took `place` is over and its containers are gone.

        `sound` says that it ended as it should: what it stood on may be used again.
        """
        with self._changed:
            kept = self._used.pop(place.gateway.container)
            self._renewing[kept.plan] += 1
        self._pool.submit(self._renew, kept, sound=sound)

    def close(self) -> None:
        """End the processes and remove all places."""
        self._cancel.set()
        self._within(lambda: self._pool.shutdown(wait=True, cancel_futures=True))
        self._server.close()
        self._own.close()
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
        """Make a place ready for the next run, or another one in its stead."""
        again = None
        try:
            again = self._again(kept, sound=sound)
        except (PlatformError, Cancelled) as error:
            log.debug("a place could not be renewed: %s", error)
        finally:
            with self._changed:
                self._renewing[kept.plan] -= 1
                self._ready += [again] if again else []
                spare = self._ready[:-MOST_READY]
                del self._ready[:-MOST_READY]
                self._changed.notify_all()
            for one in spare:
                self._discard(one)

    def _again(self, kept: _Pooled, *, sound: bool) -> _Pooled | None:
        if self._cancel.is_set():
            return None
        if not sound or kept.uses >= MOST_USES:
            return self._instead(kept)
        try:
            if kept.server:
                kept.server.clean()
        except NotClean as error:
            log.debug("%s", error)
            return self._instead(kept)
        return kept

    def _instead(self, kept: _Pooled) -> _Pooled:
        self._discard(kept)
        return self._make(kept.plan)

    def _make(self, plan: EnvironmentSpec) -> _Pooled:
        """A new place; where the engine has no more to give, for what those have that wait."""
        try:
            return self._try_to_make(plan)
        except PlatformError as error:
            with self._changed:
                waiting, self._ready = self._ready, []
            if not waiting:
                raise
            log.debug("a place could not be made, so those that wait are removed: %s", error)
        for one in waiting:
            self._discard(one)
        return self._try_to_make(plan)

    def _try_to_make(self, plan: EnvironmentSpec) -> _Pooled:
        run, engine = new_run_id(), self.engine
        with self._changed:
            self._runs.add(run)
        maker = EnvironmentBuilder(
            engine=engine, settings=self._settings, run=run, cancel=self._cancel
        )
        try:
            place = maker.make(plan)
            server = ReusedServer(place.mysql, place.address(MYSQL_PORT)) if place.mysql else None
        except BaseException:
            self._remove(run)
            raise
        return _Pooled(plan=plan, place=place, run=run, server=server)

    def _discard(self, kept: _Pooled) -> None:
        self._remove(kept.run)

    def _remove(self, run: str) -> None:
        """Remove what carries the id `run`; where that fails, the next start of a run does it."""
        if self._engine is not None:
            with suppress(PlatformError):
                remove_run(self._engine, run)
                self._runs.discard(run)
