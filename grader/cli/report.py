"""`grader report`: a stored JSON report, rendered again in another form."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import click

from grader.cli.common import console, seen, settings, view_options
from grader.model import GradeReport
from grader.report.format_names import format_list


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "name",
    metavar="FORMAT",
    default="text",
    show_default=True,
    help=f"{format_list('text')}.",
)
@click.option(
    "--output", "-o", metavar="FILE", default="-", help="Write to FILE, not to standard output."
)
@click.option(
    "--folder",
    metavar="DIR",
    default="",
    help="Where the submission lies in its repository; for the paths of sarif and annotations.",
)
@view_options
@click.option("--open", "show", is_flag=True, help="Open it in the browser, as HTML.")
def report(
    file: Path,
    *,
    name: str,
    output: str,
    folder: str,
    view: str,
    deadline: str | None,
    show: bool,
) -> None:
    """Render the JSON report FILE, which `grader grade` wrote, in another form.

    Nothing is graded again, and what a report hides stays hidden: only one that was written
    for an instructor has more than a student may see. FILE may come from a stranger: it is checked
    against the published form, and no text in it is obeyed.
    Exit codes: 0 rendered, 2 wrong usage or no report of this grader.
    """
    from grader.cli.browser import open_html
    from grader.cli.targets import STDOUT, check_writable, emit
    from grader.report.formats import check_format, render
    from grader.report.read import from_file

    if name != "text":
        check_format(name)
    if output != STDOUT:
        check_writable(Path(output))
    found = from_file(file)
    found = replace(found, challenge=seen(found.challenge, view, deadline))
    if show:
        open_html(found, settings().state)
    elif name == "text":
        _text(found, output)
    else:
        emit(render(found, name, folder=folder), output)


def _text(found: GradeReport, output: str) -> None:
    """As a terminal shows it; in a file without colours."""
    from rich.console import Console

    from grader.cli.targets import STDOUT, emit
    from grader.report.console import render

    if output == STDOUT:
        console().print(render(found), crop=False)
        return
    paper = Console(file=io.StringIO(), width=100, color_system=None, highlight=False)
    with paper.capture() as captured:
        paper.print(render(found), crop=False)
    emit(captured.get(), output)
