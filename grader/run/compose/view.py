"""The student's Compose file as the fixture `compose` of a suite shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from grader.app_spec import RoleSpec
from grader.exam.compose_view import ComposeView, PlayedRoles, ReachedAt, RoleContainer
from grader.inspect.compose.project import ComposeService
from grader.inspect.compose.replicas import service_of
from grader.run.compose.project_roles import ComposeRoles


def view(
    roles: ComposeRoles, asked: Sequence[RoleSpec] = (),
    reached: Mapping[str, ReachedAt] = MappingProxyType({}),
) -> ComposeView:  # fmt: skip
    """Return the values for the suite's process; `grader.exam.compose` says what is in them.

    `asked` are the roles that the exam names, `reached` where services are on this machine.
    """
    project = roles.project(roles.fresh)
    return ComposeView(
        path=project.path,
        app=roles.app.name,
        database=roles.database_name,
        networks=tuple(project.networks),
        volumes=tuple(project.volumes),
        services={name: _describe(one) for name, one in project.services.items()},
        missing=tuple(roles.fresh.missing),
        roles=PlayedRoles(
            services=dict(roles.named),
            absent=tuple(one.name for one in asked if one.name not in roles.named),
            several={one.name: one.replicas for one in asked if one.replicas > 1},
            replicas={
                role: tuple(RoleContainer(name=one, service=service_of(one)) for one in names)
                for role, names in roles.replicas.items()
            },
            reached=dict(reached),
        ),
    )


def _line(*commands: tuple[str, ...] | str | None) -> str:
    return " ".join(one if isinstance(one, str) else " ".join(one) for one in commands if one)


def _describe(service: ComposeService) -> dict[str, Any]:
    check = service.lifecycle.healthcheck
    return {
        "image": service.image.reference,
        "built": service.build is not None,
        "environment": dict(service.environment.written),
        "env_files": list(service.environment.files),
        "ports": [asdict(port) for port in service.networking.ports],
        "mounts": [
            {
                "kind": str(mount.kind),
                "source": mount.source,
                "target": mount.target,
                "read_only": mount.read_only,
            }
            for mount in service.mounts
        ],
        "networks": list(service.networking.networks) or ["default"],
        "reaches": dict(service.networking.reaches),
        "depends_on": {one.service: str(one.condition) for one in service.lifecycle.depends_on},
        "healthcheck": asdict(check) if check else None,
        "command": _line(service.process.entrypoint, service.process.command),
        "user": service.process.user,
        "restart": service.lifecycle.restart,
        "line": service.lines.own,
        "key_lines": dict(service.lines.keys),
    }
