"""A small class on the real engine: the scores are those of single runs, and nothing is left."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.batch import BatchPlan, Entry, ReportStore, read_roster, run_batch, write_outputs
from grader.model import Challenge, Graded
from grader.sandbox.engine import Engine
from grader.settings import Settings
from tests.docker.expectations import EXPECTED, run
from tests.docker.test_faults import GRADER, left_by
from tests.docker.test_hostile import left_behind

TESTS = Path(__file__).parent.parent
CLASS = {
    "ada": TESTS / "submissions" / "healthy",
    "bob": TESTS / "submissions" / "html-answer",
    "eve": TESTS / "hostile" / "forged-results",
    "zoe": TESTS / "submissions" / "runs-as-root",
}


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """A submission for each, one of them in an archive, without what the tests know of it."""
    folder = tmp_path / "answers"
    for name, source in CLASS.items():
        shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns(EXPECTED))
    with zipfile.ZipFile(folder / "bob.zip", "w") as archive:
        for path in (folder / "bob").rglob("*"):
            archive.write(path, f"todo-main/{path.relative_to(folder / 'bob')}")
    shutil.rmtree(folder / "bob")
    return folder


def test_a_class_is_graded_as_each_alone(
    answers: Path, tmp_path: Path, engine: Engine, settings: Settings, probe: Challenge
) -> None:
    """Outcomes, points and leftovers; a second run grades nobody."""
    store = ReportStore(root=tmp_path / "results")
    plan = BatchPlan(challenge=probe, settings=settings, store=store, seed=1)
    entries = read_roster(answers)
    with store.ours():
        write_outputs(probe, run_batch(plan, entries), store)
        again = run_batch(replace(plan, grade=_never), entries)
    assert {str(attempt.ending) for attempt in again} == {"kept"}
    points = {row["student"]: row["points"] for row in table(store)}
    with ThreadPoolExecutor(max_workers=2) as pool:
        single = dict(zip(CLASS, pool.map(lambda path: run(path, settings), CLASS.values()),
                          strict=True))  # fmt: skip
    for entry in entries:
        alone, report = single[entry.student], on(store, entry)
        assert isinstance(alone, Graded)
        assert points[entry.student] == str(alone.score.earned)
        assert {one["id"]: one["outcome"] for one in report["criteria"]} == {
            one.criterion: str(one.outcome) for one in alone.results
        }
        assert left_behind(engine, report["run"]["id"], settings) == ()


def _never(*arguments: object, **more: object) -> Any:
    pytest.fail("Somebody was graded again.")


def table(store: ReportStore) -> list[dict[str, str]]:
    with (store.root / "grades.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def on(store: ReportStore, entry: Entry) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(store.path(entry).read_text("utf-8"))
    return report


def test_an_interrupted_class_ends_clean(
    answers: Path, tmp_path: Path, engine: Engine, settings: Settings
) -> None:
    """Ctrl-C while two are graded: exit 130, how to go on, and nothing is left of either."""
    command = ["batch", "probe", str(answers), "--out", str(tmp_path / "results")]
    child = subprocess.Popen(
        [sys.executable, "-u", "-c", GRADER, *command],
        env=os.environ | {"GRADER_STATE": str(settings.state),
                          "GRADER_CHALLENGES": str(settings.challenges[0])},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    end = time.monotonic() + 60
    while not left_by(engine, settings.state, child)[1:]:  # the folders of two runs
        assert time.monotonic() < end
        time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 130, err
    assert "Run the same command again to go on" in err
    assert left_by(engine, settings.state, child) == []
    assert not (tmp_path / "results" / "grades.csv").exists()
