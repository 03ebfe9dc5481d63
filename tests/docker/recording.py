"""All that the grader says while it grades: reports, events, progress and log lines."""

from __future__ import annotations

import io
import logging
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from rich.console import Console

from grader import pipeline
from grader.cli.progress import progress
from grader.events import Event
from grader.model import GradeReport
from grader.report import to_json
from grader.report.console import render
from grader.run.context import RunContext
from grader.text import SHORTEST_SECRET, encodings

RUNS: list[Recorded] = []
LOG = io.StringIO()
WIDTH = 500
"""Columns, so that no line is broken."""


class Recorded(RunContext):
    """A run's context that keeps what it tells."""

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.events: list[Event] = []
        listener = self.listener

        def hear(event: Event) -> None:
            self.events.append(event)
            listener(event)

        self.listener = hear
        RUNS.append(self)


@contextmanager
def recorded() -> Iterator[None]:
    """Every run within the block is kept in `RUNS`, and what is logged in `LOG`, the least too."""
    handler = logging.StreamHandler(LOG)
    logger = logging.getLogger("grader")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pipeline, "RunContext", Recorded)
            yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def everything_said(reports: Iterable[GradeReport]) -> Iterator[tuple[str, str]]:
    """Each text with where it was said."""
    for report in reports:
        yield "the JSON report", to_json(report)
        yield "the report on the terminal", _printed(render(report))
    for run in RUNS:
        for event in run.events:
            yield f"an event of {run.challenge.slug}", repr(event)
        buffer = io.StringIO()
        with progress(Console(file=buffer, width=WIDTH)) as listen:
            for event in run.events:
                listen(event)
        yield "progress", buffer.getvalue()
    yield "the log", LOG.getvalue()


def _printed(what: Any) -> str:
    buffer = io.StringIO()
    Console(file=buffer, width=WIDTH).print(what)
    return buffer.getvalue()


def shown(text: str, secrets: Collection[tuple[str, str]], planted: Collection[str]) -> list[str]:
    """The names of the secrets that `text` shows in any encoding; planted ones by their ends."""
    found = [
        f"{name} {how}"
        for name, value in secrets
        if len(value) >= SHORTEST_SECRET
        for form, how in encodings(value).items()
        if form in text
    ]
    return found + [f"a planted one of {len(one)} characters" for one in planted if one in text]
