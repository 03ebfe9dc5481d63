"""The real thing. Without an engine every test here fails; none is skipped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.model import Challenge
from grader.run.environment.pool import EnvironmentPool
from grader.sandbox.engine import Engine
from grader.settings import Settings
from grader.spec.loader import load

HERE = Path(__file__).parent
SUBMISSIONS = HERE.parent / "submissions"


@pytest.fixture(scope="session")
def settings() -> Settings:
    """This machine's settings, with the tests' own challenges."""
    return replace(Settings.from_env(os.environ), challenges=(HERE.parent / "challenges",))


@pytest.fixture(scope="session")
def engine(settings: Settings) -> Iterator[Engine]:
    """The Docker engine."""
    connected = Engine.connect(settings.docker_host)
    yield connected
    connected.close()


@pytest.fixture(scope="module")
def environments(settings: Settings) -> Iterator[EnvironmentPool]:
    """What the runs of a module share, as those of a batch do."""
    with EnvironmentPool(settings) as pool:
        yield pool


@pytest.fixture(scope="session")
def probe(settings: Settings) -> Challenge:
    """The small exam that broken submissions are graded against."""
    return load(settings.challenges[0] / "probe")
