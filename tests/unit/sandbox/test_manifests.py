"""What an image consists of, and what is said where that changed."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.images import manifests
from grader.sandbox.images.manifests import Manifest, changes, parse, record, told
from grader.settings import Settings

STATUS = """Package: apt
Status: install ok installed
Version: 2.6.2
Description: package manager
 Version: of the description

Package: gone
Status: deinstall ok config-files
Version: 1

Package: openssl
Status: install ok installed
Version: 3.0.1-1+deb12u1
"""


class Api:
    """An engine's API that knows one image."""

    def __init__(self, status: str, image: str = "sha256:1") -> None:
        self.status, self.image = status, image
        self.open = 0
        self.reads = 0

    def inspect_image(self, _: str) -> dict[str, Any]:
        return {"Id": self.image}

    def create_container(self, *_: Any, **__: Any) -> dict[str, str]:
        self.open += 1
        return {"Id": "c"}

    def get_archive(self, *_: Any) -> tuple[list[bytes], dict[str, Any]]:
        self.reads += 1
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w") as archive:
            member = tarfile.TarInfo("status")
            member.size = len(self.status.encode())
            archive.addfile(member, io.BytesIO(self.status.encode()))
        return [content.getvalue()], {}

    def remove_container(self, *_: Any, **__: Any) -> None:
        self.open -= 1


class FakeEngine:
    """As much of an engine as a manifest asks for."""

    def __init__(self, api: Api) -> None:
        self.client = type("Client", (), {"api": api})()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(Settings.from_env({}), state=tmp_path)


def look(api: Api, settings: Settings, said: list[str] | None = None) -> Manifest | None:
    progress = said.append if said is not None else print
    return record(FakeEngine(api), "grader/x:1", settings=settings, progress=progress)  # type: ignore[arg-type]


def test_only_what_is_installed_counts() -> None:
    """Not what was removed, and no text of a description."""
    assert parse(STATUS) == {"apt": "2.6.2", "openssl": "3.0.1-1+deb12u1"}


def test_an_image_is_read_once(settings: Settings) -> None:
    """Its id says that it is the same; the container goes."""
    api = Api(STATUS)
    first = look(api, settings)
    assert first is not None
    assert look(api, settings) == first
    assert (api.reads, api.open) == (1, 0)


def test_a_change_is_told_once_and_kept(settings: Settings) -> None:
    """Versions, what is new and what has gone; an image made again of the same says nothing."""
    said: list[str] = []
    look(Api(STATUS), settings, said)
    assert not said
    other = STATUS.replace("3.0.1-1", "3.0.2-1").replace("Package: apt", "Package: curl")
    changed = look(Api(other, "sha256:2"), settings, said)
    assert said == [
        (
            "grader/x:1 has other packages than before: apt 2.6.2 → (gone), "
            "curl (not there) → 2.6.2, openssl 3.0.1-1+deb12u1 → 3.0.2-1+deb12u1"
        )
    ]
    again = look(Api(other, "sha256:3"), settings, said)
    assert len(said) == 1
    assert changed is not None
    assert again is not None
    assert again.digest == changed.digest
    assert manifests.last_change("grader/x:1", settings)[0] == changed.recorded


def test_what_cannot_be_read_is_not_known(settings: Settings) -> None:
    """An image without a dpkg database has no manifest, and its container goes all the same."""
    api = Api(STATUS)
    api.get_archive = lambda *_: ([b"no archive"], {})  # type: ignore[method-assign]
    assert look(api, settings) is None
    assert api.open == 0


def test_a_file_that_was_cut_off_counts_for_nothing(settings: Settings) -> None:
    """It is written again."""
    look(Api(STATUS), settings)
    (path,) = (settings.state / "manifests").iterdir()
    path.write_text(path.read_text("utf-8")[:40], "utf-8")
    assert manifests.history("grader/x:1", settings) == ()
    assert look(Api(STATUS), settings) is not None


def test_many_changes_are_counted() -> None:
    """A line stays a line."""
    first = Manifest(image="1", recorded="", packages={f"p{n:02}": "1" for n in range(20)})
    line = told(changes(first, Manifest(image="2", recorded="", packages={})))
    assert line.endswith("p11 1 → (gone) and 8 more")
