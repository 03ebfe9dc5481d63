"""Bringing a project up with the run's own values and, where they may be to blame, as handed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from grader.inspect.compose.project import Reading
from grader.run.app import DeployedApp
from grader.run.compose.credentials import refused_names
from grader.run.compose.project import ComposeProject
from grader.run.compose.project_roles import ComposeRoles
from grader.run.context import RunContext
from grader.sandbox.launch import NotReady


class BringUp(NamedTuple):
    """A project that was brought up, or that failed to be."""

    project: ComposeProject
    app: DeployedApp
    failure: NotReady | None
    reading: Reading


def started(project: ComposeProject, images: Mapping[str, str], reading: Reading) -> BringUp:
    """Bring up a project that is provisioned. Raises as `ComposeProject.up` does."""
    project.environment.use(images)
    project.environment.write()
    app = project.environment.app()
    return BringUp(project, app, project.up(app), reading)


def as_submitted(
    context: RunContext,
    roles: ComposeRoles,
    first: BringUp,
    images: Mapping[str, str],
    refusal: str,
) -> tuple[BringUp, str]:
    """Bring it up with the values that were handed in; the first one stays if that fails.

    Where it comes up so, and the database has refused nobody before, the run's own values have
    another try: it may have been the machine that was slow. Returns what is up, or what failed
    last, and why the run's own values are to blame; empty where they are not.
    """

    def again(reading: Reading, suffix: str) -> BringUp:
        project = ComposeProject(context, roles, reading, suffix=suffix)
        project.provision()
        return started(project, images, reading)

    second = again(roles.submitted, "b")
    if second.failure and not first.failure:
        second.project.environment.remove()
        return first, refusal
    refused = refused_names(first.project)
    first.project.environment.remove()
    if second.failure or refused:
        return second, refusal
    third = again(roles.fresh, "c")
    worse = third if third.failure else second
    worse.project.environment.remove()
    return (second, refusal) if third.failure else (third, "")
