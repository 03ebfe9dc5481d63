"""`grader grade --watch`: grade again whenever a file changes, what was lost before first."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from rich.text import Text

from grader.cli.browser import open_html
from grader.cli.changes import Cancel, changes_in
from grader.cli.common import console
from grader.cli.progress import progress
from grader.cli.targets import STDOUT, Target, write
from grader.errors import Cancelled, UsageError
from grader.events import CheckFinished, Concluded, Event, Listener
from grader.model import Challenge, CheckResult, Graded, GradeReport, Outcome
from grader.phases.warm import WarmPool
from grader.pipeline import Options, grade
from grader.report.console import MARKS, render, render_changes
from grader.settings import Settings

SHOWN = 3
"""Names of changed files that are told."""


@dataclass(kw_only=True)
class Watch:
    """A folder that is graded now and after each change of a file in it.

    A change while it is being graded ends that run and begins another. All runs draw the same
    data, so that nothing is lost or won by chance.
    """

    challenge: Challenge
    folder: Path
    machine: Settings
    options: Options
    reports: tuple[Target, ...]
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
            msg = "--watch makes everything anew after each change: leave out --keep."
            raise UsageError(msg)
        if any(one.file == STDOUT for one in self.reports):
            msg = "--watch shows the result on standard output: name a file for the report."
            raise UsageError(msg)
        if self.options.seed is None:
            self.options = replace(self.options, seed=secrets.randbelow(2**32))

    def run(self) -> NoReturn:
        """Go on until Ctrl-C, which raises `Cancelled` or `KeyboardInterrupt`."""
        own = [Path(one.file) for one in self.reports]
        with changes_in(self.folder, own) as changes, WarmPool(self.machine) as warm:
            while True:
                names, cancel = changes.begin()
                self._say(names)
                if self._grade(warm, cancel):
                    changes.wait()

    def _grade(self, warm: WarmPool, cancel: Cancel) -> bool:
        """Grade once and show the result; False where another change ended that."""
        options = replace(self.options, first=self._lost())
        with progress(console(stderr=True)) as listener:
            try:
                report = grade(
                    self.challenge, self.folder, self.machine, options=options,
                    listener=self._shown(listener), cancel=cancel, warm=warm,
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

    def _lost(self) -> tuple[str, ...]:
        """The criteria that the last run did not earn."""
        if not isinstance(self._before, Graded):
            return ()
        wanted = self.options.only or tuple(one.id for one in self.challenge.criteria)
        return tuple(
            one.criterion
            for one in self._before.results
            if one.outcome is not Outcome.PASSED and one.criterion in wanted
        )

    def _say(self, names: list[str]) -> None:
        """What a run begins for."""
        if not names:
            return
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        said = f"{datetime.now():%H:%M:%S}  {', '.join(names[:SHOWN])}{more} changed"
        console().print(Text(f"\n{said}", style="bold"), soft_wrap=True)

    def _shown(self, listener: Listener) -> Listener:
        """One that tells at once what became of what was lost, and then the whole result."""
        first = frozenset(self._lost())

        def hear(event: Event) -> None:
            listener(event)
            match event:
                case CheckFinished() if event.result.criterion in first:
                    self._tell(event.result)
                case Concluded():
                    self._conclude(event.report)
                case _:
                    pass

        return hear

    def _tell(self, result: CheckResult) -> None:
        mark, style = MARKS[result.outcome]
        title = self.challenge.criterion(result.criterion).title
        line = Text.assemble((f" {mark} ", style), title, (f"  {result.criterion}", "dim"))
        console().print(line, soft_wrap=True)

    def _conclude(self, report: GradeReport) -> None:
        before = self._before
        shown = render(report) if before is None else render_changes(report, before)
        console().print(shown, Text("Watching; Ctrl-C ends it.", style="dim"), crop=False)
