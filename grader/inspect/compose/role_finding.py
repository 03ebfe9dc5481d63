"""Which service plays which role of an exam: found by what it is, unless somebody says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from grader.app_spec import RoleSpec
from grader.inspect.compose.image_families import (
    FAMILIES,
    are_of_one_dialect,
    is_one_of,
    named_images,
    written_image,
)
from grader.inspect.compose.project import ComposeService, Condition, Project
from grader.inspect.compose.replicas import are_twins
from grader.inspect.compose.role_claims import RoleClaims, what_it_is
from grader.text import LocatedSentence, clip

SYNONYMS = {
    "worker": {"celery", "consumer", "queue", "rq", "jobs", "tasks", "dramatiq"},
    "scheduler": {"beat", "cron"},
    "database": {"db", "mysql", "mariadb", "postgres", "postgresql"},
    "cache": {"redis", "valkey"},
    "broker": {"rabbitmq", "rabbit", "redis", "valkey", "queue"},
    "proxy": {"nginx", "gateway"},
}
"""What services of a role are often called."""
SHOWN = 5
"""Services that one sentence names."""
NO_WORKERS = frozenset({"migrate", "migration", "migrations", "seed", "init", "test", "tests",
                        "frontend", "ui"})  # fmt: skip
"""Words in the names of services that are built and do not work alongside the app."""


@dataclass(frozen=True, kw_only=True)
class FoundRoles:
    """What looking for the roles came to."""

    services: Mapping[str, str] = field(default_factory=dict)
    """The roles that were found, to the names of their services; the app's among them."""
    faults: tuple[str, ...] = ()
    """Sentences on roles that were not found, and on what was said of them and cannot be."""
    absent: tuple[RoleSpec, ...] = ()
    """The roles that no service plays."""
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Roles of which there are to be several containers, to their further services."""

    @property
    def lacks_database(self) -> bool:
        """Whether there is none though a role asks for one: a suite could look into nothing."""
        return any(are_of_one_dialect(one.images) for one in self.absent)


@dataclass(frozen=True, kw_only=True)
class RoleFinder:
    """Looks for the services of the roles that an exam asks for."""

    project: Project
    asked: Sequence[RoleSpec]
    app: str
    """The service that is examined."""
    bases: Mapping[str, str]
    """The images that built services stand on, by service."""
    proxies: frozenset[str] = frozenset()
    app_again: tuple[str, ...] = ()
    """The services that are the app once more, where it is to have several containers."""

    def find(self, claims: RoleClaims) -> FoundRoles:
        """Return the services of all roles, those of `claims` first."""
        found, faults = {**claims.services, "app": self.app}, list(claims.faults)
        again = dict.fromkeys([*self.app_again, *claims.more.get("app", ())])
        more = {**claims.more, "app": tuple(one for one in again if one != self.app)}
        absent: list[RoleSpec] = []
        for spec in self.asked:
            if spec.name in found:
                continue
            taken = {*found.values(), *(name for names in more.values() for name in names)}
            free = [one for one in self._services() if one.name not in taken]
            able = [one for one in free if self._may_play(spec, one)]
            fitting = self._narrowed(spec, able)
            if len(fitting) == 1 or (spec.replicas > 1 and _are_one(fitting)):
                found[spec.name] = fitting[0].name
                more[spec.name] = _again(spec, fitting[0], able)
                continue
            absent.append(spec)
            if spec.name not in claims.faulty:
                faults.append(self._ambiguous(spec, fitting) if fitting else self._lacking(spec))
        order = [spec.name for spec in self.asked if spec.name in found]
        return FoundRoles(
            services={name: found[name] for name in order},
            faults=tuple(faults),
            absent=tuple(absent),
            more={name: one for name, one in more.items() if one},
        )

    def _services(self) -> Iterable[ComposeService]:
        return self.project.services.values()

    # -- what a service may be --------------------------------------------------------------

    def _may_play(self, spec: RoleSpec, service: ComposeService) -> bool:
        """Return whether a service of which nobody says a role may be one of this role."""
        if not fits(spec, service, self.bases):
            return False
        if not spec.images and (
            service.name in self.proxies
            or words_of(service) & NO_WORKERS
            or service.name in self._jobs()
            or is_one_of(self.bases.get(service.name, ""), FAMILIES)
        ):
            return False
        return self._is_called(spec, service) or not any(
            self._is_called(other, service) and fits(other, service, self.bases)
            for other in self.asked
            if other.name not in {spec.name, "app"}
        )

    def _is_called(self, spec: RoleSpec, service: ComposeService) -> bool:
        """Return whether its names have a word of the role's."""
        return bool(words_of(service) & {spec.name, *SYNONYMS.get(spec.name, ())})

    def _jobs(self) -> set[str]:
        """Return what others wait for until it has ended: such a service does not go on."""
        return {
            one.service
            for other in self._services()
            for one in other.lifecycle.depends_on
            if one.condition is Condition.COMPLETED
        }

    # -- which of several -------------------------------------------------------------------

    def _narrowed(self, spec: RoleSpec, services: list[ComposeService]) -> list[ComposeService]:
        """Return those for which most speaks; each clue counts only where it leaves some."""
        for clue in self._clues(spec):
            if len(services) > 1:
                services = [one for one in services if clue(one)] or services
        return services

    def _clues(self, spec: RoleSpec) -> tuple[Callable[[ComposeService], bool], ...]:
        app = self.project.services[self.app]
        by_name: tuple[Callable[[ComposeService], bool], ...] = (
            lambda one: spec.name in {one.name.lower(), *one.networking.all_aliases},
            lambda one: self._is_called(spec, one),
            lambda one: not spec.port or spec.port in listened(one),
        )
        if spec.images:
            return (*by_name, lambda one: one.name in self._used_by(app))
        return (
            *by_name,
            lambda one: bool(one.build and app.build and one.build.context == app.build.context),
            lambda one: not listened(one),
        )

    def _used_by(self, app: ComposeService) -> set[str]:
        """Return what the app waits for, or names in its environment."""
        named = {
            word
            for value in app.environment.values.values()
            for word in re.split(r"[^\w.-]+", value[:2000])
        }
        waits = {one.service for one in app.lifecycle.depends_on}
        return waits | {
            one.name for one in self._services() if named & {one.name, *one.networking.all_aliases}
        }

    # -- what is said -----------------------------------------------------------------------

    def _lacking(self, spec: RoleSpec) -> str:
        """Say that no service plays the role, and what to add."""
        for one in self.project.inactive.values():
            if fits(spec, one, self.bases) and (spec.images or self._is_called(spec, one)):
                return LocatedSentence(
                    self.project.path, one.lines.of("profiles"),
                    f"the `{spec.name}` may be `{one.name}`, but its `profiles` keep "
                    "`docker compose up` from starting it: remove `profiles`.",
                )  # fmt: skip
        add = written_image(spec.images) if spec.images else "`build: .` and its `command`"
        what = f" ({named_images(spec.images)})" if spec.images else ", built from your code,"
        return LocatedSentence(
            self.project.path, 0,
            f"no service is the `{spec.name}`{what} that the exam asks for: add one with {add}, or "
            f"write `x-role: {spec.name}` in the one that it is.",
        )  # fmt: skip

    def _ambiguous(self, spec: RoleSpec, services: list[ComposeService]) -> str:
        """Say that several services may play the role, and how to tell which one does."""
        names = ", ".join(f"`{clip(one.name, 60)}`" for one in services[:SHOWN])
        return LocatedSentence(
            self.project.path, services[0].lines.own,
            f"each of {names} may be the `{spec.name}`: write `x-role: {spec.name}` in the one "
            "that it is.",
        )  # fmt: skip


def _again(
    spec: RoleSpec, service: ComposeService, able: Iterable[ComposeService]
) -> tuple[str, ...]:
    """Return the other services that are a role once more, where it is to have several."""
    if spec.replicas < 2:
        return ()
    return tuple(one.name for one in able if one is not service and are_twins(service, one))


def _are_one(services: Sequence[ComposeService]) -> bool:
    """Return whether there are services, all built alike and running the same."""
    return bool(services) and all(are_twins(services[0], one) for one in services)


def fits(spec: RoleSpec, service: ComposeService, bases: Mapping[str, str]) -> bool:
    """Return whether a service is what a role asks for."""
    if spec.built and service.build is None:
        return False
    return not spec.images or is_one_of(what_it_is(service, bases), spec.images)


def listened(service: ComposeService) -> set[int]:
    """Return the ports that the file says it listens on."""
    return {*(one.target for one in service.networking.ports), *service.networking.expose}


def words_of(service: ComposeService) -> set[str]:
    """Return the words of its names: `mail` and `worker` of `mail-worker_1`."""
    names = (service.name, *service.networking.all_aliases)
    return {word for name in names for word in re.split(r"[-_.\d]+", name.lower()) if word}
