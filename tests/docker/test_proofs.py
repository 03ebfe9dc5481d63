"""What was proven on the real engine is not run again, until an image or a file is another."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from grader.sandbox.engine import Engine
from grader.settings import REPOSITORY, Settings
from grader.spec.loader import load
from grader.verify import Proofs, Trial, Verification, verify
from grader.verify.jobs import SEEDS
from grader.verify.machine import Machine

PYTHON = "python:3.11-slim"


@pytest.fixture
def machine(settings: Settings) -> Iterator[Machine]:
    """This machine."""
    with closing(Machine(settings)) as found:
        yield found


def test_a_machine_says_what_proofs_stand_on(machine: Machine, engine: Engine) -> None:
    """The engine, and the id of the image that stands for a base."""
    assert engine.version in json.dumps(machine.facts)
    assert machine.image(PYTHON).startswith("sha256:")
    assert machine.image(PYTHON) == machine.image(PYTHON) != machine.image("mysql:8.4")
    assert machine.image("no-such-image:1") == ""


def test_real_runs_are_remembered(settings: Settings, machine: Machine, tmp_path: Path) -> None:
    """With the images that they started from; a changed suite is examined again."""
    folder = tmp_path / "challenges/hello-routes"
    shutil.copytree(REPOSITORY / "challenges/hello-routes", folder)
    settings = replace(settings, references=REPOSITORY / "reference_solutions")
    ran: list[Trial] = []

    def verified() -> Verification:
        ran.clear()
        return verify(
            load(folder), settings, names=("flask", "empty"), seeds=SEEDS[:1],
            on_trial=ran.append, proofs=Proofs(tmp_path / "proofs", machine),
        )  # fmt: skip

    first = verified()
    assert (first.problems, len(ran)) == ((), 2)
    for file in (tmp_path / "proofs").iterdir():
        stored = json.loads(file.read_text("utf-8").partition("\n")[2])
        assert stored["bases"] == {PYTHON: machine.image(PYTHON)}
    second = verified()
    assert ran == []
    assert (second.holds, second.remembered, second.phases) == (True, second.trials, first.phases)
    assert [one.outcomes for one in second.trials] == [one.outcomes for one in first.trials]
    suite = next(iter(sorted((folder / "tests").glob("test_*.py"))))
    suite.write_text(suite.read_text("utf-8") + "\n# One more line.\n", "utf-8")
    assert verified().holds
    assert {one.name for one in ran} == {"flask", "empty"}
