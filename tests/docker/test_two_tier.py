"""The two-tier exam: a MariaDB in place of MySQL, and ways to lose data that cost apart."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from grader.criteria import COMPOSE_VALID
from grader.model import Challenge, Graded, Outcome
from grader.pipeline import Options, grade
from grader.settings import REPOSITORY, Settings
from grader.spec.loader import load
from grader.verify.solutions import rejected_solutions

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def challenge() -> Challenge:
    return load(REPOSITORY / "challenges" / "two-tier-compose")


def with_mariadb(folder: Path, settings: Settings, challenge: Challenge) -> Path:
    """An accepted solution whose database is a MariaDB."""
    answer = folder / "answer"
    shutil.copytree(
        settings.references_of(challenge.root) / challenge.slug / "accepted" / "pymysql", answer
    )
    compose = answer / "compose.yaml"
    text = compose.read_text("utf-8")
    text = text.replace("mysql:8.4", "mariadb:11.4").replace(" MYSQL_", " MARIADB_")
    check = 'test: ["CMD", "healthcheck.sh", "--connect", "--innodb_initialized"]'
    text = re.sub(r'test: \["CMD", "mysqladmin".*', check, text)
    compose.write_text(text, "utf-8")
    return answer


@pytest.mark.exhaustive
def test_a_mariadb_costs_the_version_alone(
    challenge: Challenge, settings: Settings, tmp_path: Path
) -> None:
    """The brief asks for mysql:8; all that it asks of the database holds of a MariaDB."""
    answer = with_mariadb(tmp_path, settings, challenge)
    report = grade(challenge, answer, settings, options=Options(seed=11))
    assert isinstance(report, Graded), report
    lost = {
        one.criterion: one.rationale for one in report.results if one.outcome is not Outcome.PASSED
    }
    assert set(lost) == {COMPOSE_VALID}, lost
    (swap,) = [one for one in report.provenance.substitutions if "mariadb" in one.wanted]
    assert (swap.wanted, swap.used.partition(" of ")[0]) == ("mariadb:11.4", "MariaDB 11.8")


def test_memory_sqlite_decoy_and_volumes_are_told_apart(
    challenge: Challenge, settings: Settings
) -> None:
    """Each way to lose data costs other criteria."""
    names = {"memory-instead-of-database", "sqlite-in-container", "decoy-database", "no-volume",
             "volume-on-wrong-path"}  # fmt: skip
    losses = {
        one.name: one.loses
        for one in rejected_solutions(settings.references_of(challenge.root), challenge)
        if one.name in names
    }
    assert set(losses) == names
    assert len(set(losses.values())) == len(names)
