"""Tells the threads that wait for a grading when there is news: one connection listens for all."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from grader.portal.data.database import libpq_url
from grader.portal.worker.telling import CHANNEL

log = logging.getLogger(__name__)

AGAIN_SECONDS = 1.0
LOOK_SECONDS = 0.5
"""How late it notices that it is to end."""


class EventHub:
    """Listens in a thread of its own, from the first wait on."""

    def __init__(self, url: str, most: int) -> None:
        self._url = libpq_url(url)
        self._most = most
        self._waiting = 0
        self._news: Counter[int] = Counter()
        """How often there was news of each grading that somebody waits for."""
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def place(self) -> Iterator[bool]:
        """Yield whether there is room for one more to wait."""
        with self._changed:
            room = self._waiting < self._most
            self._waiting += room
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen_on, daemon=True, name="hub")
                self._thread.start()
        try:
            yield room
        finally:
            with self._changed:
                self._waiting -= room

    def seen(self, grading: int) -> int:
        """Return how much news of `grading` there was."""
        with self._changed:
            return self._news[grading]

    def wait(self, grading: int, seen: int, within: float) -> int:
        """Return how much news there was once that is more than `seen`, or the time is up."""
        end = time.monotonic() + within
        with self._changed:
            while self._news[grading] <= seen and not self._stopped.is_set():
                left = end - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    break
            return self._news[grading]

    def close(self) -> None:
        """Wake everybody up, and end."""
        self._stopped.set()
        with self._changed:
            self._changed.notify_all()

    def _listen_on(self) -> None:
        while not self._stopped.is_set():
            try:
                self._listen()
            except psycopg.Error as error:
                log.warning("no news of gradings for now: %s", error)
                self._stopped.wait(AGAIN_SECONDS)

    def _listen(self) -> None:
        with psycopg.connect(self._url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            while not self._stopped.is_set():
                for one in connection.notifies(timeout=LOOK_SECONDS):
                    if one.payload.isdigit():
                        self._tell(int(one.payload))

    def _tell(self, grading: int) -> None:
        with self._changed:
            self._news[grading] += 1
            self._changed.notify_all()
