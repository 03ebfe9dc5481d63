"""Where a verdict says that it comes from: the lock that the grader was installed from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from grader import installation
from grader.criteria import CONTRACT_FUZZ
from grader.installation import lock_digest, read_lock
from grader.model import Criterion
from grader.testing import a_challenge
from tests.unit.run.test_deployment import context, verdict

FUZZ = Criterion(id=CONTRACT_FUZZ, title="It keeps to its contract", points=1)


@pytest.fixture(autouse=True)
def no_cached_digest() -> Iterator[None]:
    """What is installed is found out once for each process."""
    lock_digest.cache_clear()
    yield
    lock_digest.cache_clear()


def locked(monkeypatch: pytest.MonkeyPatch, group: str, **others: str) -> None:
    """Have the packages of a group be installed as locked, but for those in `others`."""
    found = {name: min(those) for name, those in read_lock(group).versions.items()}
    monkeypatch.setattr(installation, "installed", lambda path: found | others)


def lock_of(*more: Criterion) -> str | None:
    """What the report of a run says, whose exam has `more` criteria."""
    asked = a_challenge(criteria=(*a_challenge().criteria, *more))
    return verdict(replace(context(), challenge=asked)).provenance.lock


def test_a_report_names_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the group that the exam is graded with."""
    locked(monkeypatch, "fuzz")
    assert lock_of() == read_lock("run").digest
    assert lock_of(FUZZ) == read_lock("fuzz").digest


def test_a_grader_with_other_packages_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    locked(monkeypatch, "run", pyyaml="1.0")
    assert lock_of() is None
