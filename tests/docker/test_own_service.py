"""A service that stands in the tests alone: a folder of a challenge, and no line of the grader."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.model import Challenge, Graded, GradeReport
from grader.pipeline import Options, grade
from grader.run.environment.layout import Environment, EnvironmentSpec
from grader.run.environment.pool import EnvironmentPool
from grader.sandbox.engine import Engine
from grader.settings import Settings
from grader.spec.loader import load
from tests.docker.expectations import put_together

pytestmark = pytest.mark.alone

HEALTHY = Path(__file__).parent.parent / "submissions" / "service-healthy"
LEAVES = 'ask("NOTE", "left")\nThreadingHTTPServer'
"""A submission that leaves behind what no run should find."""
FALLS_BACK = 'os.environ.get("LEDGER_TOKEN", "of-my-own")'


@pytest.fixture(scope="module")
def challenge(settings: Settings) -> Challenge:
    return load(settings.challenges[0] / "probe-service")


@pytest.fixture(scope="module")
def pool(settings: Settings) -> Iterator[EnvironmentPool]:
    with EnvironmentPool(settings) as made:
        yield made


def answer(folder: Path, old: str = "", new: str = "") -> Path:
    """The healthy submission in `folder`, with `new` in the place of `old`."""
    put_together(HEALTHY, folder)
    app = folder / "app.py"
    text = app.read_text("utf-8")
    assert old in text
    app.write_text(text.replace(old, new) if old else text, "utf-8")
    return folder


def graded(
    challenge: Challenge, source: Path, settings: Settings, pool: EnvironmentPool
) -> GradeReport:
    return grade(challenge, source, settings, options=Options(seed=1), environments=pool)


def server_of(challenge: Challenge, pool: EnvironmentPool) -> tuple[str, Environment]:
    """The container of the server that the next run would get; it is taken."""
    taken = pool.take(EnvironmentSpec.of(challenge))
    return taken.service("ledger").server.id, taken


def test_it_is_started_examined_stopped_and_lent_again(
    challenge: Challenge, settings: Settings, pool: EnvironmentPool, tmp_path: Path
) -> None:
    """Two runs have all points on one server, and the second sees nothing of the first."""
    first, taken = server_of(challenge, pool)
    pool.give_back(taken, sound=True)
    for number in range(2):
        report = graded(challenge, answer(tmp_path / str(number)), settings, pool)
        assert isinstance(report, Graded)
        assert report.score.earned == report.score.possible, report.results
    again, taken = server_of(challenge, pool)
    pool.give_back(taken, sound=True)
    assert again == first


def test_a_server_that_was_changed_is_not_lent_again(
    challenge: Challenge, settings: Settings, pool: EnvironmentPool, tmp_path: Path
) -> None:
    """Nor does the next submission lose anything by it."""
    first, taken = server_of(challenge, pool)
    pool.give_back(taken, sound=True)
    changed = answer(tmp_path / "leaves", "ThreadingHTTPServer((", f"{LEAVES}((")
    graded(challenge, changed, settings, pool)
    again, taken = server_of(challenge, pool)
    pool.give_back(taken, sound=True)
    assert again != first
    report = graded(challenge, answer(tmp_path / "next"), settings, pool)
    assert isinstance(report, Graded)
    assert report.score.earned == report.score.possible


def test_a_token_of_its_own_is_seen_in_the_servers_log(
    challenge: Challenge, settings: Settings, pool: EnvironmentPool, tmp_path: Path
) -> None:
    """What the service says of refused log-ins is evidence against a fallback."""
    source = answer(tmp_path / "own", 'os.environ["LEDGER_TOKEN"]', FALLS_BACK)
    report = graded(challenge, source, settings, pool)
    assert isinstance(report, Graded)
    lost = {one.criterion for one in report.results if one.outcome != "passed"}
    assert lost == {"secrets.no_fallback"}


def test_a_run_of_its_own_gets_a_server_of_its_own(
    challenge: Challenge, settings: Settings, engine: Engine, tmp_path: Path
) -> None:
    """Without a pool it is made for the run, and gone after it."""
    report = grade(challenge, answer(tmp_path / "alone"), settings, options=Options(seed=1))
    assert isinstance(report, Graded)
    assert report.score.earned == report.score.possible
    label = f"grader.run={report.provenance.run}"
    assert not engine.client.containers.list(all=True, filters={"label": label})


def test_doctor_and_schema_know_it(settings: Settings) -> None:
    environment = {**os.environ, "GRADER_CHALLENGES": str(settings.challenges[0])}
    command = [sys.executable, "-m", "grader"]
    for arguments, said in (
        (["doctor"], "ledger (of probe-service)"),
        (["show", "probe-service", "--schema"], "How many pages a book has."),
    ):
        done = subprocess.run(
            [*command, *arguments], env=environment, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip
        assert said in " ".join(done.stdout.split()), done.stdout + done.stderr
