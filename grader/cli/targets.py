"""Where reports go: `FORMAT=FILE`, checked before anything is graded."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from grader.errors import UsageError
from grader.model import GradeReport

STDOUT = "-"


@dataclass(frozen=True, kw_only=True)
class ReportTarget:
    """One report that is wanted."""

    format: str
    file: str
    """A path, or `-` for standard output."""


def targets(wanted: Sequence[str]) -> tuple[ReportTarget, ...]:
    """Return what each `FORMAT=FILE` of `wanted` asks for.

    Raises `UsageError` for a format that there is not, a file that cannot be written where it is
    to lie, one that is named twice, or two reports for standard output.
    """
    found = tuple(map(_target, wanted))
    files = [one.file for one in found]
    for file in files:
        if files.count(file) > 1:
            where = "standard output" if file == STDOUT else file
            msg = f"Two reports are to go to {where}; name another file for one of them."
            raise UsageError(msg)
    return found


def _target(text: str) -> ReportTarget:
    from grader.report.format_names import FORMATS
    from grader.report.formats import check_format

    name, sign, file = text.partition("=")
    if not sign or not file:
        known = ", ".join(FORMATS)
        msg = f"--report {text} names no file; write FORMAT=FILE, with one of {known}."
        raise UsageError(msg)
    check_format(name)
    if file != STDOUT:
        check_writable(Path(file))
    return ReportTarget(format=name, file=file)


def check_writable(file: Path) -> None:
    """Raise `UsageError` where no file can be written at `file`."""
    if file.is_dir():
        msg = f"{file} is a folder; name a file in it for the report."
        raise UsageError(msg)
    folder = file.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        msg = f"The report cannot be written to {file}: make the folder {folder} first."
        raise UsageError(msg)


def write(report: GradeReport, wanted: Sequence[ReportTarget]) -> bool:
    """Write each report of `wanted`; whether one of them went to standard output."""
    from grader.report.formats import render

    for one in wanted:
        emit(render(report, one.format), one.file)
    return any(one.file == STDOUT for one in wanted)


def emit(text: str, file: str) -> None:
    """Write `text` to `file`, or to standard output for `-`."""
    if file == STDOUT:
        click.echo(text, nl=False)
        return
    try:
        Path(file).write_text(text, "utf-8", errors="replace")
    except OSError as error:
        msg = f"The report cannot be written to {file}: {error.strerror}. Name another file."
        raise UsageError(msg) from None
