"""A submission's Compose file as the grader reads it, which the naive way is lent."""

from __future__ import annotations

from pathlib import Path

from grader.exam.compose_view import ComposeView
from grader.inspect.compose.find import find_compose
from grader.inspect.compose.proxies import Clues
from grader.inspect.compose.read import read_compose
from grader.inspect.compose.roles import app_port, pick_app, pick_database
from grader.model import Challenge
from grader.run.compose.project_roles import AppPort, ComposeRoles
from grader.run.compose.view import view


def view_of(challenge: Challenge, source: Path) -> ComposeView:
    """Return what the suite's `compose` fixture shows of the submission in `source`."""
    found = find_compose(source)
    assert found.path is not None, found.problem
    injected = dict.fromkeys(challenge.app.env, "x")
    reading = read_compose(source, found.path, injected=injected, fresh=True)
    assert reading.project is not None, reading.faults
    port = challenge.app.port
    app, said = pick_app(reading.project, port, None, Clues())
    database = pick_database(reading.project)
    assert app is not None, said
    assert database is not None
    inside, said_by = app_port(app, port)
    return view(
        ComposeRoles(
            fresh=reading, submitted=reading, app=app, database=database,
            started=tuple(reading.project.services),
            listens=AppPort(number=inside, said_by=said_by), dockerfiles={},
        )
    )  # fmt: skip
