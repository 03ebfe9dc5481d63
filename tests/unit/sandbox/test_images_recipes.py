"""Recipes, the layers on top of them, and where packages come from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.sandbox.images import bootstrap, recipes
from grader.sandbox.images.layers import Layer
from grader.sandbox.images.resolve import apt_configuration, pip_configuration

HOST_SOURCES = """\
http://packages.example/debian/ bookworm
http://packages.example/debian/ bookworm-updates
http://packages.example/debian-security/ bookworm-security
https://elsewhere.example/apt/ stable
"""


@pytest.fixture
def debian_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Debian 12 host with sources of its own."""
    monkeypatch.setattr(bootstrap, "_lines", lambda command: HOST_SOURCES.splitlines())
    monkeypatch.setattr(
        bootstrap, "_codename", lambda system: "bookworm" if system == "debian" else ""
    )


@pytest.mark.usefixtures("debian_host")
def test_packages_come_from_the_hosts_own_source() -> None:
    """Other releases come from the archive that the host's release comes from."""
    assert bootstrap.package_sources("trixie") == [
        "deb http://packages.example/debian/ trixie main",
        "deb http://packages.example/debian/ trixie-updates main",
        "deb http://packages.example/debian-security/ trixie-security main",
    ]
    assert bootstrap.package_sources("sid") == ["deb http://packages.example/debian/ sid main"]


@pytest.mark.usefixtures("debian_host")
def test_elsewhere_mmdebstraps_own_default_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that is not Debian has no source for Debian's packages."""
    monkeypatch.setattr(bootstrap, "_codename", lambda system: "")
    assert bootstrap.package_sources("trixie") == []


def test_a_changed_recipe_has_another_digest() -> None:
    """So an image of an older recipe is made again."""
    recipe = recipes.python((3, 11), full=False)
    assert recipe.digest == recipes.python((3, 11), full=False).digest
    assert replace(recipe, packages=(*recipe.packages, "curl")).digest != recipe.digest
    assert replace(recipe, scripts=("no-services.sh",)).digest != recipe.digest


def test_the_full_variant_has_what_the_slim_one_has() -> None:
    """And compilers alongside."""
    slim, full = (recipes.python((3, 13), full=full) for full in (False, True))
    assert set(slim.packages) < set(full.packages)
    assert "build-essential" in full.packages
    assert slim.tag != full.tag


def test_every_script_of_a_recipe_is_shipped() -> None:
    """A recipe that names a missing file would fail on a machine that needs it."""
    for recipe in (recipes.python((3, 11), full=True), recipes.debian("trixie"), recipes.MYSQL):
        for name in recipe.scripts:
            assert (recipes.ASSETS / name).is_file()


def test_a_changed_layer_or_base_has_another_digest() -> None:
    """A layer is found again only where all that it was made of is the same."""
    layer = Layer(kind="base", dockerfile="FROM base\n", files={"a": b"1"})
    assert layer.digest("sha256:1") == layer.digest("sha256:1")
    assert layer.digest("sha256:2") != layer.digest("sha256:1")
    assert replace(layer, files={"a": b"2"}).digest("sha256:1") != layer.digest("sha256:1")
    assert replace(layer, dockerfile="FROM base\nRUN x\n").digest("sha256:1") != layer.digest(
        "sha256:1"
    )


def test_pip_is_sent_to_the_local_index() -> None:
    """By the name that builds are given, at the port that settings name."""
    assert "index-url = http://grader-index:4050/index/\n" in pip_configuration(4050)
    assert "trusted-host = grader-index\n" in pip_configuration(4050)


def test_apt_is_told_of_the_index() -> None:
    """As a proxy, asked once."""
    assert 'Acquire::http::Proxy "http://grader-index:4050/";\n' in apt_configuration(4050)
    assert 'Acquire::Retries "0";\n' in apt_configuration(4050)


@pytest.mark.usefixtures("debian_host")
def test_builds_get_packages_from_the_hosts_archives(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the names that a request to the index has them under."""
    monkeypatch.setattr(
        "grader.sandbox.images.bootstrap.shutil.which", lambda name: f"/usr/bin/{name}"
    )
    assert bootstrap.host_archives() == {
        "debian": "http://packages.example/debian/",
        "debian-security": "http://packages.example/debian-security/",
    }
    monkeypatch.setattr(bootstrap, "_lines", lambda command: ["mirror+file:/etc/x bookworm\n"])
    assert bootstrap.host_archives() == {}
    monkeypatch.setattr("grader.sandbox.images.bootstrap.shutil.which", lambda name: None)
    assert bootstrap.host_archives() == {}


def test_apts_proxies_are_the_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that is set to DIRECT is none, whatever the environment has."""
    lines = ['Acquire::http::Proxy "http://proxy.example:3128";\n']
    lines += ['Acquire::https::Proxy "DIRECT";\n', 'Acquire::http::Proxy::one "http://other";\n']
    monkeypatch.setattr(
        "grader.sandbox.images.bootstrap.shutil.which", lambda name: f"/usr/bin/{name}"
    )
    monkeypatch.setattr(bootstrap, "_lines", lambda command: lines)
    assert bootstrap.host_proxies() == {"http": "http://proxy.example:3128", "https": ""}
