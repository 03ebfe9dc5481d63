"""Where services are found, and the class behind each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.errors import PlatformError
from grader.model import ServiceSpec
from grader.sandbox.images import manifests
from grader.sandbox.images.manifests import Manifest
from grader.service_catalogue import built_in, load_class, manifest_at, services_of
from grader.services.base import Service
from grader.services.registry import manifest_of, service_of
from tests.unit.run.image_machine import ImageMachine

MANIFEST = {
    "name": "ledger", "title": "The ledger", "summary": "Lines.", "port": 7070,
    "server": "service.py:Ledger", "fixture": {"name": "ledger", "class": "fixture.py:Lines"},
    "options": {"type": "object"},
    "placeholders": {"host": {"text": "its name"}, "token": {"text": "a key", "secret": True}},
}  # fmt: skip


def written(folder: Path, **changes: Any) -> Path:
    """A challenge's folder with a service of its own."""
    home = folder / "services" / "ledger"
    home.mkdir(parents=True)
    (home / "service.json").write_text(json.dumps({**MANIFEST, **changes}), "utf-8")
    return folder


@pytest.mark.parametrize("name", sorted(built_in()))
def test_each_service_of_the_graders_can_be_loaded(name: str) -> None:
    manifest = manifest_of(ServiceSpec(name=name))
    assert isinstance(service_of(manifest.folder), Service)
    fixture = load_class(manifest.target(manifest.fixture_class))
    assert fixture.fixture == manifest.fixture
    assert manifest.secret_values
    assert {"host", "port"} <= {one.name for one in manifest.placeholders}


@pytest.mark.parametrize("registry", [True, False], ids=["with a registry", "without"])
@pytest.mark.parametrize("name", sorted(built_in()))
def test_each_service_of_the_graders_says_what_it_consists_of(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, registry: bool
) -> None:
    """The report names its packages or its digest, so that `compare` can name a change."""
    machine = ImageMachine(monkeypatch, tmp_path, registry=registry)
    made = Manifest(image="sha256:1", recorded="", packages={"a": "1"})
    monkeypatch.setattr(manifests, "record", lambda *_, **__: made)
    spec = ServiceSpec(name=name, image=f"{name}:8")
    service = service_of(manifest_of(spec).folder)
    base = service.image(machine.engine, spec, machine.settings, lambda line: None).base
    assert base is not None
    assert base.reference
    assert base.packages or base.registry


def test_a_challenge_brings_a_service(tmp_path: Path) -> None:
    found = services_of(written(tmp_path))["ledger"]
    assert found.values == ("ledger.host", "ledger.token")
    assert found.secret_values == {"ledger.token"}
    assert found.target(found.server) == f"{found.folder / 'service.py'}:Ledger"
    assert found.target("grader.x:Y") == "grader.x:Y"


def test_no_challenge_takes_a_name_of_the_graders(tmp_path: Path) -> None:
    home = tmp_path / "services" / "mysql"
    home.mkdir(parents=True)
    text = json.dumps({**MANIFEST, "name": "mysql", "title": "Not it"})
    (home / "service.json").write_text(text, "utf-8")
    assert services_of(tmp_path)["mysql"].title == "MySQL"


def test_a_name_is_the_folders(tmp_path: Path) -> None:
    home = written(tmp_path, name="other") / "services" / "ledger"
    with pytest.raises(ValueError, match="give it its folder's name"):
        manifest_at(home)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("class Other:\n    pass\n", "has no attribute 'Ledger'"),
        ("import nothing_like_it\n", "No module named 'nothing_like_it'"),
        ("class Ledger\n", "expected ':'"),
        ("class Ledger:\n    pass\n", "is no Service"),
    ],
)
def test_a_class_that_is_none_is_the_operators_to_correct(
    tmp_path: Path, source: str, said: str
) -> None:
    home = written(tmp_path) / "services" / "ledger"
    (home / "service.py").write_text(source, "utf-8")
    with pytest.raises(PlatformError, match=said):
        service_of(home)
