"""Which service is the app, which its database, and which the exam leaves out."""

from __future__ import annotations

from collections.abc import Callable

from grader.inspect.compose.project import Project, Service
from grader.text import nearest

APP_NAMES = ("app", "web", "flask", "backend", "api", "server")
DATABASES = frozenset({
    "mysql", "mariadb", "percona", "bitnami/mysql", "bitnami/mariadb",
    "mysql/mysql-server", "percona/percona-server",
})  # fmt: skip


def is_database_image(reference: str) -> bool:
    """Whether an image is MySQL or one of its kin, of whatever registry and version."""
    name = reference.partition("@")[0]
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        name = rest
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}".lower().removeprefix("library/") in DATABASES


def pick_app(
    project: Project,
    port: int,
    wanted: str | None,
    is_database_base: Callable[[str], bool],
) -> tuple[Service | None, str]:
    """The service that is examined, and a sentence: which was chosen, or why there is none.

    `wanted` is the caller's choice; `is_database_base` tells of a built service, by its name,
    whether its Dockerfile begins with a database.
    """
    built = [
        one for one in project.services.values() if one.build and not is_database_base(one.name)
    ]
    if wanted is not None:
        return _named(project, built, wanted)
    if not built:
        return None, _none_built(project)
    chosen = _likeliest(built, port)
    if len(built) == 1:
        return chosen, ""
    names = ", ".join(f"`{one.name}`" for one in built)
    return chosen, f"Of the services {names}, `{chosen.name}` was taken for the app."


def pick_database(project: Project) -> Service | None:
    """The MySQL service; of several, one that a built service depends on."""
    found = [
        one for one in project.services.values() if not one.build and is_database_image(one.image)
    ]
    needed = {
        dependency.service
        for one in project.services.values()
        if one.build
        for dependency in one.depends_on
    }
    return next((one for one in found if one.name in needed), next(iter(found), None))


def third_parties(project: Project, app: Service, database: Service | None) -> tuple[str, ...]:
    """The names of services with images of others, which are not started."""
    parts = {app.name, database.name if database else ""}
    return tuple(
        one.name for one in project.services.values() if not one.build and one.name not in parts
    )


def app_port(service: Service, default: int) -> int:
    """The port that the app listens on in its container: `default` if it names that one."""
    ports = [port for port in service.ports if port.protocol == "tcp"]
    targets = [port.target for port in ports]
    if default in (*targets, *service.expose):
        return default
    published = [port.target for port in ports if port.published]
    return next(iter([*published, *targets, *service.expose]), default)


def _likeliest(built: list[Service], port: int) -> Service:
    ranked: tuple[Callable[[Service], bool], ...] = (
        lambda one: port in (*(port.target for port in one.ports), *one.expose),
        *(lambda one, name=name: one.name == name for name in APP_NAMES),
        lambda one: bool(one.ports),
    )
    return next((one for fits in ranked for one in built if fits(one)), built[0])


def _named(project: Project, built: list[Service], wanted: str) -> tuple[Service | None, str]:
    service = project.services.get(wanted)
    if service is None:
        known = nearest(wanted, list(project.services))
        return None, f"{project.path} has no service `{wanted}`.{known}"
    if service in built:
        return service, ""
    if service.build:
        return None, f"{project.path}:{service.line}: `{wanted}` is a database, not the app."
    return None, _not_built(project, service)


def _none_built(project: Project) -> str:
    others = [one for one in project.services.values() if not is_database_image(one.image)]
    likely = [one for one in others if not one.build]
    if likely:
        return _not_built(project, _likeliest(likely, 0))
    return f"{project.path}: no service is built from your code; add one with `build: .`."


def _not_built(project: Project, service: Service) -> str:
    line = service.key_lines.get("image", service.line)
    return (
        f"{project.path}:{line}: `{service.name}` names the image `{service.image}` and is not "
        "built from your code: give it `build: .`."
    )
