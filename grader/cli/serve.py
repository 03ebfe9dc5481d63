"""`grader serve`: a portal on this machine, from nothing, in one command."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.common import challenges_option, require_portal, settings


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, metavar="ADDRESS",
    help="Where to listen. Others than this machine need a proxy with TLS before it.",
)  # fmt: skip
@click.option("--port", type=click.IntRange(1024, 65535), default=8000, show_default=True)
@click.option(
    "--jobs", type=click.IntRange(1, 16), default=1, show_default=True, help="Runs at a time."
)
@click.option(
    "--folder", type=click.Path(path_type=Path), metavar="DIR",
    help="Where keys and what is handed in are kept (default: in the grader's state folder).",
)  # fmt: skip
@click.option("--name", default="portal", show_default=True, help="Of this portal, if several.")
@click.option(
    "--exam", "exams", multiple=True, metavar="SLUG",
    help="Offer this exam alone; may be repeated (default: all that are here).",
)  # fmt: skip
@click.option("--https", is_flag=True, help="People come by https, through a proxy before this.")
@click.option("--demo", is_flag=True, help="With a course, three exams and a few people.")
@challenges_option
def serve(
    *,
    host: str,
    port: int,
    jobs: int,
    folder: Path | None,
    name: str,
    exams: tuple[str, ...],
    https: bool,
    demo: bool,
    sources: tuple[str, ...],
) -> None:
    """Serve the portal: students hand in and read results in a browser.

    PostgreSQL runs in a container of its own whose volume stays; the pages and a worker run here.
    Ctrl-C ends all of it, and starting again goes on with what is queued.

    Exit codes: 0 it was ended, 2 wrong usage, 3 something that it needs is not there.
    """
    machine = settings(sources)
    require_portal()

    from grader.portal.serve.portal import PortalPlan, run_portal

    run_portal(
        PortalPlan(
            settings=machine,
            folder=folder or machine.state / "portals" / name,
            name=name,
            host=host,
            port=port,
            jobs=jobs,
            exams=exams,
            sources=sources,
            https=https,
            demo=demo,
        ),
        click.echo,
    )
