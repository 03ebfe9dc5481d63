"""The services of a project that its suite looks into."""

from __future__ import annotations

from dataclasses import replace

from grader.run.compose.operations import ProjectDatabase
from grader.run.compose.project import ComposeProject
from grader.run.compose.project_roles import ComposeRoles
from grader.run.deployment import ServiceEndpoint
from grader.service_catalogue import ServiceManifest, built_in

OWN = {"postgres": "grader.exam.services.postgres_own:OwnPostgresDatabase"}
"""The fixtures of servers that are the student's own, where these differ from those of ours."""


def service_endpoints(project: ComposeProject, roles: ComposeRoles) -> tuple[ServiceEndpoint, ...]:
    """Return what the exam provides, and the project's database, where it has one."""
    ours = tuple(ServiceEndpoint.of(one) for one in project.environment.services)
    if roles.database is None:
        return ours
    return (
        *ours,
        ServiceEndpoint(
            manifest=_manifest(roles.database_kind),
            server=project.environment.database,
            address=project.environment.database_address,
            own=True,
            control=ProjectDatabase(project),
        ),
    )


def _manifest(kind: str) -> ServiceManifest:
    """Return what the service says of itself that a project's own database is an instance of."""
    found = built_in()[kind]
    return replace(found, fixture_class=OWN[kind]) if kind in OWN else found
