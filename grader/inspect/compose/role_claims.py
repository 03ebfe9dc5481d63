"""What is said of who plays which role: by `x-role` in the Compose file, and by the caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.app_spec import RoleSpec
from grader.inspect.compose.image_families import is_one_of, named_images
from grader.inspect.compose.project import ComposeService, Project
from grader.inspect.compose.replicas import are_twins
from grader.text import LocatedSentence, clip, nearest

APP = "app"
KEY = "x-role"


@dataclass(frozen=True, kw_only=True)
class RoleClaims:
    """Who plays a role because somebody says so."""

    services: Mapping[str, str] = field(default_factory=dict)
    """Roles to the names of their services."""
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Roles of which there are to be several containers, to their further services."""
    faults: tuple[str, ...] = ()
    """Sentences on what was said and cannot be."""
    faulty: frozenset[str] = frozenset()
    """The roles that these are about."""


def read_claims(
    project: Project, asked: Sequence[RoleSpec], chosen: Mapping[str, str],
    bases: Mapping[str, str],
) -> RoleClaims:  # fmt: skip
    """Return what the file says, and what the caller has `chosen`, which wins.

    A claim that cannot be is a fault, and counts for nothing.
    """
    reader = _Claims(project, {one.name: one for one in asked}, bases)
    for role, service in chosen.items():
        reader.choose(role, service)
    for one in project.services.values():
        reader.claim(one)
    return reader.read()


class _Claims:
    """Takes in one claim after the other."""

    def __init__(
        self, project: Project, asked: Mapping[str, RoleSpec], bases: Mapping[str, str]
    ) -> None:
        self._project = project
        self._asked = asked
        self._bases = bases
        self._chosen: dict[str, str] = {}
        self._claimed: dict[str, list[ComposeService]] = {}
        self._faults: list[tuple[str, str]] = []

    def choose(self, role: str, name: str) -> None:
        """Take in what the caller says."""
        service = self._project.services.get(name)
        if service is None:
            known = nearest(name, list(self._project.services))
            self._fault(role, 0, f"there is no service `{clip(name, 60)}` for `--role`.{known}")
        elif name in self._chosen.values():
            self._fault(role, 0, f"`--role` gives `{clip(name, 60)}` two roles; give it one.")
        elif wrong := self._unfit(role, service):
            self._fault(role, service.lines.own, f"`--role {role}={clip(name, 60)}`: {wrong}")
        else:
            self._chosen[role] = name

    def claim(self, service: ComposeService) -> None:
        """Take in what the file says of a service."""
        name, line = clip(service.name, 60), service.lines.of(KEY)
        if not service.roles or service.name in self._chosen.values():
            return
        if len(service.roles) > 1:
            both = " and ".join(f"`{clip(one, 40)}`" for one in service.roles)
            for role in service.roles:
                self._fault(role, line, f"`{name}` is {both} by its `{KEY}`; a service has one.")
            return
        (role,) = service.roles
        if role not in self._asked:
            known = ", ".join(self._asked)
            near = nearest(role[:60], [*self._asked])
            said = f"`{KEY}: {clip(role, 40)}` of `{name}` is no role of this exam ({known}).{near}"
            self._fault(role, line, said)
        elif role not in self._chosen:
            self._claimed.setdefault(role, []).append(service)

    def read(self) -> RoleClaims:
        """Return what holds of it all."""
        found, more = dict(self._chosen), dict[str, tuple[str, ...]]()
        for role, services in self._claimed.items():
            first = services[0]
            line = first.lines.of(KEY)
            if len(services) > 1 and not self._may_be_several(role, services):
                names = " and ".join(f"`{clip(one.name, 60)}`" for one in services[:3])
                said = f"{names} have the same `{KEY}: {role}`; leave it in one of them."
                self._fault(role, services[1].lines.of(KEY), said)
            elif wrong := self._unfit(role, first):
                self._fault(role, line, f"`{KEY}: {role}` stands in `{first.name}`: {wrong}")
            else:
                found[role] = first.name
                more[role] = tuple(one.name for one in services[1:])
        return RoleClaims(
            services=found,
            more=more,
            faults=tuple(dict.fromkeys(said for _, said in self._faults)),
            faulty=frozenset(role for role, _ in self._faults),
        )

    def _may_be_several(self, role: str, services: Sequence[ComposeService]) -> bool:
        """Return whether services that claim one role are the containers that it is to have."""
        first = services[0]
        return self._asked[role].replicas > 1 and all(are_twins(first, one) for one in services)

    def _unfit(self, role: str, service: ComposeService) -> str:
        """Return a clause on why a service cannot play a role; empty where it can."""
        spec = self._asked[role]
        if spec.built and service.build is None:
            return f"the {role} is built from your code, and this runs `{service.image.shown}`."
        image = what_it_is(service, self._bases)
        if spec.images and not is_one_of(image, spec.images):
            return f"the {role} is {named_images(spec.images)}, and this is `{image or 'built'}`."
        return ""

    def _fault(self, role: str, line: int, said: str) -> None:
        self._faults.append((role, LocatedSentence(self._project.path, line, said)))


def what_it_is(service: ComposeService, bases: Mapping[str, str]) -> str:
    """Return the image that a service runs, or that it is built on; empty where nothing tells."""
    return bases.get(service.name, "") if service.build else service.image.reference
