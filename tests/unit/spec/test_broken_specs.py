"""Broken specs, suites, briefs and contracts: `tests/specs/<what-is-wrong>/`."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from grader.errors import SpecError
from grader.spec.loader import load
from grader.verify.agreement import form_problems

SPECS = Path(__file__).parent.parent.parent / "specs"
FOLDERS = sorted(path.name for path in SPECS.iterdir())


def found_in(folder: Path) -> list[str]:
    """What an author is told: the faults of the spec; where it has none, those alongside it."""
    try:
        challenge = load(folder)
    except SpecError as error:
        return error.problems
    return form_problems(challenge)


@pytest.mark.slow
@pytest.mark.parametrize("name", FOLDERS)
def test_each_fault_is_told_with_its_place(name: str) -> None:
    """Exactly the sentences of expected.yml, in their order, and nothing is raised next to them."""
    expected = yaml.safe_load((SPECS / name / "expected.yml").read_text("utf-8"))["problems"]
    found = found_in(SPECS / name)
    assert found == expected
    assert all("\n" not in problem and len(problem) < 400 for problem in found)


def test_only_one_of_them_is_whole() -> None:
    """So that an empty expectation cannot hide a fault that is no longer found."""
    files = {name: (SPECS / name / "expected.yml").read_text("utf-8") for name in FOLDERS}
    empty = [name for name, text in files.items() if not yaml.safe_load(text)["problems"]]
    assert empty == ["nothing-wrong"]
    assert len(FOLDERS) >= 30
