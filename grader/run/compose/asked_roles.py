"""Who plays which part in a Compose file, where the exam names the roles that it must have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.app_spec import RoleSpec
from grader.inspect.compose.image_families import are_of_one_dialect, is_one_of
from grader.inspect.compose.project import ComposeService, Project
from grader.inspect.compose.proxies import Clues
from grader.inspect.compose.replicas import containers_of, faults_of, forwarded_twins
from grader.inspect.compose.role_claims import APP, RoleClaims, read_claims, what_it_is
from grader.inspect.compose.role_finding import FoundRoles, RoleFinder
from grader.inspect.compose.roles import is_database_image, pick_app, pick_database
from grader.inspect.dockerfile import Dockerfile, base_of
from grader.run.compose.invalid import invalid
from grader.run.compose.project_roles import ComposeChoice
from grader.run.context import RunContext
from grader.text import LocatedSentence


@dataclass(frozen=True, kw_only=True)
class ProjectParts:
    """The services that matter, and those that are not started."""

    app: ComposeService
    database: ComposeService | None
    """Its MySQL or MariaDB, or a PostgreSQL that a role asks for."""
    left_out: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)
    """The roles that the exam names, to the services that play them."""
    replicas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The roles of which the exam asks for several containers, to what these are called."""


def asked_parts(
    context: RunContext,
    project: Project,
    dockerfiles: Mapping[str, Dockerfile],
    clues: Clues,
    chosen: ComposeChoice,
) -> ProjectParts | None:
    """Return the services of the roles that the exam asks for; None where nothing can be examined.

    A role that no service plays costs `compose.valid`, and the rest is brought up all the same: its
    absence shows in what it should have done. Without the app, or the MySQL that a suite looks
    into, nothing is.
    """
    asked = context.challenge.roles
    bases = {name: base_of(one) for name, one in dockerfiles.items()}
    wanted = {name: one for name, one in chosen.roles.items() if name != APP}
    claims = read_claims(project, asked, wanted, bases)
    app = _app(context, project, clues, claims, chosen.app)
    if app is None:
        return None
    several = any(one.name == APP and one.replicas > 1 for one in asked)
    finder = RoleFinder(
        project=project, asked=asked, app=app.name, bases=bases, proxies=clues.proxies,
        app_again=_again(project, app, clues, claims) if several else (),
    )  # fmt: skip
    found = finder.find(claims)
    _note(context, found)
    played = {role: (one, *found.more.get(role, ())) for role, one in found.services.items()}
    taken = _of_the_exam(context, project)
    faults = (*filter(None, taken.values()), *found.faults, *faults_of(project, asked, played))
    if faults:
        invalid(context, *faults)
    if found.lacks_database or any(taken.values()):
        return None
    return ProjectParts(
        app=app,
        database=_database(project, asked, found, bases),
        left_out=tuple(taken),
        named=found.services,
        replicas=containers_of(project, asked, played),
    )


def _again(
    project: Project, app: ComposeService, clues: Clues, claims: RoleClaims
) -> tuple[str, ...]:
    """Return the services that are the app once more, but for those that play another role."""
    others = {name for role, name in claims.services.items() if role != APP}
    found = forwarded_twins(project, app, clues.targets)
    return tuple(one for one in found if one not in others)


def _app(
    context: RunContext, project: Project, clues: Clues, claims: RoleClaims, chosen: str | None
) -> ComposeService | None:
    """Return the service that is examined; None, and `compose.valid` lost, where there is none."""
    others = frozenset(name for role, name in claims.services.items() if role != APP)
    clues = replace(clues, claimed=others - {chosen})
    wanted = chosen or claims.services.get(APP)
    app, said = pick_app(project, context.challenge.app.port, wanted, clues)
    if app is None:
        invalid(context, *claims.faults, said)
    elif said:
        context.recorder.notes.append(said)
    return app


def _database(
    project: Project, asked: Sequence[RoleSpec], found: FoundRoles, bases: Mapping[str, str]
) -> ComposeService | None:
    """Return what a suite looks into: the server of a role that asks for one, else any MySQL.

    A PostgreSQL is it only where a role asks for PostgreSQL alone: a suite writes the SQL.
    """
    roles = {one.name: one for one in asked}
    for role, name in found.services.items():
        service = project.services[name]
        image = what_it_is(service, bases)
        if is_database_image(image) or (
            are_of_one_dialect(roles[role].images) and is_one_of(image, {"postgres"})
        ):
            return service
    return pick_database(project)


def _note(context: RunContext, found: FoundRoles) -> None:
    """Have the report say who plays which role."""
    context.recorder.materials.roles.update(found.services)


def _of_the_exam(context: RunContext, project: Project) -> dict[str, str]:
    """Return the services whose names are those of services of the exam, each with its fault.

    One that runs an image makes room for the exam's, with a note; one that is built cannot.
    """
    taken: dict[str, str] = {}
    ours = {one.name for one in context.challenge.services}
    for service in project.services.values():
        clash = next(iter(ours & {service.name, *service.networking.all_aliases}), "")
        if not clash:
            continue
        taken[service.name] = ""
        if service.build or service.name != clash:
            taken[service.name] = LocatedSentence(
                project.path, service.lines.own,
                f"`{clash}` is the name of a service that the exam provides: give "
                f"`{service.name}` another one.",
            )  # fmt: skip
        else:
            context.recorder.notes.append(
                f"The service {clash!r} ({service.image.shown}) is not started: the exam provides "
                f"{clash} itself."
            )
    return taken
