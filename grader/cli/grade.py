"""`grader grade`: one submission, its score and the reasons."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import assert_never

import click

from grader.cli.common import (
    challenges_option,
    console,
    find_challenge,
    settings,
    slug_argument,
)
from grader.cli.main import log_to_stderr
from grader.cli.targets import Target, targets, write
from grader.errors import UsageError
from grader.model import Graded, GradeReport, Rejected, Ungradable


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
    help="Write a report as html, json, markdown, junit, sarif, annotations, outputs, gradescope "
    "or ctrf; may be repeated.",
)
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
@click.option("--verbose", is_flag=True, help="Say what is done with Docker, and when.")
@challenges_option
@click.option("--no-cache", is_flag=True, help="Build every step of the image anew.")
def grade(
    slug: str,
    source: str,
    *,
    ref: str,
    json_file: str | None,
    wanted: tuple[str, ...],
    show: bool,
    seed: int | None,
    only: tuple[str, ...],
    keep: bool,
    compose: str | None,
    service: str | None,
    verbose: bool,
    no_cache: bool,
    sources: tuple[str, ...],
) -> None:
    """Grade the submission PATH against exam SLUG.

    PATH is a folder, an archive (zip, tar, tar.gz, tar.zst) or the URL of a git repository. The
    image is built from its Dockerfile, started beside a MySQL of its own (or as its Compose file
    says) and examined from outside. Nothing of PATH is changed.
    """
    from grader.cli.progress import progress
    from grader.pipeline import Options
    from grader.pipeline import grade as run

    if verbose:
        log_to_stderr()
    machine = settings(sources)
    reports = targets([*([f"json={json_file}"] if json_file else []), *wanted])
    challenge = find_challenge(slug, machine)
    if (compose or service) and challenge.mode != "compose":
        msg = f"The exam {slug} takes a Dockerfile: leave out --compose and --service."
        raise UsageError(msg)
    options = Options(
        seed=seed,
        only=only,
        keep=keep,
        use_cache=not no_cache,
        compose=compose,
        service=service,
        ref=ref,
    )
    with progress(console(stderr=True), quiet=verbose) as listener:
        report = run(challenge, source, machine, options=options, listener=listener)
    _show(report, reports)
    if show:
        _open(report, reports, machine.state)
    if keep:
        _say_kept(report)
    sys.exit(exit_code(report))


def exit_code(report: GradeReport) -> int:
    """0 at or above the pass mark, 1 below it or rejected, 3 without a score."""
    match report:
        case Graded():
            return 0 if report.passed else 1
        case Rejected():
            return 1
        case Ungradable():
            return 3
        case _:
            assert_never(report)


def _show(report: GradeReport, reports: tuple[Target, ...]) -> None:
    """Write what was asked for; on standard output either one of these or the text for people."""
    from grader.report.console import render

    if not write(report, reports):
        console().print(render(report), crop=False)


def _open(report: GradeReport, reports: tuple[Target, ...], state: Path) -> None:
    """The HTML report that was asked for, else one that is made for it."""
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
