"""What a suite asks of volumes, and what becomes of it on the app's container."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.app_spec import Limits, VolumeSpec
from grader.exam.faults import Mismatch
from grader.run.volumes import AppVolumes, start_volumes
from grader.sandbox.container import ContainerSpec
from grader.sandbox.volumes import ListedFile, NotReadable, VolumeMount
from tests.unit.run.conftest import Begin

DATA = VolumeMount(name="v0", spec=VolumeSpec(path="/data"))
MORE = VolumeMount(name="v1", spec=VolumeSpec(path="/more"))


def of_app(helper: Any, recreated: list[tuple[str, tuple[VolumeMount, ...]]]) -> AppVolumes:
    """Those of an app with two volumes; each new container is noted with what it has."""
    recipe = ContainerSpec(
        image="i", network="n", env={}, limits=Limits(), labels={}, volumes=(DATA, MORE)
    )
    container = cast("Any", SimpleNamespace(recipe=recipe))
    app = SimpleNamespace(
        recreate_with=lambda change: recreated.append((change, container.recipe.volumes))
    )
    return AppVolumes(helper, cast("Any", app), container)


def test_one_volume_is_read_only_and_writable_again() -> None:
    """The other one stays as it is."""
    recreated: list[tuple[str, tuple[VolumeMount, ...]]] = []
    volumes = of_app(None, recreated)
    volumes.make_read_only("/data")
    volumes.make_writable("/data")
    (first, changed), (second, back) = recreated
    assert (first, second) == ("/data read-only", "/data writable")
    assert [one.read_only for one in changed] == [True, False]
    assert back == (DATA, MORE)


def test_what_is_found_comes_over() -> None:
    """Entries and bytes."""
    entry = ListedFile(path="x", kind="file", size=1, mode=0o644, owner=5)
    helper = SimpleNamespace(files=lambda path, folder: (entry,), read=lambda *_: b"\0\xff")
    volumes = of_app(helper, [])
    (found,) = volumes.files("/data", "")
    assert (found.path, found.kind, found.size, found.mode, found.owner) == (
        "x", "file", 1, 0o644, 5,
    )  # fmt: skip
    assert base64.b64decode(volumes.read("/data", "x", 10)) == b"\0\xff"


def test_what_cannot_be_looked_at_is_the_students_loss() -> None:
    """With the sentence that names it."""

    def refuse(*_: Any) -> None:
        msg = "/data/x is no regular file."
        raise NotReadable(msg)

    volumes = of_app(SimpleNamespace(files=refuse, read=refuse), [])
    with pytest.raises(Mismatch, match="is no regular file"):
        volumes.read("/data", "x", 10)
    with pytest.raises(Mismatch, match="is no regular file"):
        volumes.files("/data", "x")


def test_an_exam_without_volumes_starts_nothing(begin: Begin) -> None:
    """No helper, and no question to the engine."""
    assert start_volumes(begin()) is None
