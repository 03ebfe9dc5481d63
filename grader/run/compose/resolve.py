"""Who plays which part in a student's Compose file: the app, its database, and who is left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from grader.criteria import COMPOSE_VALID
from grader.inspect.app_stores import app_stores, stores_sentence
from grader.inspect.appfiles import AppFiles
from grader.inspect.compose.find import find_compose
from grader.inspect.compose.image_families import is_one_of
from grader.inspect.compose.missing import missing_sentence
from grader.inspect.compose.project import ComposeService, Project, Reading
from grader.inspect.compose.proxies import Clues
from grader.inspect.compose.read import read_compose
from grader.inspect.compose.replicas import expanded, notes_of, service_of
from grader.inspect.compose.roles import (
    ASKED,
    app_port,
    no_database,
    pick_app,
    pick_database,
    third_parties,
)
from grader.inspect.dockerfile import Dockerfile, base_of
from grader.model import CheckResult, Outcome, Submission
from grader.run.compose.asked_roles import ProjectParts, asked_parts
from grader.run.compose.certificate import given_files, with_certificate
from grader.run.compose.clues import clues_of, dockerfiles_of
from grader.run.compose.invalid import invalid
from grader.run.compose.mysql_version import other_image
from grader.run.compose.stand_ins import StandIns
from grader.run.compose.stores import is_store, small_stores_said
from grader.run.context import RunContext
from grader.sandbox.images import is_mariadb_image, is_mysql
from grader.service_catalogue import built_in
from grader.spec.starting import LOOKED_COMPOSE, is_plain

NO_STAND_INS = StandIns()


@dataclass(frozen=True, kw_only=True)
class ComposeChoice:
    """What the caller says of the Compose file; None: found out."""

    file: str | None = None
    service: str | None = None
    needs_database: bool = True
    """Whether it has to have a MySQL, as an exam asks; else it is started with what it has."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """Services that play roles of the exam, whatever the file says, by the role's name."""

    @property
    def app(self) -> str | None:
        """The service that is the app; None: found out."""
        return self.service or self.roles.get("app")


@dataclass(frozen=True, kw_only=True)
class AppPort:
    """Where the app listens in its container."""

    number: int
    said_by: str
    """Who says so, in words."""


@dataclass(frozen=True, kw_only=True)
class ComposeRoles:
    """A Compose file that can be brought up."""

    fresh: Reading
    """With credentials that were drawn for this run."""
    submitted: Reading
    """With the values that were handed in."""
    app: ComposeService
    database: ComposeService | None
    """Its MySQL or MariaDB, or a PostgreSQL; None where it has none and needs none."""
    started: tuple[str, ...]
    """The services that are started, the app and the database among them."""
    listens: AppPort
    dockerfiles: Mapping[str, Dockerfile]
    """Those of the services that are built."""
    named: Mapping[str, str] = field(default_factory=dict)
    """The roles that the exam names, to the services that play them."""
    replicas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The roles of which the exam asks for several containers, to what these are called.

    The first is the service of the role, the others are copies of one, or services like it."""
    stand_ins: StandIns = field(default_factory=StandIns)
    """What the file was read with in the place of what the exam's services give."""

    @property
    def port(self) -> int:
        """The app's port in its container."""
        return self.listens.number

    @property
    def copies(self) -> dict[str, str]:
        """The further containers of services that are started, each with its service."""
        services = self.project(self.fresh).services
        return {
            one: service_of(one)
            for names in self.replicas.values()
            for one in names
            if one not in services and service_of(one) in self.started
        }

    def expanded(self, reading: Reading) -> Project:
        """Return the project of one of the two readings, with a service for each container."""
        return expanded(self.project(reading), self.copies)

    def with_built(self, built: Collection[str]) -> ComposeRoles:
        """Return the same, with those of the services that are built which are among `built`."""
        services = self.project(self.fresh).services
        kept = tuple(one for one in self.started if one in built or services[one].build is None)
        return replace(self, started=kept)

    def without(self, name: str) -> ComposeRoles:
        """Return the same, but for a service that is not started."""
        return replace(self, started=tuple(one for one in self.started if one != name))

    def may_be_left_out(self, name: str) -> bool:
        """Whether no part of the exam waits for a service, nor what such a part waits for."""
        services = self.project(self.fresh).services
        parts = [self.app.name, self.database_name, *self.named.values()]
        for part in parts:  # which grows meanwhile
            waits = services[part].lifecycle.depends_on if part in services else ()
            parts += [one.service for one in waits if one.service not in parts]
        return name not in parts

    def project(self, reading: Reading) -> Project:
        """Return the project of one of the two readings."""
        assert reading.project is not None
        return reading.project

    @property
    def references(self) -> tuple[str, ...]:
        """The images that the app and its database stand on, as they are named."""
        own = (self.dockerfiles.get(one) for one in (self.app.name, self.database_name))
        built = [image for one in own if one for image in one.images]
        named = [self.database.image.reference] if self.database else []
        return tuple(dict.fromkeys([*built, *named]))

    @property
    def database_name(self) -> str:
        """What the service of the database is called; empty where there is none."""
        return self.database.name if self.database else ""

    @property
    def database_image(self) -> str:
        """The image of the database that is asked for, by the service or by its Dockerfile.

        Empty where there is none.
        """
        dockerfile = self.dockerfiles.get(self.database_name)
        if dockerfile:
            return base_of(dockerfile)
        return self.database.image.reference if self.database else ""

    @property
    def is_mariadb(self) -> bool:
        """Whether the database is a MariaDB, and no MySQL."""
        return is_mariadb_image(self.database_image)

    @property
    def database_kind(self) -> str:
        """The service that its database is an instance of: mysql, mariadb or postgres."""
        if is_one_of(self.database_image, {"postgres"}):
            return "postgres"
        return "mariadb" if self.is_mariadb else "mysql"

    @property
    def product(self) -> str:
        """What the database is called in messages."""
        return built_in()[self.database_kind].title

    @property
    def database_port(self) -> int:
        """Where the database listens in its container."""
        return built_in()[self.database_kind].port

    @property
    def database_hosts(self) -> tuple[str, ...]:
        """All names that the app may reach its database by."""
        if self.database is None:
            return ()
        return tuple(dict.fromkeys([self.database.name, *self.database.networking.all_aliases]))


def resolve_roles(
    context: RunContext, submission: Submission, chosen: ComposeChoice,
    injected: Mapping[str, str], stand_ins: StandIns = NO_STAND_INS,
) -> ComposeRoles | None:  # fmt: skip
    """Read the Compose file and record `compose.valid`; None where it cannot be brought up.

    Some of `injected` have texts of `stand_ins` in them.

    Raises `SubmissionRejected` for what the exam's policy forbids, `SourceError` where the file
    that the caller chose is not there.
    """
    root = submission.root
    found = find_compose(root, chosen.file)
    if found.path is None:
        invalid(context, found.problem)
        return None
    if found.others or found.path.count("/"):
        others = f" (not {', '.join(found.others)})" if found.others else ""
        context.recorder.notes.append(f"{found.path} was taken for the Compose file{others}.")
    given = given_files(context, root, found.path)
    read = partial(read_compose, root, found.path, injected=injected, asked=chosen.app, given=given)
    fresh, submitted = read(fresh=True), read(fresh=False)
    missing = missing_sentence(fresh)
    if fresh.project is None:
        invalid(context, *fresh.faults, first=missing)
        return None
    context.recorder.notes.extend(
        f"{found.path}, line {note.line}: {note.text}" for note in fresh.project.notes
    )
    context.redactor.hide(fresh.secrets)
    roles = _assign(context, submission, chosen, fresh, submitted)
    if roles is None:
        return None
    context.recorder.notes.extend(small_stores_said(roles))
    return replace(roles, stand_ins=with_certificate(context, roles, stand_ins, given))


def _assign(
    context: RunContext,
    submission: Submission,
    chosen: ComposeChoice,
    fresh: Reading,
    submitted: Reading,
) -> ComposeRoles | None:
    project = fresh.project
    assert project is not None
    dockerfiles = dockerfiles_of(submission, project)
    clues = clues_of(submission, project, dockerfiles)
    if context.challenge.roles:
        parts = asked_parts(context, project, dockerfiles, clues, chosen)
    else:
        parts = _usual_parts(
            context, submission, project, dockerfiles=dockerfiles, clues=clues, chosen=chosen
        )
    if parts is None:
        return None
    database, app = parts.database, parts.app
    fault = other_image(context.challenge.mysql, project, database, dockerfiles) if database else ""
    if fault:
        invalid(context, fault)  # which costs this much: it is brought up all the same
    context.recorder.notes.extend(
        f"{project.path}, line {one.line}: {one.text}" for one in notes_of(project, parts.replicas)
    )
    context.recorder.record(CheckResult(criterion=COMPOSE_VALID, outcome=Outcome.PASSED))
    return ComposeRoles(
        fresh=fresh,
        submitted=submitted,
        app=app,
        database=database,
        started=tuple(name for name in project.services if name not in parts.left_out),
        listens=_port(context, app, clues),
        dockerfiles=dockerfiles,
        named=parts.named,
        replicas=parts.replicas,
    )


def _usual_parts(
    context: RunContext,
    submission: Submission,
    project: Project,
    *,
    dockerfiles: Mapping[str, Dockerfile],
    clues: Clues,
    chosen: ComposeChoice,
) -> ProjectParts | None:
    """Return who plays which part where the exam names no roles: an app and a MySQL."""
    app, said = pick_app(project, context.challenge.app.port, chosen.service, clues)
    if app is None:
        invalid(context, said)
        return None
    if said:
        context.recorder.notes.append(said)
    database = pick_database(project) or next(
        (one for one in project.services.values() if one.name in clues.databases), None
    )
    if database is None:
        lacks = no_database(project, {name: base_of(one) for name, one in dockerfiles.items()})
        if chosen.needs_database:
            invalid(context, lacks)
            return None
        context.recorder.notes += without_mysql(submission.root, app, dockerfiles, lacks)
    left_out = third_parties(project, app, database, clues)
    if not chosen.needs_database:
        left_out = tuple(
            name for name in left_out if not is_store(project.services[name].image.reference)
        )
    for name in left_out:
        image = project.services[name].image
        why = "the exam needs none" if chosen.needs_database else "its image cannot be had here"
        if not chosen.needs_database and (not image.reference or is_mysql(image.reference)):
            why = "the app is asked itself, with one database"
        context.recorder.notes.append(
            f"The service {name!r} ({image.shown or 'a proxy'}) is not started: {why}."
        )
    return ProjectParts(app=app, database=database, left_out=left_out)


def _port(context: RunContext, app: ComposeService, clues: Clues) -> AppPort:
    """Return the port that the app listens on in its container, and who says so."""
    port, said = app_port(app, context.challenge.app.port, clues.targets.get(app.name))
    supposed = said == ASKED and is_plain(context.challenge)
    return AppPort(number=port, said_by=LOOKED_COMPOSE if supposed else said)


def without_mysql(
    root: Path, app: ComposeService, dockerfiles: Mapping[str, Dockerfile], lacks: str
) -> list[str]:
    """Say that there is no MySQL, `lacks` says how, and what the app works with instead."""
    folder = app.build.context if app.build else ""
    files = AppFiles(root=root, folder=folder, dockerfile=dockerfiles.get(app.name), service=app)
    stores = app_stores(root, folder, files.requirements(), app.environment.values)
    return [
        f"An exam that asks for MySQL would refuse this Compose file: {lacks}",
        stores_sentence(stores),
    ]
