"""Taking a git log runs nothing that the repository names."""

import subprocess
from pathlib import Path

import pytest

from grader.submission import history
from grader.submission.history import HistoryLog, history_of


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    run(folder, "init", "-q", "-b", "main")
    (folder / "a.txt").write_text("a")
    run(folder, "add", ".")
    run(folder, "commit", "-qm", "First \x1b[31mcommit")
    return folder


def run(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", *identity, "-C", str(folder), *arguments], check=True)


def test_commits_are_listed(repository: Path, tmp_path: Path) -> None:
    """Author, subject and parents of each commit, cleaned."""
    (commit,) = history_of(repository, tmp_path).commits
    assert commit["author"] == "Ada"
    assert commit["subject"] == "First commit"
    assert commit["parents"] == ""


def test_a_hostile_configuration_runs_nothing(repository: Path, tmp_path: Path) -> None:
    """fsmonitor, filters, textconv, external diff and hooks stay silent."""
    canary = tmp_path / "canary"
    plant = f"touch {canary}"
    for key in ("core.fsmonitor", "diff.external", "filter.x.clean", "diff.x.textconv"):
        run(repository, "config", key, plant)
    (repository / ".gitattributes").write_text("* filter=x diff=x\n")
    hook = repository / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{plant}\n")
    hook.chmod(0o755)
    assert len(history_of(repository, tmp_path).commits) == 1
    assert not canary.exists()


def test_a_log_that_is_too_long_is_not_told(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The suite's process takes no message of any length: that would be the platform's fault."""
    monkeypatch.setattr(history, "MAX_LOG", 300)
    for number in range(3):
        run(repository, "commit", "-q", "--allow-empty", "-m", f"Commit {number}")
    told = history_of(repository, tmp_path)
    assert told.commits == ()
    assert "its log, with the files of each commit, comes to more than" in told.unread


def test_no_repository_has_no_history(tmp_path: Path) -> None:
    """A folder without .git, and one whose .git is a link, have no commits.

    The second may have had some: what rests on them is not reached.
    """
    assert history_of(tmp_path, tmp_path) == HistoryLog(commits=(), unread="")
    (tmp_path / ".git").symlink_to("/")
    told = history_of(tmp_path, tmp_path)
    assert told.commits == ()
    assert "its .git is no folder" in told.unread
