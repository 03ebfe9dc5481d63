"""Which service is the app, which its database, and which the exam leaves out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from grader.image_names import MYSQL_IMAGES
from grader.inspect.compose.project import ComposeService, Project
from grader.inspect.compose.proxies import Clues, ProxyTarget
from grader.inspect.compose.unbuilt import inactive, none_built, not_built
from grader.text import LocatedSentence, nearest

APP_NAMES = ("app", "web", "flask", "backend", "api", "server")


OTHER_DATABASES = (
    (r"postgres|postgis|timescale", "PostgreSQL"),
    (r"mongo(?!-express)", "MongoDB"),
    (r"mssql|azure-sql", "Microsoft SQL Server"),
    (r"oracle.*(?:database|xe|free)", "Oracle Database"),
    (r"cockroach", "CockroachDB"),
    (r"couchdb", "CouchDB"),
)
"""What the names of images say, and what it is called."""
KNOWN = re.compile(
    r"^(?:redis|valkey|memcached|rabbitmq|adminer|mongo|postgres|postgis)|phpmyadmin|mailhog|mailpit|"
    r"mongo-express|pgadmin|portainer|watchtower|prometheus|grafana|elasticsearch|kibana|minio"
)
"""Images that are nobody's app."""
HELPERS = frozenset({"worker", "celery", "beat", "cron", "scheduler", "migrate", "migration",
                     "migrations", "seed", "init", "test", "tests", "frontend", "ui"})  # fmt: skip
ASKED = "the brief asks"


def is_database_image(reference: str) -> bool:
    """Return whether an image is MySQL or one of its kin, of whatever registry and version."""
    return short_name(reference) in MYSQL_IMAGES


def is_known_image(reference: str) -> bool:
    """Return whether an image is a database or a tool that everybody knows, and so nobody's app."""
    return is_database_image(reference) or bool(KNOWN.search(short_name(reference)))


def short_name(reference: str) -> str:
    """Return the repository of an image, in small letters, without the registry's own parts."""
    name = reference.partition("@")[0]
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        name = rest
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}".lower().removeprefix("library/")


def pick_app(
    project: Project, port: int, wanted: str | None, clues: Clues
) -> tuple[ComposeService | None, str]:
    """Return the service that is examined, and a sentence: which was chosen, or why there is none.

    `wanted` is the caller's choice. A database or a proxy is never taken for the app.
    """
    built = [one for one in project.services.values() if one.build and _may_be(one, clues)]
    if wanted is not None:
        return _named(project, built, wanted, clues)
    if not built:
        return None, _none_built(project, port, clues)
    python = [one for one in built if one.name in clues.python]
    chosen = _likeliest(python or built, port, clues)
    if len(built) == 1:
        return chosen, ""
    names = ", ".join(f"`{one.name}`" for one in built)
    return chosen, f"Of the services {names}, `{chosen.name}` was taken for the app."


def _may_be(service: ComposeService, clues: Clues) -> bool:
    """Return whether a service may be the app."""
    return service.name not in clues.databases | clues.proxies | clues.claimed


def no_database(project: Project, bases: Mapping[str, str] = MappingProxyType({})) -> str:
    """Say that there is no MySQL, and what stands in its place.

    `bases` are the images that built services stand on, by service.
    """
    for one in project.services.values():
        for pattern, name in OTHER_DATABASES:
            image = bases.get(one.name) or one.image.reference
            if re.search(pattern, short_name(image)):
                line = one.lines.of("build" if one.build else "image")
                return LocatedSentence(
                    project.path, line,
                    f"`{one.name}` is {name} (`{image}`), and this needs "
                    "MySQL: write `image: mysql:8.4`.",
                )  # fmt: skip
    for one in project.inactive.values():
        if is_database_image(one.image.reference):
            line = one.lines.of("profiles")
            return LocatedSentence(
                project.path, line,
                f"`{one.name}` is MySQL, but its `profiles` keep `docker "
                "compose up` from starting it: remove `profiles`.",
            )  # fmt: skip
    return f"{project.path} has no MySQL service (`image: mysql:8.4`)."


def pick_database(project: Project) -> ComposeService | None:
    """Return the MySQL service; of several, one that a built service depends on."""
    found = [
        one
        for one in project.services.values()
        if not one.build and is_database_image(one.image.reference)
    ]
    needed = {
        dependency.service
        for one in project.services.values()
        if one.build
        for dependency in one.lifecycle.depends_on
    }
    return next((one for one in found if one.name in needed), next(iter(found), None))


def third_parties(
    project: Project, app: ComposeService, database: ComposeService | None, clues: Clues
) -> tuple[str, ...]:
    """Return the names of services that are not started: images of others, and proxies.

    What the app waits for is started all the same where it is built.
    """
    parts = {app.name, database.name if database else "", *_needed(project, app)}
    return tuple(
        one.name
        for one in project.services.values()
        if one.name not in {app.name, database.name if database else ""}
        and (not one.build or (one.name in clues.proxies and one.name not in parts))
    )


def _needed(project: Project, app: ComposeService) -> set[str]:
    """All that the app waits for, and what that waits for."""
    needed: set[str] = set()
    todo = [app.name]
    while todo:
        for one in project.services[todo.pop()].lifecycle.depends_on:
            if one.service not in needed and one.service in project.services:
                needed.add(one.service)
                todo.append(one.service)
    return needed


def app_port(
    service: ComposeService, default: int, target: ProxyTarget | None = None
) -> tuple[int, str]:
    """Return the port that the app listens on in its container, and who says so, in words.

    `default`, the exam's, if the service names that one; else what it publishes, what a proxy
    forwards to (`target`) or what it exposes.
    """
    ports = [port for port in service.networking.ports if port.protocol == "tcp"]
    published = [port.target for port in ports if port.published]
    publishes = (*published, *(port.target for port in ports))
    forwarded = (target.port,) if target and target.port else ()
    said: tuple[tuple[tuple[int, ...], str], ...] = (
        (publishes, "your Compose file publishes"),
        (forwarded, f"{target.proxy!r} forwards to" if target else ""),
        (service.networking.expose, "your Compose file exposes"),
    )
    for numbers, words in said:
        if default in numbers:
            return default, words
    return next(((numbers[0], words) for numbers, words in said if numbers), (default, ASKED))


def _likeliest(candidates: list[ComposeService], port: int, clues: Clues) -> ComposeService:
    ranked: tuple[Callable[[ComposeService], bool], ...] = (
        lambda one: one.name in clues.targets,
        lambda one: (
            port in (*(port.target for port in one.networking.ports), *one.networking.expose)
        ),
        *(lambda one, name=name: one.name == name for name in APP_NAMES),
        *(lambda one, name=name: name in _words(one) for name in APP_NAMES),
        lambda one: bool(one.networking.ports),
        lambda one: bool(one.networking.expose),
        lambda one: HELPERS.isdisjoint(_words(one)),
    )
    return next((one for fits in ranked for one in candidates if fits(one)), candidates[0])


def _words(service: ComposeService) -> set[str]:
    """Return the words of its name: `flask` and `app` of `my-flask_app`.

    `flaskapp` has both, too.
    """
    name = service.name.lower()
    words = set(re.split(r"[-_.\d]+", name))
    return words | {one for one in APP_NAMES if HELPERS.isdisjoint(words) and one in name}


def _named(
    project: Project, built: list[ComposeService], wanted: str, clues: Clues
) -> tuple[ComposeService | None, str]:
    service = project.services.get(wanted)
    if service is None:
        known = nearest(wanted, list(project.services))
        return None, f"{project.path} has no service `{wanted}`.{known}"
    if service in built:
        return service, ""
    known_image = is_known_image(service.image.reference)
    if service.build or wanted in clues.proxies or known_image:
        what = "a proxy" if wanted in clues.proxies else "a database"
        if known_image and not is_database_image(service.image.reference):
            what = f"`{service.image.shown}`"
        says = f"`{wanted}` is {what}, not the app."
        return None, LocatedSentence(project.path, service.lines.own, says)
    return None, not_built(project, service, clues.builds())


def _none_built(project: Project, port: int, clues: Clues) -> str:
    hidden = [one for one in project.inactive.values() if one.build and _may_be(one, clues)]
    if hidden:
        return inactive(project, _likeliest(hidden, port, clues))
    likely = [
        one
        for one in project.services.values()
        if not one.build and _may_be(one, clues) and not is_known_image(one.image.reference)
    ]
    if likely:
        return not_built(project, _likeliest(likely, port, clues), clues.builds())
    proxies = [(name, "a proxy") for name in project.services if name in clues.proxies]
    databases = [
        (name, "built on the image of a database")
        for name in project.services if name in clues.databases
    ]  # fmt: skip
    return none_built(project, clues.builds(), (*databases[:1], *proxies[:1]))
