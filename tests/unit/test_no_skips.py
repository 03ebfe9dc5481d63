"""A skipped test of the Docker tests makes CI red."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader.settings import REPOSITORY

SKIPS = """
import pytest

def test_that_skips():
    pytest.skip("no engine of our own")

def test_that_passes():
    pass
"""


@pytest.mark.parametrize(("ci", "ends"), [("", 0), ("1", 1)])
def test_a_skip_is_a_failure_in_ci(ci: str, ends: int, tmp_path: Path) -> None:
    """Its reason is in what is printed."""
    hook = "from tests.docker.no_skips import pytest_runtest_makereport"
    (tmp_path / "conftest.py").write_text(hook, "utf-8")
    (tmp_path / "test_one.py").write_text(SKIPS, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        env={"CI": ci, "PYTHONPATH": str(REPOSITORY)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == ends, done.stdout
    assert ("no engine of our own" in done.stdout) == bool(ci)
    assert "1 passed" in done.stdout
