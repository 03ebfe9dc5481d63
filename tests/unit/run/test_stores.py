"""The images of a project's services: which can be had here, and what each of them needs."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

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
from grader.run.compose import stores
from grader.run.compose.project_roles import ComposeRoles
from grader.run.compose.stores import (
    changes_users,
    is_store,
    large_stores,
    project_image,
    runs_store,
    service_image,
    small_stores_said,
    starts_slowly,
)
from grader.sandbox import images
from grader.sandbox.images import DockerfileBase, WantedImage
from grader.testing import FakeApi
from tests.unit.run.conftest import Begin
from tests.unit.run.test_compose_roles import WEB, roles

POSTGRES = ["postgres", "postgres:16", "docker.io/library/postgres:16-alpine"]
REDIS = ["redis", "redis:7-alpine", "valkey/valkey:8"]


@pytest.mark.parametrize("reference", [*POSTGRES, *REDIS])
def test_what_can_be_had_is_a_store(reference: str) -> None:
    """From whichever registry the file names it."""
    assert is_store(reference)


@pytest.mark.parametrize("reference", ["", "mysql:8", "mongo:7", "mine/postgres:16", "rediss"])
def test_anything_else_is_none(reference: str) -> None:
    """MySQL is no store of this kind: it is the exam's database."""
    assert not is_store(reference)


@pytest.mark.parametrize(
    ("reference", "asked"),
    [
        ("postgres:16", images.postgres_server),
        ("valkey/valkey:8", images.redis_server),
        ("rabbitmq:4", images.rabbitmq_server),
        ("mysql:8.4", images.mysql_server),
        ("bitnami/mariadb:11", images.mariadb_server),
        ("nginx:1", lambda reference: DockerfileBase(reference=reference)),
    ],
)
def test_its_image_is_found_or_made(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, reference: str, asked: Any
) -> None:
    """By what makes the images of the service; the run's listener hears how far it is."""
    wanted: WantedImage = asked(reference)
    assert project_image(reference) == wanted
    context = begin(FakeApi())
    heard: list[Any] = []
    context.recorder.listener = heard.append

    def obtain(one: WantedImage, engine: object, *, settings: object, progress: Any) -> Any:
        assert (engine, settings) == (context.resources.engine, context.settings)
        progress("half of it")
        return SimpleNamespace(image=f"image of {one.name}", substitution=None, base=None)

    monkeypatch.setattr(type(wanted), "obtain", obtain)
    monkeypatch.setattr(stores, "image_id", lambda *_: "sha256:1")
    assert service_image(context, reference) == f"image of {reference}"
    assert [(one.phase, one.message) for one in heard] == [("provision", "half of it")]
    assert context.recorder.materials.images == {reference: "sha256:1"}


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


def with_caches(count: int, *asked: str) -> ComposeRoles:
    """A project with `count` caches, of which `asked` play roles."""
    caches = {
        name: ComposeService(
            name=name, lines=ServiceLines(own=9), image=ComposeImage(reference="redis:7")
        )
        for name in (f"c{number}" for number in range(count))
    }
    project = Project(path="compose.yml", services={"web": WEB, **caches})
    return replace(
        roles(), fresh=Reading(path="compose.yml", project=project), started=("web", *caches),
        database=None, named={"app": "web", **{f"role-{one}": one for one in asked}},
    )  # fmt: skip


def test_few_stores_have_a_databases_memory() -> None:
    """Those that the exam asks for first, whatever their place in the file."""
    found = with_caches(6, "c5")
    assert large_stores(found, {one: one for one in found.started}) == ("c5", "c0", "c1", "c2")
    (said,) = small_stores_said(found)
    assert said.startswith("The services 'c3', 'c4' have the app's memory and processes: ")
    assert "as many as make 4 with them" in said


def test_all_that_the_exam_asks_for_have_it() -> None:
    asked = [f"c{number}" for number in range(6)]
    found = with_caches(6, *asked)
    assert large_stores(found, {one: one for one in found.started}) == tuple(asked)
    assert small_stores_said(found) == []


def test_a_hundred_caches_are_named_in_one_sentence() -> None:
    (said,) = small_stores_said(with_caches(100))
    assert "'c9' and others have the app's memory" in said
    assert len(said) < 400


def test_a_usual_project_is_told_nothing() -> None:
    assert small_stores_said(with_caches(4)) == []


def test_a_broker_takes_its_time() -> None:
    """Nobody loses a point for what its server takes to start."""
    assert starts_slowly(with_service("rabbitmq:4-management"), "other")
    assert not starts_slowly(with_service("redis:7"), "other")
