"""The whole project, out of what the policy leaves of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from grader.inspect.compose.connections import (
    NAME,
    OURS,
    by_names,
    check_circles,
    check_dependency,
    own_names,
    read_dependencies,
    read_links,
)
from grader.inspect.compose.project import ComposeService, Dependency, MountKind, Project
from grader.inspect.compose.services import Definitions, ServiceReader
from grader.inspect.compose.source import ComposeSource
from grader.inspect.compose.supply import Supply


def read_project(supply: Supply, tree: dict[str, Any], asked: str | None = None) -> Project:
    """Return the project of the judged `tree`; what is wrong with it goes to the source.

    `asked` is a service that is started whatever its profiles, as `docker compose up NAME` does.
    """
    source = supply.source
    trees = tree.get("services", {})
    definitions = Definitions(
        networks=tree.get("networks", {}),
        volumes=tree.get("volumes", {}),
        secrets=tree.get("secrets", {}),
        configs=tree.get("configs", {}),
    )
    for kind, defined in (("secrets", definitions.secrets), ("configs", definitions.configs)):
        for name, item in defined.items():
            if "file" in item:
                supply.path((kind, name, "file"), item["file"])
    services = {}
    for name, service in trees.items():
        _check_name(source, name)
        written = source.document.value["services"].get(name) or {}
        services[name] = ServiceReader(supply, name, service, written).read(definitions)
    aliases, needs = _connected(source, trees)
    started = _started(supply, trees, needs, asked)
    check_circles(
        source,
        {name: [one.service for one in found] for name, found in needs.items()},
    )
    kept = {
        name: replace(
            service,
            networking=replace(
                service.networking,
                aliases=tuple(dict.fromkeys((*service.networking.aliases, *aliases[name]))),
            ),
            lifecycle=replace(
                service.lifecycle,
                depends_on=tuple(one for one in needs[name] if one.service in started),
            ),
        )
        for name, service in services.items()
        if name in started
    }
    kept = by_names(kept)
    mounted = _mounted(kept)
    return Project(
        path=source.path,
        services=kept,
        inactive={name: one for name, one in services.items() if name not in started},
        volumes=tuple(name for name in definitions.volumes if name in mounted),
        networks=tuple(
            dict.fromkeys(name for one in kept.values() for name in one.networking.networks)
        ),
        notes=source.notes,
    )


def _check_name(source: ComposeSource, name: str) -> None:
    if not NAME.fullmatch(name):
        said = "is no name of a service; use letters, digits, `-` and `_`."
        source.fault(("services", name), said)
    elif name.lower().startswith(OURS):
        said = f"has a name that the exam uses itself; begin it with something else than `{OURS}`."
        source.fault(("services", name), said)


def _connected(
    source: ComposeSource, trees: dict[str, Any]
) -> tuple[dict[str, list[str]], dict[str, list[Dependency]]]:
    """By service: the aliases that links give it, and what it needs to be there."""
    aliases: dict[str, list[str]] = {name: [] for name in trees}
    needs: dict[str, list[Dependency]] = {name: [] for name in trees}
    for name, tree in trees.items():
        place = ("services", name)
        for one, here in read_dependencies(source, (*place, "depends_on"), tree.get("depends_on")):
            if (one.required or one.service in trees) and check_dependency(
                source, here, one.service, trees
            ):
                needs[name].append(one)
        for linked, alias, here in read_links(source, (*place, "links"), tree.get("links", [])):
            if check_dependency(source, here, linked, trees):
                aliases[linked] += own_names(source, here, [alias]) if alias else ()
                if linked not in {one.service for one in needs[name]}:
                    needs[name].append(Dependency(service=linked, line=source.line(here)))
    return aliases, needs


def _started(
    supply: Supply,
    trees: dict[str, Any],
    needs: Mapping[str, list[Dependency]],
    asked_for: str | None,
) -> set[str]:
    """Return the services that Docker starts by itself.

    Without a profile, or needed by such a one.
    """
    asked = {*supply.values.get("COMPOSE_PROFILES", "").split(",")}
    todo = [
        name
        for name, tree in trees.items()
        if not tree.get("profiles")
        or name == asked_for
        or "*" in asked
        or asked & {*map(str, tree["profiles"])}
    ]
    started: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in started:
            started.add(name)
            todo += [one.service for one in needs[name]]
    for name in trees:
        if name not in started:
            place = ("services", name, "profiles")
            supply.source.note(place, "keeps the service from being started, as with Docker.")
    return started


def _mounted(services: Mapping[str, ComposeService]) -> set[str]:
    return {
        mount.source
        for service in services.values()
        for mount in service.mounts
        if mount.kind is MountKind.VOLUME
    }
