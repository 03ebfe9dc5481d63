"""Live progress on a terminal, plain lines where it is piped."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from grader.events import (
    CheckFinished,
    Concluded,
    Event,
    Listener,
    PhaseFinished,
    PhaseStarted,
    Progressed,
    RunStarted,
    ignore,
)
from grader.model import Outcome
from grader.text import clean, clip


@contextmanager
def progress(console: Console, *, quiet: bool = False) -> Iterator[Listener]:
    """Yield a listener that shows a run's progress on `console`.

    One that shows nothing if `quiet`.
    """
    if quiet:
        yield ignore
    elif console.is_terminal:
        state = _State()
        with Live(state, console=console, refresh_per_second=12, transient=True) as live:

            def hear(event: Event) -> None:
                state.hear(event)
                if isinstance(event, Concluded):
                    live.stop()  # its line goes, and the result can be shown

            yield hear
    else:
        yield lambda event: _print(console, event)


class _State:
    """What is under way, as one line that is drawn again and again."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._phases: dict[str, str] = {}
        self._passed = self._done = self._all = 0
        self._spinner = Spinner("dots")

    def hear(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._all = len(event.challenge.criteria)
            case PhaseStarted():
                self._phases[event.phase] = ""
            case Progressed():
                self._phases[event.phase] = event.message
            case PhaseFinished():
                self._phases.pop(event.phase, None)
            case CheckFinished():
                self._done += 1
                self._passed += event.result.outcome is Outcome.PASSED
            case _:
                pass

    def __rich__(self) -> Spinner:
        phases = list(self._phases.items())
        doing = ", ".join(clip(f"{name}: {what}" if what else name, 90) for name, what in phases)
        seconds = time.monotonic() - self._started
        counts = f"{self._done}/{self._all} checked, {self._passed} passed"
        self._spinner.update(
            text=Text(f"{seconds:4.1f} s  {counts}  {doing}", overflow="ellipsis", no_wrap=True)
        )
        return self._spinner


def _print(console: Console, event: Event) -> None:
    """One line for each event that a reader of a log wants."""
    match event:
        case RunStarted():
            line = f"Grading {event.origin} against {event.challenge.slug}, seed {event.seed}"
        case PhaseStarted():
            line = f"{event.phase} begins"
        case PhaseFinished():
            line = f"{event.phase}: {event.seconds:.1f} s"
        case Progressed():
            line = f"{event.phase}: {event.message}"
        case _:
            return
    console.print(Text(clean(line)), soft_wrap=True)
