"""`scripts/lock-check.sh`: an old lock and a known hole are each told, with exit code 1."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Check = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Run the script in a repository whose locks are `days` old, with a pip-audit of ours."""
    copy = tmp_path / "repository"
    for folder in ("scripts", "grader/requirements", "dev/index"):
        shutil.copytree(ROOT / folder, copy / folder)
    audit = copy / ".venv" / "bin" / "pip-audit"
    audit.parent.mkdir(parents=True)

    def run(days: int = 1, holes: str = "nothing", **env: str) -> subprocess.CompletedProcess[str]:
        audit.write_text(f"""#!/bin/sh
echo "$*" >>"{tmp_path}/asked"
case "$*" in *{holes}*) echo "pyyaml 5.3 PYSEC-2021-142"; exit 1 ;; esac
""")
        audit.chmod(0o755)
        when = f"{int(time.time()) - days * 86400} +0000"
        who = {"NAME": "Ada", "EMAIL": "a@example.org", "DATE": when}
        names = {f"GIT_{role}_{key}": who[key] for role in ("AUTHOR", "COMMITTER") for key in who}
        full = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **names, **env}
        for step in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "Lock")):
            subprocess.run(["git", *step], cwd=copy, env=full, check=True)
        return subprocess.run(
            [str(copy / "scripts" / "lock-check.sh")],
            env=full, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip

    return run


def test_a_young_lock_without_holes_passes(check: Check, tmp_path: Path) -> None:
    done = check()
    assert (done.returncode, done.stderr) == (0, "")
    asked = (tmp_path / "asked").read_text().splitlines()
    assert [line.rpartition("/")[2] for line in asked] == ["dev.txt", "build.txt"]
    assert all("--strict" in line and "--require-hashes" in line for line in asked)


def test_an_old_lock_is_told_and_holes_are_looked_for(check: Check, tmp_path: Path) -> None:
    done = check(days=91)
    assert done.returncode == 1
    assert "grader/requirements/run.txt was made 91 days ago, more than 90" in done.stderr
    assert "make lock" in done.stderr
    assert len((tmp_path / "asked").read_text().splitlines()) == 2


def test_another_age_can_be_asked_for(check: Check) -> None:
    assert check(days=91, LOCK_DAYS="100").returncode == 0


@pytest.mark.parametrize("lock", ["dev.txt", "build.txt"])
def test_a_known_hole_is_an_error(check: Check, tmp_path: Path, lock: str) -> None:
    """In the first lock, too, of which the second is looked at all the same."""
    done = check(holes=lock)
    assert done.returncode == 1
    assert "PYSEC-2021-142" in done.stdout
    assert len((tmp_path / "asked").read_text().splitlines()) == 2
