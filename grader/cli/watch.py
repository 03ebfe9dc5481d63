"""`grader grade --watch`: grade again whenever a file changes, what was lost before first."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from rich.text import Text

from grader.cli.browser import open_html
from grader.cli.changes import Cancel, changes_in
from grader.cli.common import console
from grader.cli.progress import progress
from grader.cli.targets import STDOUT, ReportTarget, write
from grader.criteria import LAST
from grader.errors import Cancelled, UsageError
from grader.events import CheckFinished, Concluded, Event, Listener
from grader.model import Challenge, CheckResult, Graded, GradeReport, Outcome
from grader.pipeline import Options, grade
from grader.report.console import MARKS, render, render_changes
from grader.run.environment.pool import EnvironmentPool
from grader.settings import Settings

SHOWN = 3
"""Names of changed files that are told."""
SLOW = 0.3
"""Seconds; criteria that took longer (they restart things) come after those that did not."""


@dataclass(kw_only=True)
class FolderWatch:
    """A folder that is graded now and after each change of a file in it.

    A change while it is being graded ends that run and begins another. All runs draw the same
    data, so that nothing is lost or won by chance.
    """

    challenge: Challenge
    folder: Path
    machine: Settings
    options: Options
    reports: tuple[ReportTarget, ...]
    """What is written after each run."""
    show: bool
    """Whether the first result is opened in the browser."""
    _before: GradeReport | None = None

    def __post_init__(self) -> None:
        """Raise `UsageError` where that cannot be done."""
        if not self.folder.is_dir():
            msg = f"--watch needs a folder, and {self.folder} is none."
            raise UsageError(msg)
        if self.options.keep:
            msg = "--watch makes everything again after each change: leave out --keep."
            raise UsageError(msg)
        if any(one.file == STDOUT for one in self.reports):
            msg = "--watch shows the result on standard output: name a file for the report."
            raise UsageError(msg)
        if self.options.seed is None:
            self.options = replace(self.options, seed=secrets.randbelow(2**32))

    def run(self) -> NoReturn:
        """Go on until Ctrl-C, which raises `Cancelled` or `KeyboardInterrupt`."""
        own = [Path(one.file) for one in self.reports]
        with changes_in(self.folder, own) as changes, EnvironmentPool(self.machine) as environments:
            while True:
                names, cancel = changes.begin()
                self._say(names)
                if self._grade(environments, cancel):
                    changes.wait()

    def _say(self, names: list[str]) -> None:
        """Say what a run begins for."""
        if not names:
            return
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        said = f"{datetime.now():%H:%M:%S}  {', '.join(names[:SHOWN])}{more} changed"
        console().print(Text(f"\n{said}", style="bold"), soft_wrap=True)

    def _grade(self, environments: EnvironmentPool, cancel: Cancel) -> bool:
        """Grade once and show the result; False where another change ended that."""
        again = _Again.of(self._before)
        options = replace(self.options, order=again.order if again else ())
        with progress(console(stderr=True)) as listener:
            shown = _Shown(self.challenge, listener, self._before, again)
            try:
                report = grade(
                    self.challenge, self.folder, self.machine, options=options,
                    listener=shown.hear, cancel=cancel, environments=environments,
                )  # fmt: skip
            except Cancelled:
                if cancel.by_change:
                    return False
                raise
        write(report, self.reports)
        if self.show and self._before is None:
            open_html(report, self.machine.state)
        self._before = report
        return True


@dataclass(frozen=True, kw_only=True)
class _Again:
    """What is known of the criteria from the run before."""

    lost: frozenset[str]
    quick: frozenset[str]
    """Those that were examined in a moment, and whose turn need not be the last."""

    @classmethod
    def of(cls, before: GradeReport | None) -> _Again | None:
        """None where the run before was none that examined anything."""
        if not isinstance(before, Graded):
            return None
        lost = [one for one in before.results if one.outcome is not Outcome.PASSED]
        quick = [one for one in before.results if one.duration < SLOW]
        return cls(
            lost=frozenset(one.criterion for one in lost),
            quick=frozenset(one.criterion for one in quick) - frozenset(LAST),
        )

    @property
    def order(self) -> tuple[tuple[str, ...], ...]:
        """What was lost, and then what is quick."""
        return tuple(sorted(self.lost)), tuple(sorted(self.quick))


class _Shown:
    """Tells at once what came of what was lost and what is lost now, and then the whole result."""

    def __init__(
        self,
        challenge: Challenge,
        listener: Listener,
        before: GradeReport | None,
        again: _Again | None,
    ) -> None:
        self._challenge = challenge
        self._listener = listener
        self._before = before
        self._again = again
        self._awaited = set(again.quick) if again else set[str]()
        self._began = time.monotonic()

    def hear(self, event: Event) -> None:
        """Pass `event` on, and print what it tells."""
        self._listener(event)
        match event:
            case CheckFinished():
                self._checked(event.result)
            case Concluded():
                self._concluded(event.report)
            case _:
                pass

    def _checked(self, result: CheckResult) -> None:
        if self._again is None:
            return
        lost = result.outcome not in {Outcome.PASSED, Outcome.NOT_REACHED}
        known = {one.id: one for one in self._challenge.criteria}
        if result.criterion in known and (lost or result.criterion in self._again.lost):
            mark, style = MARKS[result.outcome]
            title = known[result.criterion].title
            line = Text.assemble((f" {mark} ", style), title, (f"  {result.criterion}", "dim"))
            console().print(line, soft_wrap=True)
        if result.criterion in self._awaited:
            self._awaited.remove(result.criterion)
            if not self._awaited:
                self._say_quick(len(known))

    def _say_quick(self, count: int) -> None:
        assert self._again is not None
        seconds = time.monotonic() - self._began
        said = f"{len(self._again.quick)} of {count} criteria after {seconds:.1f} s; "
        console().print(Text(f"{said}those that take longer follow.", style="dim"), soft_wrap=True)

    def _concluded(self, report: GradeReport) -> None:
        before = self._before
        shown = render(report) if before is None else render_changes(report, before)
        console().print(shown, Text("Watching; Ctrl-C ends it.", style="dim"), crop=False)
