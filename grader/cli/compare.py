"""`grader compare`: why a score changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from grader.errors import UsageError

MAX_BYTES = 64 * 1024 * 1024
READ = (1, 2)
"""The versions of the JSON report that are compared."""


@click.command()
@click.argument("before", metavar="A", type=click.Path(path_type=Path))
@click.argument("after", metavar="B", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def compare(before: Path, after: Path, *, as_json: bool) -> None:
    """Say why the score in the JSON report B is not that in A.

    Criteria gained and lost with their evidence, and what else differs: the files, the commit, the
    exam, the seed, the grader, the images. Ends with 2 where they are reports of two exams.
    """
    from grader.report import compare as reports
    from grader.report.compare_text import to_json, to_text

    first, second = _load(before), _load(after)
    slugs = reports.challenges(first, second)
    if slugs[0] != slugs[1]:
        msg = (
            f"{before} is a report of {slugs[0]} and {after} one of {slugs[1]}: two exams cannot "
            "be compared; name two reports of one."
        )
        raise UsageError(msg)
    found = reports.compare(first, second)
    click.echo(to_json(found) if as_json else to_text(found), nl=False)


def _load(path: Path) -> dict[str, Any]:
    """Return the report at `path`. Raises `UsageError` where it is none."""
    try:
        with path.open(encoding="utf-8") as file:
            document = json.loads(file.read(MAX_BYTES))
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}."
        raise UsageError(msg) from error
    except (ValueError, RecursionError):
        document = None
    if not _is_report(document):
        msg = f"{path} is no report; name a file that `grader grade --json` or `batch` wrote."
        raise UsageError(msg)
    report: dict[str, Any] = document
    return report


def _is_report(document: Any) -> bool:
    return (
        isinstance(document, dict)
        and document.get("format") in READ
        and {"verdict", "criteria", "run"} <= document.keys()
    )
