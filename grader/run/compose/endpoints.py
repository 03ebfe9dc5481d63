"""The services of a project that its suite looks into."""

from __future__ import annotations

from grader.run.compose.operations import ProjectDatabase
from grader.run.compose.project import ComposeProject
from grader.run.compose.resolve import ComposeRoles
from grader.run.deployment import ServiceEndpoint
from grader.service_catalogue import built_in


def service_endpoints(project: ComposeProject, roles: ComposeRoles) -> tuple[ServiceEndpoint, ...]:
    """Return what the exam provides, and the project's database, where it has one."""
    ours = tuple(ServiceEndpoint.of(one) for one in project.environment.services)
    if roles.database is None:
        return ours
    return (
        *ours,
        ServiceEndpoint(
            manifest=built_in()["mariadb" if roles.is_mariadb else "mysql"],
            server=project.environment.database,
            address=project.environment.database_address,
            own=True,
            control=ProjectDatabase(project),
        ),
    )
