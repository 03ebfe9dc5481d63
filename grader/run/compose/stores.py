"""The images of services that a project does not build: databases, caches, and others.

An exam asks for them as roles; `grader diagnose` starts what can be had, as the app may need it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from grader.inspect.compose.image_families import example_image, is_one_of
from grader.inspect.dockerfile import base_of
from grader.model import Challenge
from grader.run.compose.project_roles import ComposeRoles
from grader.run.context import RunContext
from grader.sandbox import images
from grader.sandbox.engine import image_id
from grader.sandbox.images import WantedImage
from grader.sandbox.images.references import ImageReference
from grader.text import clip

MOST_LARGE = 4
"""How many databases and caches of a project have a database's memory and processes, if those that
play roles of the exam are not more."""
MOST_NAMED = 6
"""How many services one sentence names."""


def _store(reference: str) -> WantedImage | None:
    """Return what stands for the image of a store; None where it is none that we make."""
    match ImageReference.parse(reference).repository:
        case "postgres":
            return images.postgres_server(reference)
        case "redis" | "valkey/valkey":
            return images.redis_server(reference)
        case "rabbitmq":
            return images.rabbitmq_server(reference)
        case _:
            return None


def is_store(reference: str) -> bool:
    """Return whether an image is that of a store which can be started here."""
    return bool(reference) and _store(reference) is not None


def runs_store(roles: ComposeRoles, name: str) -> bool:
    """Return whether a service runs a database or a cache.

    One that is built on such an image counts where it plays a role of the exam.
    """
    image = _image(roles, name, built=name in roles.named.values())
    return bool(image) and (images.is_mysql(image) or is_store(image))


def large_stores(roles: ComposeRoles, started: Mapping[str, str]) -> tuple[str, ...]:
    """Return which of the containers `started` have a database's memory and processes.

    `started` has the service of each. They are those that the exam asks for, and others until there
    are `MOST_LARGE`: a file with a hundred caches would have the machine's memory otherwise.
    """
    asked = {roles.database_name, *roles.named.values()}
    stores = [one for one, of in started.items() if runs_store(roles, of)]
    own = [one for one in stores if started[one] in asked]
    others = [one for one in stores if started[one] not in asked]
    return (*own, *others[: max(MOST_LARGE - len(own), 0)])


def small_stores_said(roles: ComposeRoles) -> list[str]:
    """Say which databases and caches have the app's memory and processes, for being too many."""
    started = {one: one for one in roles.started}
    large = large_stores(roles, started)
    small = [one for one in started if runs_store(roles, one) and one not in large]
    if not small:
        return []
    more = " and others" if len(small) > MOST_NAMED else ""
    names = ", ".join(repr(clip(one, 60)) for one in small[:MOST_NAMED]) + more
    return [
        (
            f"The services {names} have the app's memory and processes: the databases and caches "
            "that the exam asks for have more, and of others as many as make "
            f"{MOST_LARGE} with them. Keep those that your app needs."
        )
    ]


def changes_users(roles: ComposeRoles, name: str) -> bool:
    """Return whether a service runs a proxy's image, which begins as root and goes on as another.

    One that is built on such an image counts where the exam names roles.
    """
    return is_one_of(_image(roles, name, built=bool(roles.named)), {"nginx"})


def starts_slowly(roles: ComposeRoles, name: str) -> bool:
    """Return whether a service runs an image that takes seconds to start, as a broker's does."""
    return is_one_of(_image(roles, name, built=bool(roles.named)), {"rabbitmq"})


def _image(roles: ComposeRoles, name: str, *, built: bool) -> str:
    """Return the image that a service runs, or, with `built`, that it is built on; else empty."""
    service, dockerfile = roles.project(roles.fresh).services[name], roles.dockerfiles.get(name)
    if not service.build:
        return service.image.reference
    return base_of(dockerfile) if built and dockerfile else ""


def project_image(reference: str) -> WantedImage:
    """Name the image that stands for the one that a service of a project runs."""
    if images.is_mariadb_image(reference):
        return images.mariadb_server(reference)
    if images.is_mysql(reference):
        return images.mysql_server(reference)
    return _store(reference) or images.DockerfileBase(reference=reference)


def role_images(challenge: Challenge) -> Iterator[WantedImage]:
    """Name an image for each kind that the roles of an exam's Compose file may have.

    A student names any version; it is the one that sentences give as an example.
    """
    if challenge.mode != "compose":
        return
    if not challenge.roles:
        usual = example_image("mysql")
        major = ImageReference.parse(usual).tag.partition(".")[0]
        asked = challenge.mysql
        yield project_image(usual if asked in {"", major} else f"mysql:{asked}")
    for role in challenge.roles:
        for image in map(example_image, role.images):
            yield images.DockerfileBase(reference=image) if role.built else project_image(image)


def service_image(context: RunContext, reference: str) -> str:
    """Return the local image that stands for the one that a service runs, and note it.

    Raises `BaseImageUnknown`, `ImageUnavailable`.
    """
    engine = context.resources.engine
    found = project_image(reference).obtain(
        engine, settings=context.settings,
        progress=partial(context.recorder.progress, "provision"),
    )  # fmt: skip
    context.recorder.substitute(found.substitution)
    context.recorder.start_from(found.base)
    context.recorder.materials.images[reference] = image_id(engine, found.image)
    return found.image
