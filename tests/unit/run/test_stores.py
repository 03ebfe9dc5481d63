"""Which services of a project get what a database needs, or a proxy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.inspect.compose.project import (
    Build,
    ComposeImage,
    ComposeService,
    Project,
    Reading,
    ServiceLines,
)
from grader.inspect.dockerfile import inline_dockerfile
from grader.run.compose.resolve import ComposeRoles
from grader.run.compose.stores import changes_users, runs_store
from tests.unit.run.test_compose_roles import WEB, roles


def with_service(image: str, *, base: str = "", named: bool = False) -> ComposeRoles:
    """A project with a service `other`, which runs `image` or is built on `base`."""
    build = Build(context=".", dockerfile="") if base else None
    other = ComposeService(
        name="other", lines=ServiceLines(own=9), image=ComposeImage(reference=image), build=build
    )
    fresh = Reading(
        path="compose.yml",
        project=Project(path="compose.yml", services={"web": WEB, "other": other}),
    )
    dockerfiles = {"other": inline_dockerfile(f"FROM {base}\n".encode(), {})} if base else {}
    return replace(
        roles(), fresh=fresh, dockerfiles=dockerfiles,
        named={"app": "web", **({"cache": "other"} if named else {})},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("redis:7", True), ("valkey/valkey:8", True), ("postgres:17", True), ("mariadb", True),
        ("mysql:8.4", True), ("python:3.11-slim", False), ("nginx", False), ("me/redis", False),
    ],
)  # fmt: skip
def test_databases_and_caches(image: str, expected: bool) -> None:
    assert runs_store(with_service(image), "other") is expected


def test_one_that_is_built_on_a_store_has_to_play_a_role() -> None:
    """It would be a way to more memory otherwise."""
    assert runs_store(with_service("", base="redis:7", named=True), "other")
    assert not runs_store(with_service("", base="redis:7"), "other")


@pytest.mark.parametrize(
    ("image", "base", "expected"),
    [("nginx:1.27-alpine", "", True), ("", "nginx", True), ("python", "", False), ("", "x", False)],
)
def test_proxies(image: str, base: str, expected: bool) -> None:
    assert changes_users(with_service(image, base=base), "other") is expected


def test_without_roles_a_built_proxy_is_what_it_was() -> None:
    assert not changes_users(replace(with_service("", base="nginx"), named={}), "other")
