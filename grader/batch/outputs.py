"""Everything that a batch writes alongside its reports, made from them again each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.batch.attempts import Attempt
from grader.batch.figures import Figures, figures
from grader.batch.report_store import STUDENTS, ReportStore
from grader.batch.rows import Row, row
from grader.batch.similar import Pair
from grader.batch.student_reports import feedback, page, students_view
from grader.batch.summary import summary_html, summary_json
from grader.batch.tables import canvas_csv, grades_csv, gradescope_csv, moodle_csv
from grader.model import Challenge


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What was written, and what it is about."""

    rows: tuple[Row, ...]
    figures: Figures
    files: tuple[Path, ...]


def write_outputs(
    challenge: Challenge,
    attempts: Sequence[Attempt],
    store: ReportStore,
    *,
    pairs: Sequence[Pair] | None = None,
) -> Outputs:
    """Write tables, summary and a page for each student of `attempts` to `store`.

    `pairs` are the similar ones, where they were asked for.

    Raises `DiskFull` where there is no room.
    """
    rows = tuple(_handed(challenge, row(attempt, store), store) for attempt in attempts)
    found = figures(challenge, rows)
    texts = {
        "grades.csv": grades_csv(challenge, rows),
        "moodle.csv": moodle_csv(challenge, rows),
        "canvas.csv": canvas_csv(challenge, rows),
        "gradescope.csv": gradescope_csv(challenge, rows),
        "summary.json": summary_json(challenge, rows, found, pairs),
        "summary.html": summary_html(challenge, rows, found, pairs),
    }
    files = tuple(store.put(name, text) for name, text in texts.items())
    return Outputs(rows=rows, figures=found, files=files)


def _handed(challenge: Challenge, found: Row, store: ReportStore) -> Row:
    """Write the page that the student of a row is handed; where there is none, none is left."""
    name = f"{STUDENTS}/{found.entry.stem}.html"
    document = store.read(found.entry) if found.earned is not None else None
    report = students_view(document, challenge) if document else None
    if report is None:
        store.remove(name)
        return found
    store.put(name, page(report))
    return replace(found, feedback=feedback(report))
