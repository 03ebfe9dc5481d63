"""Apps that are started without a secret each while the suite goes on, or side by side.

Where the servers are the grader's each app has an account of its own on them, so that nothing the
examined app is asked about can change, and their logs tell who has tried which password.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from queue import SimpleQueue

from grader.errors import GraderError
from grader.run.app import DeployedApp
from grader.run.context import RunContext
from grader.run.probes.environment import AppEnvironment, watch_start
from grader.services.base import Server

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ProbeSlot:
    """Where one app at a time may be alongside the examined one."""

    given: AppEnvironment
    make: Callable[[dict[str, str]], DeployedApp]
    """Gives an app, not started yet, with that environment."""
    users: frozenset[str] = frozenset()
    """Its accounts on the servers; empty where these are not the grader's."""


@dataclass(frozen=True)
class ProbeOutcome:
    """An app without a secret has ended by itself."""

    guessed: bool
    """It tried a password of its own on a server."""


class ParallelProbes:
    """The trials of one run, two at a time."""

    def __init__(
        self,
        context: RunContext,
        slots: Sequence[Callable[[], ProbeSlot]],
        servers: Sequence[Server] = (),
    ) -> None:
        """Each of `slots` is made when it is first needed."""
        self._context = context
        self._servers = servers
        self._slots = SimpleQueue[Callable[[], ProbeSlot]]()
        for slot in slots:
            self._slots.put(cache(slot))
        self._pool = ThreadPoolExecutor(max_workers=len(slots), thread_name_prefix="probe")
        self._trials: dict[str, Future[ProbeOutcome | None]] = {}

    def begin(self, names: Sequence[str]) -> None:
        """Have apps started, each without one of the secrets `names`."""
        for name in names:
            self._trials[name] = self._pool.submit(self._try, name)

    def seen(self, name: str) -> ProbeOutcome | None:
        """Return what came of the one without the secret `name`, once that is known.

        None where it was not begun, goes on, or says nothing: where the secret is no variable of
        its own.
        """
        trial = self._trials.get(name)
        return trial.result() if trial else None

    def settle(self) -> None:
        """Return once none is under way any more, and the servers are the examined app's alone."""
        wait(self._trials.values())

    def forget(self) -> None:
        """Know nothing of those that were begun; each is started again when it is asked for."""
        self._trials.clear()

    def close(self) -> None:
        """Begin no more, and return once none is under way."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _try(self, name: str) -> ProbeOutcome | None:
        with self._slot() as slot:
            try:
                return self._outcome(slot(), name)
            except GraderError as error:
                log.debug("a trial without %s failed: %s", name, error)
                return None  # it is started again when it is asked for

    @contextmanager
    def _slot(self) -> Iterator[Callable[[], ProbeSlot]]:
        """Make one that is free, or gives it as it was made; it is nobody else's within."""
        slot = self._slots.get()
        try:
            yield slot
        finally:
            self._slots.put(slot)

    def _outcome(self, slot: ProbeSlot, name: str) -> ProbeOutcome | None:
        taken = [slot.given.environment[one] for one in slot.given.holding([name])]
        if not taken or any(user in value for user in slot.users for value in taken):
            return None  # it would choose an account of its own, and nobody could tell whose
        app = slot.make(slot.given.without([name]))
        try:
            watch_start(self._context, app)
            ended = not (app.container.id and app.container.state().running)
        finally:
            if app.container.id:
                app.container.remove()
        # one that still starts may only be slow, as others start alongside it
        return ProbeOutcome(guessed=self._guessed(slot)) if ended else None

    def _guessed(self, slot: ProbeSlot) -> bool:
        return any(
            one.guessed and one.user in slot.users
            for server in self._servers
            for one in server.refusals()
        )
