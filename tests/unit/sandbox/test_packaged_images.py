"""Images of some packages on a Debian: made in one of two ways, and what they consist of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.images import manifests, packaged
from grader.sandbox.images.manifests import Manifest
from grader.sandbox.images.packaged import DOUBLES, MAIL_IMAGE, PackagedImage, packaged_image
from grader.sandbox.images.registry import Unreachable
from grader.settings import Settings
from grader.testing import fake_engine

LAYERED = "grader/mail:debian-trixie-slim-0123456789ab"
PACKAGES = {"python3-aiosmtpd": "1.4.6-1"}


class Machine:
    """Stands in for what makes images, and notes whose packages are recorded."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, *, registry: bool, ready: str = "",
        packages: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """`registry` says whether one answers; `ready` is the tag that is there already."""
        self.made: list[str] = []
        self.recorded: list[tuple[str, str]] = []
        self.packages = packages
        base = "debian:trixie-slim" if registry else Unreachable(reason="no route")
        monkeypatch.setattr(packaged, "packaged_on_this_machine", lambda *_: ready)
        monkeypatch.setattr(packaged, "obtain", lambda *_, **__: base)
        monkeypatch.setattr(packaged, "make", lambda _, recipe, **__: self.make(recipe.tag))
        monkeypatch.setattr(packaged, "add", lambda *_, **__: self.make(LAYERED))
        monkeypatch.setattr(manifests, "record", self.record)

    def make(self, tag: str) -> str:
        self.made.append(tag)
        return tag

    def record(self, _: object, tag: str, *, name: str, **__: Any) -> Manifest | None:
        self.recorded.append((tag, name))
        if self.packages is None:
            return None
        return Manifest(image="sha256:1", recorded="", packages=self.packages)


def look(tmp_path: Path, wanted: PackagedImage = MAIL_IMAGE) -> Any:
    settings = replace(Settings.from_env({}), state=tmp_path)
    return packaged_image(fake_engine(), wanted, settings=settings, progress=lambda line: None)


@pytest.mark.parametrize(
    ("registry", "ready", "tag"),
    [
        (True, "", LAYERED),
        (False, "", "grader/mail:trixie"),
        (True, LAYERED, LAYERED),
        (False, "grader/mail:trixie", "grader/mail:trixie"),
    ],
)
def test_its_packages_are_recorded_whichever_way_it_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: bool, ready: str, tag: str
) -> None:
    """Under one name, so that `grader images status` and `compare` see a change."""
    machine = Machine(monkeypatch, registry=registry, ready=ready, packages=PACKAGES)
    found = look(tmp_path)
    assert machine.made == ([] if ready else [tag])
    assert machine.recorded == [(tag, "grader/mail:trixie")]
    assert found.image == tag
    digest = Manifest(image="", recorded="", packages=PACKAGES).digest
    assert (found.base.reference, found.base.packages) == ("grader/mail:trixie", digest)
    assert found.base.registry is None


def test_an_image_whose_packages_cannot_be_read_is_used_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Machine(monkeypatch, registry=True)
    found = look(tmp_path)
    assert (found.image, found.base.packages) == (LAYERED, None)


def test_doubles_are_told_apart_in_a_report() -> None:
    assert len({one.recipe.tag for one in DOUBLES}) == len(DOUBLES)
