"""A second process that reads files for a scan, for what a second processor is worth."""

from __future__ import annotations

import logging
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from grader import process
from grader.errors import PlatformError
from grader.inspect.secrets.allowance import Allowance, Exhausted
from grader.inspect.secrets.archives import Budget
from grader.inspect.secrets.examine import Found, examine
from grader.inspect.secrets.finding import Blob, Skipped

log = logging.getLogger("grader.secrets")

MOST_WAITING = 2
"""Batches that wait for it, so that it has always something to do."""
COMMAND = (sys.executable, "-I", "-m", "grader.inspect.secrets.serve")


@dataclass(frozen=True, kw_only=True)
class ExaminedFile:
    """What one file came to."""

    path: str
    commit: str | None
    found: tuple[Found, ...]
    exhausted: str = ""
    """Why the scan may spend no more; empty where it may."""


Batch = Sequence[Blob | Skipped]
"""Files to read, and between them what is not read."""
Outcome = list[ExaminedFile | Skipped]


def examine_batch(batch: Batch, allowance: Allowance) -> Outcome:
    """Return what each file of `batch` came to. Raises `Cancelled` once the scan is."""
    return [one if isinstance(one, Skipped) else _examined(one, allowance) for one in batch]


def _examined(blob: Blob, allowance: Allowance) -> ExaminedFile:
    found: list[Found] = []
    exhausted = ""
    try:
        allowance.require_time()
        found.extend(examine(blob.path, blob.content, Budget(scan=allowance)))
    except Exhausted as error:
        exhausted = str(error)
    return ExaminedFile(path=blob.path, commit=blob.commit, found=tuple(found), exhausted=exhausted)


class SecondProcess:
    """The process, and the batches that it has. One that fails gives them back unread."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._child: subprocess.Popen[bytes] | None = None
        self._inbox: queue.SimpleQueue[tuple[int, Batch, float] | None] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[tuple[int, Outcome, float] | None] = queue.SimpleQueue()
        self._given: dict[int, Batch] = {}
        self._failed = len(os.sched_getaffinity(0)) < 2

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._child is not None:
            self._inbox.put(None)
            process.kill_group(self._child, grace=0.0)

    def take(self, number: int, batch: Batch) -> bool:
        """Give it a batch to read, under its `number`; False where it has enough to do."""
        if self._failed or len(self._given) >= MOST_WAITING:
            return False
        if self._child is None and not self._start():
            return False
        self._given[number] = batch
        self._inbox.put((number, batch, self._allowance.left))
        return True

    def finished(self, *, wait: bool = False) -> Iterator[tuple[int, Outcome]]:
        """Yield the batches that it has read; `wait` for all that it was given.

        Raises `Cancelled` once the scan is.
        """
        while self._given:
            try:
                answer = (
                    self._outbox.get(timeout=process.POLL) if wait else self._outbox.get_nowait()
                )
            except queue.Empty:
                if not wait:
                    return
                self._allowance.require_going_on()
                continue
            if answer is None:
                self._failed = True
                for number, batch in self._given.items():
                    yield number, examine_batch(batch, self._allowance)
                self._given.clear()
            else:
                number, outcome, seconds = answer
                self._allowance.seconds -= seconds
                del self._given[number]
                yield number, outcome

    def _start(self) -> bool:
        try:
            self._child = process.spawn(COMMAND, errors=subprocess.DEVNULL)
        except (OSError, PlatformError):
            self._failed = True
            return False
        threading.Thread(target=self._converse, daemon=True, name="secrets").start()
        return True

    def _converse(self) -> None:
        """Pass batches to the process and what it answers back, one at a time."""
        child = self._child
        assert child is not None
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            with child.stdin as sent, child.stdout as answers:
                while (task := self._inbox.get()) is not None:
                    number, batch, seconds = task
                    pickle.dump((batch, seconds), sent)
                    sent.flush()
                    self._outbox.put((number, *pickle.load(answers)))  # noqa: S301 - our own process
        except (OSError, EOFError, ValueError, pickle.PickleError) as error:
            log.debug("the second process of a scan has gone: %r", error)
        finally:
            self._outbox.put(None)
