"""`grader check`: what an author is told within seconds, without an engine."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.authoring import write_challenge

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The folder of a challenge as `grader new` writes it."""
    found = write_challenge("my-exam", tmp_path / "challenges", mode="dockerfile", style="json")
    return found.challenge


def test_a_new_challenge_has_no_fault(grader: Command, written: Path) -> None:
    """It ends with 0, and says what it has looked at."""
    done = grader("check", "my-exam", "--challenges", str(written.parent))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("✔ my-exam: no fault in spec, brief, contract, suite, 1 accepted")


def test_each_kind_of_fault_is_told(grader: Command, written: Path) -> None:
    """Brief, suite and solutions at once; it ends with 2."""
    brief = written / "README.md"
    brief.write_text(brief.read_text().replace("The app does not run as root", "The app runs"))
    rejected = written.parent.parent / "reference_solutions/my-exam/rejected"
    patch = min(rejected.glob("*.patch"))
    patch.write_text(patch.read_text().replace("\n-", "\n-something else "))
    (written / "tests/test_more.py").write_text("def test_x(app): pass\n")
    done = grader("check", "my-exam", "--challenges", str(written.parent))
    assert done.returncode == 2
    for said in (
        'the title of docker.non_root is "The app runs" in the brief',
        "tests/test_more.py:1: test_x names no criterion",
        f"rejected/{patch.name}:",
    ):
        assert said in done.stdout
    assert all(line.startswith("✘ my-exam: ") for line in done.stdout.splitlines())


@pytest.mark.parametrize("command", ["check", "verify"])
def test_a_broken_helper_is_told_once_for_each_file(
    grader: Command, written: Path, command: str
) -> None:
    """With the line that cannot be imported; `verify` begins no run, for which it has no engine."""
    (written / "tests/helpers.py").write_text("import no_such_module_x\n")
    (written / "tests/test_more.py").write_text("from .helpers import x\n")
    done = grader(command, "my-exam", "--challenges", str(written.parent))
    assert done.returncode == 2
    assert (done.stdout + done.stderr).count("cannot be collected") == 1
    assert "tests/test_more.py:1: it cannot be collected" in done.stdout.replace("\n", "")


def test_a_broken_spec_is_told(grader: Command, written: Path) -> None:
    """As for every other command."""
    spec = written / "challenge.yml"
    spec.write_text(spec.read_text().replace("pass_mark:", "pas_mark:"))
    done = grader("check", "my-exam", "--challenges", str(written.parent))
    assert done.returncode == 2
    assert "pas_mark is not a key known here. Did you mean 'pass_mark'?" in done.stdout
