"""`grader grade`: one submission, its score and the reasons."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import click

from grader.cli.common import (
    challenges_option,
    console,
    find_challenge,
    seen,
    settings,
    slug_argument,
    view_options,
)
from grader.cli.main import log_to_stderr
from grader.cli.roles import read_roles, role_option
from grader.cli.targets import STDOUT, ReportTarget, targets, write
from grader.errors import UsageError
from grader.events import Concluded, Event, Listener
from grader.memory import loading
from grader.model import Challenge, Graded, GradeReport, Rejected, Ungradable
from grader.report.format_names import format_list
from grader.settings import Settings

if TYPE_CHECKING:
    from grader.pipeline import Options


@click.command()
@slug_argument
@click.argument("source", metavar="PATH")
@click.option(
    "--ref", default="", metavar="REF", help="Branch, tag or commit, where PATH is a URL."
)
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write the JSON report to FILE; - is standard output.",
)
@click.option(
    "--report",
    "wanted",
    metavar="FORMAT=FILE",
    multiple=True,
    help=f"Write a report as {format_list()}; may be repeated.",
)
@view_options
@click.option("--watch", is_flag=True, help="Grade again whenever a file of PATH changes.")
@click.option("--open", "show", is_flag=True, help="Open the HTML report in the browser.")
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), help="Draw the same random data as a run before."
)
@click.option(
    "--only", multiple=True, metavar="CRITERION", help="Examine this criterion and what it needs."
)
@click.option(
    "--keep", is_flag=True, help="Leave the containers for a look; `grader clean` removes them."
)
@click.option(
    "--compose",
    metavar="FILE",
    help="Take this Compose file of PATH; usually it is found.",
)
@click.option(
    "--service",
    metavar="NAME",
    help="Take this service of the Compose file for the app; usually it is found.",
)
@role_option
@click.option("--verbose", is_flag=True, help="Say what is done with Docker, and when.")
@challenges_option
@click.option("--no-cache", is_flag=True, help="Build every step of the image again.")
def grade(
    slug: str,
    source: str,
    *,
    ref: str,
    json_file: str | None,
    wanted: tuple[str, ...],
    view: str,
    deadline: str | None,
    watch: bool,
    show: bool,
    seed: int | None,
    only: tuple[str, ...],
    keep: bool,
    compose: str | None,
    service: str | None,
    roles: tuple[str, ...],
    verbose: bool,
    no_cache: bool,
    sources: tuple[str, ...],
) -> None:
    """Grade the submission PATH against exam SLUG.

    PATH is a folder, an archive (zip, tar, tar.gz, tar.zst) or the URL of a git repository. The
    image is built from its Dockerfile, started alongside a MySQL of its own (or as its Compose file
    says) and examined from outside. Nothing of PATH is changed.
    """
    with loading():
        from grader.pipeline import Options
    if verbose:
        log_to_stderr()
    machine = settings(sources)
    reports = targets([*([f"json={json_file}"] if json_file else []), *wanted])
    challenge = seen(find_challenge(slug, machine), view, deadline)
    if (compose or service) and challenge.mode != "compose":
        msg = f"The exam {slug} takes a Dockerfile: leave out --compose and --service."
        raise UsageError(msg)
    options = Options(
        seed=seed, only=only, keep=keep, use_cache=not no_cache, compose=compose, service=service,
        ref=ref, roles=read_roles(roles, challenge),
    )  # fmt: skip
    if watch:
        from grader.cli.watch import FolderWatch

        FolderWatch(
            challenge=challenge, folder=Path(source), machine=machine, options=options,
            reports=reports, show=show,
        ).run()  # fmt: skip
    report = _grade_once(challenge, source, machine, options, reports, quiet=verbose)
    if show:
        _open(report, reports, machine.state)
    if keep:
        _say_kept(report)
    sys.exit(exit_code(report))


def _grade_once(
    challenge: Challenge,
    source: str,
    machine: Settings,
    options: Options,
    reports: tuple[ReportTarget, ...],
    *,
    quiet: bool,
) -> GradeReport:
    """Grade, show the result as early as it is known, and write the reports; return the result.

    With `quiet`, no progress is shown.
    """
    with loading():
        from grader.cli.progress import progress
        from grader.pipeline import grade as run
    with progress(console(stderr=True), quiet=quiet) as listener:
        early = _Early(listener, quiet=any(one.file == STDOUT for one in reports))
        report = run(challenge, source, machine, options=options, listener=early.hear)
    write(report, reports)
    early.rest(report)
    return report


def exit_code(report: GradeReport) -> int:
    """0 where it is passed, 1 where it is not or is rejected, 3 without a score."""
    match report:
        case Graded():
            return 0 if report.passed else 1
        case Rejected():
            return 1
        case Ungradable():
            return 3
        case _:
            assert_never(report)


class _Early:
    """Shows the result as soon as it is known, while the run's things are removed."""

    def __init__(self, listener: Listener, *, quiet: bool) -> None:
        """With `quiet`, standard output is a report's."""
        self._listener = listener
        self._quiet = quiet
        self._told: tuple[str, ...] = ()

    def hear(self, event: Event) -> None:
        """Pass `event` on, and show the result that it may bring."""
        from grader.report.console import render

        self._listener(event)
        if isinstance(event, Concluded) and not self._quiet:
            self._told = event.report.provenance.notes
            console().print(render(event.report), crop=False)

    def rest(self, report: GradeReport) -> None:
        """Show what was noted of the end."""
        if not self._quiet:
            for note in report.provenance.notes[len(self._told) :]:
                click.echo(note, err=True)


def _open(report: GradeReport, reports: tuple[ReportTarget, ...], state: Path) -> None:
    """Open the HTML report that was asked for, else one that is made for it."""
    from grader.cli.browser import open_html, show

    for one in reports:
        if one.format == "html" and one.file != "-":
            show(Path(one.file))
            return
    open_html(report, state)


def _say_kept(report: GradeReport) -> None:
    run = report.provenance.run
    click.echo(
        f"Kept. Look around with: docker ps --filter label=practical-exam-grader.run={run}\n"
        "Remove it with: grader clean",
        err=True,
    )
