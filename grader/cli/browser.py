"""The HTML report in the person's own browser."""

from __future__ import annotations

from pathlib import Path

import click

from grader.model import GradeReport


def open_html(report: GradeReport, state: Path) -> None:
    """Write the HTML report below `state`, in the place of the last one, and open it."""
    from grader.report.html import to_html

    folder = state / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "report.html"
    file.write_text(to_html(report), "utf-8", errors="replace")
    show(file)


def show(file: Path) -> None:
    """Open `file`; where no browser can be started, say where it is."""
    if click.launch(str(file.resolve())) != 0:
        click.echo(f"No browser could be started; open {file.resolve()} yourself.", err=True)
