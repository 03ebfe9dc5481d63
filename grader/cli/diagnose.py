"""`grader diagnose`: build and start only, and the cause where that fails."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli.common import (
    challenges_option,
    complete_slug,
    console,
    find_challenge,
    settings,
)
from grader.cli.grade import exit_code
from grader.cli.main import log_to_stderr
from grader.cli.roles import read_roles, role_option
from grader.cli.targets import STDOUT, targets, write
from grader.errors import UsageError
from grader.model import Challenge

PORT = 5000
"""Where Flask listens, if nothing says otherwise."""


@click.command()
@click.argument("folder", metavar="PATH", type=click.Path(path_type=Path))
@click.option(
    "--exam",
    "slug",
    metavar="SLUG",
    shell_complete=complete_slug,
    help="Start it as this exam does: with its port, path and variables.",
)
@click.option("--port", type=click.IntRange(1, 65535), help="Where the app listens.")
@click.option("--path", default=None, metavar="URLPATH", help="What is asked for.  [default: /]")
@click.option("--compose", metavar="FILE", help="Take this Compose file of PATH.")
@click.option("--service", metavar="NAME", help="Take this service of it for the app.")
@role_option
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write what was found to FILE as JSON; - is standard output.",
)
@click.option("--verbose", is_flag=True, help="Say what is done with Docker, and when.")
@challenges_option
def diagnose(
    folder: Path,
    *,
    slug: str | None,
    port: int | None,
    path: str | None,
    compose: str | None,
    service: str | None,
    roles: tuple[str, ...],
    json_file: str | None,
    verbose: bool,
    sources: tuple[str, ...],
) -> None:
    """Build and start the submission PATH, and say what keeps it from starting.

    Nothing is examined and there is no score. Without --exam the port is the one that the
    Dockerfile exposes, else 5000, and any answer but a server error counts. A Compose file is
    brought up where there is one, else the image is built and started alongside the services that
    its packages ask for (PostgreSQL, Redis and others), or a MySQL where they ask for none.
    """
    from grader.cli.progress import progress
    from grader.pipeline import Options, grade
    from grader.report.starting import render

    if verbose:
        log_to_stderr()
    machine = settings(sources)
    reports = targets([f"json={json_file}"] if json_file else [])
    if slug and (port or path):
        msg = "--exam says port and path: leave out --port and --path."
        raise UsageError(msg)
    if slug:
        from grader.spec.starting import only_starting

        challenge = only_starting(find_challenge(slug, machine))
    else:
        challenge = _plain(folder, port, path or "/", compose)
    if (compose or service) and challenge.mode != "compose":
        msg = "There is no Compose file to take: leave out --compose and --service."
        raise UsageError(msg)
    options = Options(
        compose=compose, service=service, needs_database=bool(slug),
        roles=read_roles(roles, challenge),
    )  # fmt: skip
    with progress(console(stderr=True), quiet=verbose) as listener:
        report = grade(challenge, folder, machine, options=options, listener=listener)
    write(report, reports)
    if json_file != STDOUT:
        console().print(render(report), crop=False)
    sys.exit(exit_code(report))


def _plain(folder: Path, port: int | None, path: str, compose: str | None) -> Challenge:
    """Return an exam that asks for nothing but the start of what is in `folder`."""
    from grader.inspect.appfiles import AppFiles
    from grader.inspect.asked_services import asked_services
    from grader.inspect.compose.find import find_compose, misnamed
    from grader.inspect.dockerfile import exposed_port, find_dockerfile, read_dockerfile
    from grader.spec.starting import starting
    from grader.submission.project import find_project

    if not path.startswith("/"):
        msg = f"--path {path} is no path: write it as /{path}."
        raise UsageError(msg)
    if not folder.is_dir():
        msg = f"{folder} is no folder: unpack it first, or name an exam with --exam."
        raise UsageError(msg)
    found_compose = find_compose(folder)
    if compose or found_compose.path or found_compose.hidden_ending:
        return starting("compose", port=port or PORT, path=path)
    project = find_project(folder, "dockerfile").folder
    found = find_dockerfile(project)
    if misnamed(folder):
        return starting("compose", port=port or PORT, path=path)  # it says how to rename it
    dockerfile = read_dockerfile(project, found) if found else None
    exposed = exposed_port(dockerfile) if dockerfile else None
    packages = AppFiles(root=project, dockerfile=dockerfile).requirements()
    return starting(
        "dockerfile", port=port or exposed or PORT, path=path,
        offers=asked_services(project, packages),
    )  # fmt: skip
