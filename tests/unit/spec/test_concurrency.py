"""An exam with many containers does not run twice at once on few cores."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.settings import REPOSITORY
from grader.spec.concurrency import containers_of, runs_at_once
from grader.spec.loader import load


@pytest.mark.parametrize(
    ("exam", "containers"),
    [
        ("challenges/cli-calculator", 1),
        ("challenges/todo-api", 2),
        ("challenges/two-tier-compose", 2),
        ("challenges/notifications", 5),
        ("tests/challenges/probe-replicas", 4),
    ],
)
def test_an_exam_has_its_app_its_services_and_its_roles(exam: str, containers: int) -> None:
    """Each role has as many as its replicas; where none is asked, an app and a database run."""
    assert containers_of(load(REPOSITORY / exam)) == containers


@pytest.mark.parametrize(
    ("containers", "cores", "runs"),
    [(1, 1, 1), (2, 2, 2), (3, 2, 2), (4, 2, 1), (6, 2, 1), (6, 4, 2), (6, 64, 2), (9, 1, 1)],
)
def test_runs_share_the_cores(containers: int, cores: int, runs: int) -> None:
    """Six containers have two cores to themselves; one run there always is."""
    exam = load(REPOSITORY / "challenges" / "todo-api")
    exam = replace(exam, services=exam.services * (containers - 1))
    assert containers_of(exam) == containers
    assert runs_at_once(exam, cores) == runs
