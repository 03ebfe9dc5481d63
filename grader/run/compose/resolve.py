"""Who plays which part in a student's Compose file: the app, its database, and who is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from grader.criteria import COMPOSE_VALID
from grader.inspect.app_stores import app_stores, stores_sentence
from grader.inspect.appfiles import AppFiles
from grader.inspect.compose.find import find_compose
from grader.inspect.compose.missing import missing_sentence
from grader.inspect.compose.project import ComposeService, Project, Reading
from grader.inspect.compose.proxies import Clues
from grader.inspect.compose.read import read_compose
from grader.inspect.compose.replicas import notes_of
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
from grader.run.compose.project_roles import AppPort, ComposeChoice, ComposeRoles
from grader.run.compose.stand_ins import StandIns
from grader.run.compose.stores import is_store, small_stores_said
from grader.run.context import RunContext
from grader.sandbox.images import is_mysql
from grader.spec.starting import LOOKED_COMPOSE, is_plain

NO_STAND_INS = StandIns()


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
