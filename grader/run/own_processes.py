"""Which processes use the machine on behalf of a submission that is running."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grader.run.resources import Resources
from grader.sandbox.engine import translated
from grader.sandbox.labels import DATABASE, PROJECT, RUN


def own_processes(resources: Resources, app: str) -> list[int]:
    """Return a process of each container whose use is the submission's, by its app's container.

    These are the app, the other services of its Compose project, and the servers that it has of
    ours. What the grader runs alongside is not among them. Raises `PlatformError`.
    """
    api = resources.engine.client.api
    with translated():
        found = list(_found(api, _containers(api, resources, app)))
    return [pid for pid in (int(one["State"].get("Pid") or 0) for one in found) if pid]


def _containers(api: Any, resources: Resources, app: str) -> set[str]:
    wanted = [{"label": [f"{RUN}={resources.run}", DATABASE]}]
    for one in _found(api, [app]):
        project = (one["Config"].get("Labels") or {}).get(PROJECT)
        wanted += [{"label": [f"{PROJECT}={project}"]}] if project else []
    rows = [row for filters in wanted for row in api.containers(filters=filters)]
    lent = (one.server.id for found in resources.in_use for one in found.services)
    return {app, *lent, *(row["Id"] for row in rows)}


def _found(api: Any, containers: Any) -> Iterator[dict[str, Any]]:
    """Yield what the engine knows of `containers`; some may be gone by now."""
    from docker.errors import NotFound

    for container in containers:
        try:
            yield api.inspect_container(container)
        except NotFound:
            continue
