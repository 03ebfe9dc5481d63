"""A batch as it goes on: a bar on a terminal, a line for each submission where it is piped."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.text import Text

from grader.batch import Attempt, AttemptEnding, Entry
from grader.text import clean, clip


@contextmanager
def board(console: Console, total: int) -> Iterator[Board]:
    """Yield a board for `total` submissions on `console`."""
    if not console.is_terminal:
        yield Board(console, total)
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True) as bar:
        yield Board(console, total, bar)


class Board:
    """Who is being graded, what came of the others, the rate, and the time that is left."""

    def __init__(self, console: Console, total: int, bar: Progress | None = None) -> None:
        self._console = console
        self._total = total
        self._bar = bar
        self._task: TaskID | None = bar.add_task("", total=total) if bar else None
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._running: list[str] = []
        self._done = self._graded = 0

    def start(self, entry: Entry) -> None:
        """`entry` is being graded."""
        with self._lock:
            self._running.append(_name(entry))
            self._draw()

    def end(self, attempt: Attempt) -> None:
        """Note what became of an entry."""
        with self._lock:
            self._running.remove(_name(attempt.entry))
            self._done += 1
            self._graded += attempt.ending not in {AttemptEnding.KEPT, AttemptEnding.RESCORED}
            line = f"{self._done}/{self._total}  {_said(attempt)}"
            if self._bar is None:
                line += f"  ({self.pace()})"
            self._console.print(Text(line), soft_wrap=True)
            self._draw()

    def pace(self) -> str:
        """Submissions a minute, and how long the rest takes at that rate."""
        minutes = (time.monotonic() - self._began) / 60
        if not self._graded:
            return "nothing graded yet" if self._done < self._total else "nothing to grade"
        rate = self._graded / max(minutes, 1e-6)
        left = (self._total - self._done) / rate
        return f"{rate:.1f} a minute, about {_duration(left)} left"

    def _draw(self) -> None:
        if self._bar is not None and self._task is not None:
            doing = clip(", ".join(self._running), 60)
            self._bar.update(
                self._task, completed=self._done, description=f"{self.pace()}  {doing}"
            )


def _name(entry: Entry) -> str:
    return clip(clean(entry.student), 40)


def _said(attempt: Attempt) -> str:
    match attempt.ending:
        case AttemptEnding.GRADED:
            end = attempt.points
        case AttemptEnding.KEPT:
            end = f"{attempt.points}, as before"
        case AttemptEnding.RESCORED:
            end = f"{attempt.points}, scored again"
        case AttemptEnding.FAULT:
            end = f"no score: {clip(attempt.reason, 200)}"
        case AttemptEnding.UNREADABLE:
            end = f"not readable: {clip(attempt.reason, 200)}"
    return f"{_name(attempt.entry)}  {end}".replace("\n", " ")


def _duration(minutes: float) -> str:
    """Minutes in words that one reads at a glance."""
    if minutes < 1.5:
        return f"{minutes * 60:.0f} s"
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
