"""The real thing. Without an engine every test here fails; none is skipped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from grader.model import Challenge
from grader.run.environment.pool import EnvironmentPool
from grader.sandbox.engine import Engine
from grader.settings import REPOSITORY, Settings
from grader.spec.loader import load
from grader.verify import Proofs
from grader.verify.machine import Machine
from tests.docker.no_skips import pytest_runtest_makereport

__all__ = ["pytest_runtest_makereport"]

HERE = Path(__file__).parent
SUBMISSIONS = HERE.parent / "submissions"
PROOFS = REPOSITORY / ".venv" / "proofs"


def pytest_report_header() -> str:
    """Say which exams' runs count without being run again."""
    found = 0 if os.environ.get("CI") else len(list(PROOFS.glob("*.json")))
    return f"proofs: {found} runs of exams proven before in this clone; CI=1 runs all of them again"


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
def proofs(settings: Settings) -> Iterator[Proofs | None]:
    """What earlier tests of this clone have proven of the exams; None in CI, which proves it all.

    They are in the clone, not in the settings' state folder: a clean clone has none.
    """
    if os.environ.get("CI"):
        yield None
        return
    with closing(Proofs(PROOFS, Machine(settings))) as remembered:
        yield remembered


@pytest.fixture(scope="session")
def probe(settings: Settings) -> Challenge:
    """The small exam that broken submissions are graded against."""
    return load(settings.challenges[0] / "probe")
