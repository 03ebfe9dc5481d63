"""The roles of a Compose file, `submission.roles`, and what a schema cannot say of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.app_spec import RoleSpec
from grader.criteria import DATABASE_LATE, PERSIST_DATABASE_RESTART
from grader.image_names import DIALECTS
from grader.service_catalogue import ServiceManifest
from grader.spec.tls import tls_port
from grader.yamldoc import Document

APP = "app"
"""The role of the service that is examined."""
DATABASE_FIXTURE = "db"
"""The fixture that looks into the database of the student's own Compose file."""


def roles_of(asked: Mapping[str, Mapping[str, Any]]) -> tuple[RoleSpec, ...]:
    """Return what `submission.roles` of a valid challenge.yml asks for."""
    return tuple(
        RoleSpec(
            name=name,
            port=int(one.get("port", 0)),
            images=tuple(one.get("images", ())),
            built=bool(one.get("built", name == APP)),
            tls=tls_port(one),
            replicas=int(one.get("replicas", 1)),
        )
        for name, one in asked.items()
    )


def role_problems(
    document: Document, spec: dict[str, Any], known: Mapping[str, ServiceManifest]
) -> Iterator[str]:
    """Yield a sentence for each role, and each service of the exam, that does not fit."""
    submission = _mapping(spec.get("submission"))
    roles, compose = submission.get("roles"), submission.get("mode") == "compose"
    if isinstance(roles, dict):
        if compose:
            yield from _form_problems(document, spec, roles)
        else:
            where = document.at(("submission", "roles"))
            yield f"{where}: roles are for `mode: compose`; leave them out."
    if compose:
        yield from _clashes(document, spec, _mapping(roles), known)
        yield from _without_database(document, spec, _mapping(roles))


def _form_problems(
    document: Document, spec: dict[str, Any], roles: dict[Any, Any]
) -> Iterator[str]:
    place = ("submission", "roles")
    if APP not in roles:
        yield f"{document.at(place)} lacks the app, which is examined; add `app: {{}}`."
    for name, one in roles.items():
        where = document.at((*place, name))
        asked = _mapping(one)
        if name == APP:
            yield from _app_problems(document, spec, asked)
        elif isinstance(one, dict) and not asked.get("images") and not asked.get("built"):
            yield (
                f"{where} does not say what such a service is; write `built: true` where it is "
                "built from the student's code, or `images: [redis]`."
            )
        if "replicas" in asked and name != APP and asked.get("built") is not True:
            at = document.at((*place, name, "replicas"))
            yield (
                f"{at}: only what is built from the student's code has replicas, as an image may "
                "keep data of its own; add `built: true`, or leave it out."
            )


def _app_problems(document: Document, spec: dict[str, Any], asked: dict[str, Any]) -> Iterator[str]:
    place = ("submission", "roles", APP)
    if "images" in asked or asked.get("built") is False:
        key = "images" if "images" in asked else "built"
        yield f"{document.at((*place, key))}: the app is always built; leave it out."
    port, own = _mapping(spec.get("app")).get("port"), asked.get("port")
    if port is not None and own is not None and port != own:
        where = document.at((*place, "port"))
        yield f"{where} is {own}, and app.port is {port}; make them the same."


def _clashes(
    document: Document, spec: dict[str, Any], roles: dict[str, Any],
    known: Mapping[str, ServiceManifest],
) -> Iterator[str]:  # fmt: skip
    """Yield the services of the exam that are in the way of what the student's file brings."""
    for name in _mapping(spec.get("services")):
        where = document.at(("services", name))
        if name in known and known[name].fixture == DATABASE_FIXTURE:
            yield (
                f"{where}: `{DATABASE_FIXTURE}` of a suite is the database of the student's "
                "Compose file; leave it out."
            )
        elif name in roles:
            yield f"{where}: {name} is one of `submission.roles`; leave it out in one of the two."


def _without_database(
    document: Document, spec: dict[str, Any], roles: dict[str, Any]
) -> Iterator[str]:
    """Yield the criteria about a database that no role asks for."""
    if not roles or any(_is_database(_mapping(one).get("images")) for one in roles.values()):
        return
    listed = spec.get("criteria")
    for index, item in enumerate(listed if isinstance(listed, list) else []):
        name = _mapping(item).get("id")
        if name in {DATABASE_LATE, PERSIST_DATABASE_RESTART}:
            where = document.at(("criteria", index))
            yield (
                f"{where}: {name} is about a database, and no role asks for one; write "
                "`database: {images: [mysql, mariadb]}`, or `[postgres]`, under submission.roles."
            )


def _is_database(images: Any) -> bool:
    """Return whether a role's images are such that a suite can look into the database as `db`."""
    return isinstance(images, list) and any(
        set(map(str, images)) <= one for one in DIALECTS if images
    )


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
