"""What exams ask for is named, and once it is prepared a run has nothing left to make."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.app_spec import RoleSpec
from grader.errors import ImageUnavailable
from grader.model import Challenge
from grader.run.compose.stores import project_image, role_images
from grader.run.exam_images import exam_images
from grader.sandbox import images
from grader.sandbox.images import (
    DockerfileBase,
    WantedImage,
    layers,
    mysql_server,
    redis_server,
)
from grader.sandbox.images.layers import Layer
from grader.service_catalogue import built_in
from grader.services.registry import manifest_of, service_of
from grader.settings import REPOSITORY
from grader.spec.library import load_all
from grader.testing import a_challenge
from tests.unit.run.image_machine import ImageMachine

FOLDERS = [REPOSITORY / "challenges", REPOSITORY / "tests" / "challenges"]


@pytest.fixture(scope="module")
def exams() -> list[Challenge]:
    """Those that the grader comes with, and those of its tests: together they ask for all."""
    found, broken = load_all(FOLDERS)
    assert not broken
    asked = {spec.name for exam in found.values() for spec in exam.services}
    assert set(built_in()) <= asked
    return list(found.values())


@pytest.fixture(params=[True, False], ids=["with a registry", "without"])
def machine(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> ImageMachine:
    """A machine with no image."""
    return ImageMachine(monkeypatch, tmp_path, registry=request.param)


def all_of(exams: list[Challenge]) -> tuple[WantedImage, ...]:
    """What they need, each image once."""
    found = [one for exam in exams for one in exam_images(exam, brought=True)]
    return tuple(dict.fromkeys([*images.COMMON, *found]))


def test_after_prepare_nothing_of_any_exam_is_missing(
    machine: ImageMachine, exams: list[Challenge]
) -> None:
    """Everything was before it."""
    wanted = all_of(exams)
    before = images.status(machine.engine, settings=machine.settings, wanted=wanted)
    assert {row.image for row in before} == {""}
    assert machine.done == []
    ready = images.prepare(machine.engine, settings=machine.settings, wanted=wanted)
    after = images.status(machine.engine, settings=machine.settings, wanted=wanted)
    assert [row.reference for row in after if not row.image] == []
    assert {row.image for row in after} == set(ready)
    assert [row.reference for row in after] == [one.name for one in wanted]
    names = {row.reference for row in after}
    assert {"redis:7", "rabbitmq:4", "postgres:17", "nginx:1", "grader/mail:trixie"} <= names


def test_a_run_makes_nothing_of_what_was_prepared(
    machine: ImageMachine, exams: list[Challenge]
) -> None:
    """Nor does another `prepare`: each service and role takes what is there."""
    wanted, settings = all_of(exams), machine.settings
    ready = images.prepare(machine.engine, settings=settings, wanted=wanted)
    done = list(machine.done)
    taken = {images.tools_image(machine.engine, settings=settings)}
    for exam in exams:
        for spec in exam.services:
            service = service_of(manifest_of(spec).folder)
            taken.add(service.image(machine.engine, spec, settings, lambda text: None).image)
        for one in role_images(exam):
            taken.add(one.obtain(machine.engine, settings=settings).image)
    assert taken <= set(ready)
    assert images.prepare(machine.engine, settings=settings, wanted=wanted) == ready
    assert machine.done == done


def test_an_image_that_was_loaded_by_hand_is_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """On a machine with no registry it is what a run takes."""
    machine = ImageMachine(monkeypatch, tmp_path, registry=False)
    machine.add("redis:7", {})
    wanted = (redis_server("redis:7"),)
    (ready,) = images.prepare(machine.engine, settings=machine.settings, wanted=wanted)
    (row,) = images.status(machine.engine, settings=machine.settings, wanted=wanted)
    assert (row.image, row.substitute) == (ready, "")
    assert not [name for name in machine.done if name.startswith("grader/redis")]


def test_what_stands_in_for_an_image_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also what takes the place of another maker's."""
    machine = ImageMachine(monkeypatch, tmp_path, registry=False)
    wanted = (redis_server("redis:7"), project_image("percona:8"))
    images.prepare(machine.engine, settings=machine.settings, wanted=wanted)
    rows = images.status(machine.engine, settings=machine.settings, wanted=wanted)
    assert [row.substitute for row in rows] == ["Redis of Debian bookworm", "MySQL of Debian sid"]


def test_an_image_without_a_shell_is_there_as_well(
    machine: ImageMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What can only be copied into it is."""
    build = layers._build

    def without_steps(base: str, layer: Layer, digest: str) -> str:
        if "\nRUN " in layer.dockerfile:
            raise ImageUnavailable
        return build(base, layer, digest)

    monkeypatch.setattr(layers, "_build", without_steps)
    wanted = (DockerfileBase(reference="python:3.11-slim"),)
    (ready,) = images.prepare(machine.engine, settings=machine.settings, wanted=wanted)
    (row,) = images.status(machine.engine, settings=machine.settings, wanted=wanted)
    assert row.image == ready


def a_project(*roles: RoleSpec, mysql: str = "") -> Challenge:
    """Return an exam of mode compose."""
    return a_challenge(mode="compose", roles=roles, mysql=mysql)


@pytest.mark.parametrize(
    ("exam", "expected"),
    [
        (a_challenge(), []),
        (a_project(), [mysql_server("mysql:8.4")]),
        (a_project(mysql="8"), [mysql_server("mysql:8.4")]),
        (a_project(mysql="9"), [mysql_server("mysql:9")]),
        (a_project(RoleSpec(name="app", built=True)), []),
        (
            a_project(RoleSpec(name="cache", images=("redis", "valkey"))),
            [redis_server("redis:7"), redis_server("valkey/valkey:8")],
        ),
        (
            a_project(RoleSpec(name="proxy", images=("nginx",), built=True)),
            [DockerfileBase(reference="nginx:1")],
        ),
        (
            a_project(RoleSpec(name="admin", images=("adminer",))),
            [DockerfileBase(reference="adminer")],
        ),
    ],
)
def test_roles_name_their_images(exam: Challenge, expected: list[WantedImage]) -> None:
    """One for each kind; without roles an app and a MySQL, of the version that is asked for."""
    assert list(role_images(exam)) == expected


def test_a_class_that_an_exam_brings_is_run_only_where_it_is_asked_for(
    exams: list[Challenge], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is code of somebody's own."""
    (exam,) = (one for one in exams if one.slug == "probe-service")
    assert exam_images(exam, brought=True) == (DockerfileBase(reference="python:3.11-slim"),)
    monkeypatch.setattr("grader.run.exam_images.service_of", lambda folder: None)
    assert exam_images(exam, brought=False) == ()


def test_images_are_named_once(exams: list[Challenge]) -> None:
    """Two exams that ask for one image ask for the same."""
    (todo,) = (one for one in exams if one.slug == "todo-api")
    twice = exam_images(replace(todo, services=todo.services * 2), brought=False)
    assert len(set(twice)) == 1
    assert set(twice) <= set(images.COMMON)
