"""Who reaches whom: networks, aliases, links and dependencies."""

from __future__ import annotations

import graphlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from grader.inspect.compose.names import Role, role
from grader.inspect.compose.project import ComposeService, Condition, Dependency
from grader.inspect.compose.rules import is_on
from grader.inspect.compose.source import ComposeSource, show
from grader.text import clip
from grader.yamldoc import Place

OURS = "grader-"
"""How the names begin that the exam gives its own containers."""
ADDRESS = re.compile(r"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w.])")
HOSTS = frozenset({Role.HOST, Role.URL, Role.OTHER})
"""What a variable can stand for whose value is a host."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def own_names(source: ComposeSource, place: Place, names: list[str]) -> tuple[str, ...]:
    """Those of `names` that a container may be reached by."""
    kept = []
    for name in names:
        if name.lower().startswith(OURS):
            source.note(place, f"is left out: names with `{OURS}` are the exam's own.")
        elif not NAME.fullmatch(name) or len(name) > 253:
            source.fault(place, f"is {show(name)}, which is no name of a container.")
        else:
            kept.append(name)
    return tuple(dict.fromkeys(kept))


def read_networks(
    source: ComposeSource, place: Place, value: Any, defined: Mapping[str, Any]
) -> dict[str, tuple[str, ...]]:
    """Return the networks of a service, each with its aliases there.

    `default` where it names none.
    """
    entries: dict[str, tuple[Place, Any]] = {}
    if isinstance(value, dict):
        entries = {name: ((*place, name), options) for name, options in value.items()}
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if (name := source.text((*place, index), item)) is not None:
            entries[name] = ((*place, index), {})
    networks: dict[str, tuple[str, ...]] = {}
    for name, (here, options) in entries.items():
        if name != "default" and name not in defined:
            known = source.near(name, defined)
            source.fault(
                here,
                f"names the network {show(name)}, which `networks:` at the end of the file "
                f"does not define; add it there.{known}",
            )
            continue
        written = options.get("aliases", [])
        aliases = [source.text((*here, "aliases", index), one) for index, one in enumerate(written)]
        names = [one for one in aliases if one is not None]
        networks[name] = own_names(source, (*here, "aliases"), names)
    return networks or {"default": ()}


def static_addresses(value: Any) -> tuple[str, ...]:
    """Return the IPv4 addresses that `networks` of a service, as it is written, gives it."""
    entries = value.values() if isinstance(value, dict) else ()
    found = [one.get("ipv4_address") for one in entries if isinstance(one, dict)]
    return tuple(one for one in found if isinstance(one, str) and ADDRESS.fullmatch(one))


def by_names(services: Mapping[str, ComposeService]) -> dict[str, ComposeService]:
    """Return the services, each told of the others by their names.

    A static address in an environment or a command becomes the name of its service: the exam gives
    out addresses of its own, and one that nobody answers at would cost all that rests on it. What
    was written in an environment stands in `reaches`, as do aliases.
    """
    others = {
        name: service.name
        for service in services.values()
        for name in (
            *service.networking.all_aliases, *service.networking.addresses,
        )
        if name not in services
    }  # fmt: skip
    addresses = {one: own.name for own in services.values() for one in own.networking.addresses}

    def named(text: str) -> str:
        return ADDRESS.sub(lambda found: addresses.get(found[0], found[0]), text)

    def words(command: tuple[str, ...] | str | None) -> tuple[str, ...] | str | None:
        return (
            tuple(map(named, command)) if isinstance(command, tuple) else command and named(command)
        )

    return {
        name: replace(
            service,
            networking=replace(
                service.networking, reaches=_reached(service.environment.values, others)
            ),
            environment=replace(
                service.environment,
                values={key: named(value) for key, value in service.environment.values.items()},
            ),
            process=replace(
                service.process,
                command=words(service.process.command),
                entrypoint=words(service.process.entrypoint),
            ),
        )
        for name, service in services.items()
    }


def _reached(environment: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
    """Those of `others` that a value names as a host."""
    return {
        name: other
        for name, other in others.items()
        for key, value in environment.items()
        if (value.partition(":")[0] == name and role(key) in HOSTS)
        or re.search(rf"@{re.escape(name)}(?![\w.-])", value)
    }


def read_links(
    source: ComposeSource, place: Place, value: list[Any]
) -> list[tuple[str, str, Place]]:
    """Each entry of `links`: the service, its alias (empty where there is none) and its place."""
    links = []
    for index, item in enumerate(value):
        if (text := source.text((*place, index), item)) is not None:
            name, _, alias = text.partition(":")
            links.append((name, alias, (*place, index)))
    return links


def read_dependencies(
    source: ComposeSource, place: Place, value: Any
) -> list[tuple[Dependency, Place]]:
    """Return the entries of `depends_on` with their places."""
    found: list[tuple[Dependency, Place]] = []
    if isinstance(value, list):
        for index, item in enumerate(value):
            here: Place = (*place, index)
            if (name := source.text(here, item)) is not None:
                found.append((Dependency(service=name, line=source.line(here)), here))
        return found
    for name, options in (value or {}).items():
        here = (*place, name)
        condition = options.get("condition", Condition.STARTED)
        if condition not in list(Condition):
            known = source.near(str(condition), [str(one) for one in Condition])
            said = ", ".join(Condition)
            source.fault((*here, "condition"), f"is {show(condition)}; it can be {said}.{known}")
            condition = Condition.STARTED
        dependency = Dependency(
            service=name,
            condition=Condition(condition),
            required=is_on(options.get("required", True)),
            line=source.line(here),
        )
        found.append((dependency, here))
    return found


def check_dependency(
    source: ComposeSource, place: Place, name: str, services: Mapping[str, Any]
) -> bool:
    """Return whether there is a service `name`; else a fault."""
    if name in services:
        return True
    known = source.near(name, services)
    source.fault(place, f"names the service {show(name)}, which is not in this file.{known}")
    return False


def check_circles(source: ComposeSource, needs: Mapping[str, list[str]]) -> None:
    """Note a fault where services wait for each other."""
    try:
        graphlib.TopologicalSorter(needs).prepare()
    except graphlib.CycleError as error:
        circle = list(reversed(error.args[1]))
        said = " needs ".join(f"`{name}`" for name in circle)
        source.fault(
            ("services", circle[0], "depends_on"),
            f"is part of a circle ({clip(said, 400)}); take one of these out.",
        )
