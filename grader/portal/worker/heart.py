"""The heartbeat of a worker: its leases stand as long as it beats; it sweeps up after others."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from grader.portal.actions import leases
from grader.portal.actions.leases import Claim
from grader.portal.actions.sweep import sweep
from grader.portal.data.base import utc_now
from grader.portal.data.database import PortalDatabase
from grader.portal.data.operations import WorkerRecord
from grader.portal.errors import DatabaseAway
from grader.portal.worker.telling import tell

log = logging.getLogger(__name__)

BEAT = 2.0
"""Seconds between two beats: a withdrawal is seen that late."""


class Heart:
    """Beats in a thread of its own between `start` and `stop`."""

    def __init__(self, database: PortalDatabase, worker: int) -> None:
        self.worker = worker
        """The worker's id."""
        self._database = database
        self._claims: dict[Claim, threading.Event] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, daemon=True, name="heart")

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._stopped.set()
        self._thread.join(timeout=BEAT * 2)

    def cancel_all(self) -> None:
        """Have all runs come to an end, and those that begin as well: the worker ends."""
        self._ending.set()
        with self._lock:
            for event in self._claims.values():
                event.set()

    @contextmanager
    def watching(self, claim: Claim) -> Iterator[threading.Event]:
        """Yield an event that is set once `claim` stands no more, or the worker ends."""
        event = threading.Event()
        with self._lock:
            self._claims[claim] = event
        if self._ending.is_set():
            event.set()
        try:
            yield event
        finally:
            with self._lock:
                del self._claims[claim]

    def _beat_on(self) -> None:
        while not self._stopped.wait(BEAT):
            try:
                self.beat()
            except DatabaseAway as error:
                log.warning("no heartbeat: %s", error)
            except Exception:
                log.exception("a heartbeat failed")

    def beat(self) -> None:
        """Extend the leases, say that the worker lives, and sweep up after others."""
        now = utc_now()
        with self._lock:
            claims = dict(self._claims)
        with self._database.transaction() as session:
            session.get_one(WorkerRecord, self.worker).heartbeat_at = now
        for claim, event in claims.items():
            with self._database.transaction() as session:
                if not leases.extend(session, claim, now):
                    event.set()
        with self._database.transaction() as session:
            done = sweep(session, now)
            for number in (*done.returned, *done.failed):
                tell(session, number)
        if done.returned or done.failed:
            log.warning("swept up: queued again %s, given up %s", done.returned, done.failed)
