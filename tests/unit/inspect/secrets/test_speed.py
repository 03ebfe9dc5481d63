"""How much a scan spends: of the processor's time, for what else the machine does is nobody's."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.secrets.__main__ import MEASURE
from benchmarks.secrets.repositories import Repository, large

ROOT = Path(__file__).parents[4]
pytestmark = pytest.mark.slow
SECONDS = 20.0
"""On two cores that do nothing else, two processes that share them take less than half."""
MEBIBYTES = 200.0


def spent() -> float:
    """Return the processor's time that child processes have taken so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def test_a_large_repository_stays_within_its_bounds(tmp_path: Path) -> None:
    """2,000 files and 500 commits, tree and history: time, and memory of all processes together."""
    large(tmp_path / "large")
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path / "large" / "work")],
        capture_output=True, check=True, cwd=ROOT,
    )  # fmt: skip
    _, work, memory, found = json.loads(done.stdout)
    assert work < SECONDS
    assert memory < MEBIBYTES
    assert found == 0


def test_an_ordinary_repository_takes_less_than_a_second(tmp_path: Path) -> None:
    """An accepted solution with twenty commits, by the command, its start included."""
    repository = Repository(tmp_path / "work")
    solution = ROOT / "reference_solutions" / "todo-api" / "accepted" / "pymysql"
    shutil.copytree(solution, repository.folder, dirs_exist_ok=True)
    for number in range(20):
        repository.commit("notes.py", f"NUMBER = {number}\n")
    program = [sys.executable, "-m", "grader", "secrets", str(repository.folder)]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    taken = []
    for _ in range(3):
        before = spent()
        done = subprocess.run(program, capture_output=True, check=True, env=environment, cwd=ROOT)
        taken.append(spent() - before)
    assert b"earlier versions" in done.stdout
    assert min(taken) < 1.0
