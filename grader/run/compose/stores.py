"""The images of services that a project does not build: databases, caches, and others.

An exam asks for them as roles; `grader diagnose` starts what can be had, as the app may need it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from grader.inspect.compose.image_families import is_one_of
from grader.inspect.dockerfile import base_of
from grader.run.compose.project_roles import ComposeRoles
from grader.run.context import RunContext
from grader.sandbox import images
from grader.sandbox.engine import image_id
from grader.sandbox.images import ResolvedImage
from grader.sandbox.images.references import ImageReference

Obtain = Callable[..., ResolvedImage]


def _obtain(reference: str) -> Obtain | None:
    """Return what finds or makes the image of a store; None where it is none that we make."""
    match ImageReference.parse(reference).repository:
        case "postgres":
            return images.postgres_image
        case "redis" | "valkey/valkey":
            return images.redis_image
        case "rabbitmq":
            return images.rabbitmq_image
        case _:
            return None


def is_store(reference: str) -> bool:
    """Return whether an image is that of a store which can be started here."""
    return bool(reference) and _obtain(reference) is not None


def runs_store(roles: ComposeRoles, name: str) -> bool:
    """Return whether a service runs a database or a cache.

    One that is built on such an image counts where it plays a role of the exam.
    """
    image = _image(roles, name, built=name in roles.named.values())
    return bool(image) and (images.is_mysql(image) or is_store(image))


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


def database_image(context: RunContext, reference: str) -> str:
    """Return the local image of a MySQL or MariaDB. Raises as `service_image` does."""
    obtain = images.mariadb_image if images.is_mariadb_image(reference) else images.mysql_image
    return _noted(context, reference, obtain)


def service_image(context: RunContext, reference: str) -> str:
    """Return the local image that stands for the one that another service runs.

    Raises `BaseImageUnknown`, `ImageUnavailable`.
    """
    return _noted(context, reference, _obtain(reference) or images.resolve_base)


def _noted(context: RunContext, reference: str, obtain: Obtain) -> str:
    """Note what stands for the image that is named, and return its tag."""
    engine = context.resources.engine
    found = obtain(
        engine, reference, settings=context.settings,
        progress=partial(context.recorder.progress, "provision"),
    )  # fmt: skip
    context.recorder.substitute(found.substitution)
    context.recorder.start_from(found.base)
    context.recorder.materials.images[reference] = image_id(engine, found.image)
    return found.image
