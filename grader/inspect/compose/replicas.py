"""Roles of which an exam asks for several containers: who they are, and what keeps them apart.

A service that `scale` or `deploy.replicas` multiplies is brought up as so many services, each with
the names of the one in the file, so that each can be reached, and stopped, by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from grader.app_spec import RoleSpec
from grader.inspect.compose.connections import OURS
from grader.inspect.compose.project import ComposeService, Dependency, Note, Project
from grader.inspect.compose.proxies import ProxyTarget
from grader.text import LocatedSentence, clip

KEYS = ("scale", "deploy")
"""What may say how many containers there are of a service."""


def are_twins(one: ComposeService, other: ComposeService) -> bool:
    """Return whether two services are built alike and run the same."""
    if one.build is None or other.build is None:
        return False
    same = replace(one.build, line=0) == replace(other.build, line=0)
    return same and _runs(one) == _runs(other)


def _runs(service: ComposeService) -> tuple[object, object]:
    return service.process.entrypoint, service.process.command


def forwarded_twins(
    project: Project, app: ComposeService, targets: Mapping[str, ProxyTarget]
) -> tuple[str, ...]:
    """Return the services that are the app once more: one proxy forwards to all on one port."""
    return tuple(
        one.name
        for one in project.services.values()
        if one.name != app.name
        and app.name in targets
        and targets.get(one.name) == targets[app.name]
        and are_twins(app, one)
    )


def containers_of(
    project: Project, asked: Sequence[RoleSpec], played: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Return what the containers of each role are called that is asked for more than once.

    `played` are the services of each role, the first of which has a container of its own name. No
    more are there than the exam asks for: a suite knows how many it gets.
    """
    return {
        spec.name: tuple(islice(_containers(project, played[spec.name]), spec.replicas))
        for spec in asked
        if spec.replicas > 1 and spec.name in played
    }


def _containers(project: Project, services: Iterable[str]) -> Iterator[str]:
    for name in services:
        yield name
        for number in range(2, _count(project, name) + 1):
            yield f"{OURS}{name}-{number}"  # which no service of a file may be called


def service_of(container: str) -> str:
    """Return the service that a container is one of, by what `containers_of` calls it."""
    if not container.startswith(OURS):
        return container
    return container.removeprefix(OURS).rpartition("-")[0]


def shown(container: str) -> str:
    """Return what sentences call a container: `'web'`, or `'web' (container 2)`."""
    if not container.startswith(OURS):
        return repr(container)
    return f"{service_of(container)!r} (container {container.rpartition('-')[2]})"


def _count(project: Project, service: str) -> int:
    return max(project.services[service].lifecycle.replicas, 1)


def faults_of(
    project: Project, asked: Sequence[RoleSpec], played: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return what keeps roles from having the containers that the exam asks for."""
    found = []
    for spec in asked:
        services = [project.services[one] for one in played.get(spec.name, ())]
        if spec.replicas < 2 or not services:
            continue
        count = sum(_count(project, one.name) for one in services)
        if count < spec.replicas:
            found.append(_too_few(project, spec, services[0], count))
        found += [said for one in services for said in _cannot_be_several(project, one)]
    return found


def _too_few(project: Project, spec: RoleSpec, service: ComposeService, count: int) -> str:
    have = "one container" if count == 1 else f"{count} containers"
    return LocatedSentence(
        project.path, service.lines.own,
        f"the `{spec.name}` has {have}, and the exam asks for {spec.replicas}: write "
        f"`deploy: {{replicas: {spec.replicas}}}` in `{clip(service.name, 60)}`.",
    )  # fmt: skip


def _cannot_be_several(project: Project, service: ComposeService) -> Iterator[str]:
    """Yield what Docker refuses of a service with several containers."""
    count, name = _count(project, service.name), clip(service.name, 60)
    if count < 2:
        return
    if "container_name" in service.lines.keys:
        yield LocatedSentence(
            project.path, service.lines.of("container_name"),
            f"Docker gives none of the {count} containers of `{name}` the one `container_name`: "
            "remove it.",
        )  # fmt: skip
    for port in service.networking.ports:
        if port.published.isdecimal():
            yield LocatedSentence(
                project.path, port.line,
                f"only one of the {count} containers of `{name}` can have port {port.published} "
                f'of the host: write `"{port.target}"`, so that Docker picks a port for each, or '
                "publish the proxy alone.",
            )  # fmt: skip


def notes_of(project: Project, containers: Mapping[str, Sequence[str]]) -> list[Note]:
    """Return what is done with the numbers of the file that the exam does not follow."""
    notes = []
    started = Counter(service_of(one) for names in containers.values() for one in names)
    for service in project.services.values():
        count, number = service.lifecycle.replicas, started[service.name]
        key = next((one for one in KEYS if one in service.lines.keys), "scale")
        where = f"services.{clip(service.name, 60)}.{'deploy.replicas' if key == 'deploy' else key}"
        if count > number > 1:
            said = f"is taken for {number}: the exam asks for so many containers."
        elif count != 1 and not number:
            said = "is left out: the exam runs one container of each service."
        else:
            continue
        notes.append(Note(line=service.lines.of(key), text=f"{where} {said}"))
    return notes


def expanded(project: Project, copies: Mapping[str, str]) -> Project:
    """`project` with `copies`, each a further container of a service that the file has.

    Whatever waits for the service waits for each of them.
    """
    services = dict(project.services)
    for copy, name in copies.items():
        original = project.services[name]
        networking = original.networking
        networking = replace(networking, aliases=(*networking.aliases, name))
        services[copy] = replace(original, name=copy, networking=networking)
    return replace(
        project, services={name: _waiting(one, copies) for name, one in services.items()}
    )


def _waiting(service: ComposeService, copies: Mapping[str, str]) -> ComposeService:
    waits: list[Dependency] = []
    for one in service.lifecycle.depends_on:
        more = [copy for copy, name in copies.items() if name == one.service]
        waits += [one, *(replace(one, service=copy) for copy in more)]
    lifecycle = replace(service.lifecycle, depends_on=tuple(waits))
    return replace(service, lifecycle=lifecycle)
