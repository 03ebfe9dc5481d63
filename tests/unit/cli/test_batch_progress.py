"""A batch as it is shown."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from grader.batch import Attempt, AttemptEnding, Entry
from grader.cli import batch_progress as module
from grader.cli.batch_progress import Board, board

ADA = Entry(student="Ada", source="a")
EVE = Entry(student="[bold]Eve[/] \x1b[31m\n", source="e")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What time it is."""
    now = [0.0]
    monkeypatch.setattr("grader.cli.batch_progress.time.monotonic", lambda: now[0])
    return now


def shown(*, terminal: bool) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, force_terminal=terminal, width=120, color_system=None), file


def test_a_log_gets_a_line_for_each(clock: list[float]) -> None:
    """With the rate and the time left; what was graded before does not count in the rate."""
    console, file = shown(terminal=False)
    with board(console, 4) as one:
        ends = [
            Attempt(entry=ADA, ending=AttemptEnding.KEPT, points="7/10"),
            Attempt(entry=ADA, ending=AttemptEnding.GRADED, points="8/10"),
            Attempt(entry=EVE, ending=AttemptEnding.FAULT, reason="No engine.\nAt all."),
            Attempt(entry=ADA, ending=AttemptEnding.UNREADABLE, reason="Gone."),
        ]
        for attempt in ends:
            one.start(attempt.entry)
            clock[0] += 30
            one.end(attempt)
    assert file.getvalue().splitlines() == [
        "1/4  Ada  7/10, as before  (nothing graded yet)",
        "2/4  Ada  8/10  (1.0 a minute, about 2 min left)",
        "3/4  [bold]Eve[/]    no score: No engine. At all.  (1.3 a minute, about 45 s left)",
        "4/4  Ada  not readable: Gone.  (1.5 a minute, about 0 s left)",
    ]


def test_a_terminal_gets_a_bar(clock: list[float]) -> None:
    """With who is being graded; markup of a name is only text."""
    console, file = shown(terminal=True)
    with board(console, 2) as one:
        one.start(EVE)
        clock[0] += 60
        one.end(Attempt(entry=EVE, ending=AttemptEnding.GRADED, points="1/10"))
    text = file.getvalue()
    assert "1/2  [bold]Eve[/]" in text
    assert "1.0 a minute" in text
    assert "\x1b[31m" not in text


def test_time_is_told_at_a_glance() -> None:
    """Seconds, minutes, hours."""
    assert [module._duration(minutes) for minutes in (0.5, 12.4, 150)] == [
        "30 s",
        "12 min",
        "2.5 h",
    ]
    assert Board(shown(terminal=False)[0], 0).pace() == "nothing to grade"
