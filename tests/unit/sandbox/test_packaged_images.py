"""Images of some packages on a Debian: made in one of two ways, and what they consist of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.images import manifests, tools_image
from grader.sandbox.images.acquire import ResolvedImage
from grader.sandbox.images.manifests import Manifest
from grader.sandbox.images.packaged import MAIL_IMAGE
from tests.unit.run.image_machine import ImageMachine

PACKAGES = {"python3-aiosmtpd": "1.4.6-1"}


class Records:
    """Stands in for what reads and keeps the packages of an image."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, packages: Mapping[str, str] | None = None
    ) -> None:
        """`packages` are those of every image; None: they cannot be read."""
        self.asked: list[tuple[str, str]] = []
        self._packages = packages
        monkeypatch.setattr(manifests, "record", self.record)

    def record(self, _: object, tag: str, *, name: str = "", **__: Any) -> Manifest | None:
        self.asked.append((tag, name or tag))
        if self._packages is None:
            return None
        return Manifest(image="sha256:1", recorded="", packages=self._packages)


def obtained(machine: ImageMachine) -> ResolvedImage:
    return MAIL_IMAGE.obtain(machine.engine, settings=machine.settings)


@pytest.mark.parametrize("registry", [True, False], ids=["with a registry", "without"])
def test_its_packages_are_recorded_whichever_way_it_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, registry: bool
) -> None:
    """Under one name, as it is made and ever after, so that a change is seen."""
    machine = ImageMachine(monkeypatch, tmp_path, registry=registry)
    records = Records(monkeypatch, PACKAGES)
    first = obtained(machine)
    done = list(machine.done)
    assert done
    assert obtained(machine) == first
    assert machine.done == done
    assert set(records.asked) == {(first.image, "grader/mail:trixie")}
    assert (first.image == "grader/mail:trixie") is not registry
    digest = Manifest(image="", recorded="", packages=PACKAGES).digest
    assert first.base is not None
    assert (first.base.reference, first.base.packages) == ("grader/mail:trixie", digest)
    assert first.base.registry is None


def test_an_image_whose_packages_cannot_be_read_is_used_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = ImageMachine(monkeypatch, tmp_path, registry=True)
    Records(monkeypatch)
    found = obtained(machine)
    assert found.image in machine.images
    assert found.base is not None
    assert found.base.packages is None


def test_the_tools_are_not_looked_at_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run asks for them many times, and grades nothing by them."""
    machine = ImageMachine(monkeypatch, tmp_path, registry=True)
    records = Records(monkeypatch, PACKAGES)
    assert tools_image(machine.engine, settings=machine.settings) in machine.images
    assert records.asked == []
