"""Where the plugins of Docker's command line are found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.sandbox import docker_plugins


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Nothing is known from before, nor after."""
    docker_plugins.plugin.cache_clear()
    yield
    docker_plugins.plugin.cache_clear()


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The user's folder and the system's, both of them empty."""
    own, shared = tmp_path / "config" / "cli-plugins", tmp_path / "system"
    own.mkdir(parents=True)
    shared.mkdir()
    monkeypatch.setenv("DOCKER_CONFIG", str(own.parent))
    monkeypatch.setattr(docker_plugins, "SYSTEM", (shared,))
    return own, shared


def write(folder: Path, mode: int = 0o755) -> Path:
    """A plugin in `folder`."""
    file = folder / "docker-compose"
    file.write_text("#!/bin/sh\n", "utf-8")
    file.chmod(mode)
    return file


def test_the_users_own_comes_first(places: tuple[Path, Path]) -> None:
    """As `docker` has it."""
    own, shared = places
    write(shared)
    wanted = write(own)
    assert docker_plugins.plugin("compose") == (str(wanted),)


def test_the_systems_is_taken_otherwise(places: tuple[Path, Path]) -> None:
    """A file of the user's that cannot be run is none."""
    own, shared = places
    write(own, 0o644)
    wanted = write(shared)
    assert docker_plugins.plugin("compose") == (str(wanted),)


def test_docker_finds_what_is_nowhere_here(places: tuple[Path, Path]) -> None:
    """Its configuration may name more folders."""
    del places
    assert docker_plugins.plugin("compose") == ("docker", "compose")
