"""Challenges out of a git repository: data, of which nothing is executed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.submission.clone import clone, is_address

Git = Callable[..., None]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Runs git in the repository `origin`, which has one commit to begin with."""
    origin = tmp_path / "origin"

    def run(*arguments: str) -> None:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(
            ["git", *who, *arguments], cwd=origin, check=True, capture_output=True, timeout=30
        )

    (origin / "challenges" / "a").mkdir(parents=True)
    (origin / "challenges" / "a" / "challenge.yml").write_text("schema: 1\n")
    run("init", "--initial-branch=main")
    run("add", ".")
    run("commit", "--message=first")
    return run


def cloned(tmp_path: Path, branch: str = "") -> Path:
    address = f"file://{tmp_path}/origin{branch}"
    return clone(address, tmp_path / "scratch" / "clone", allow_file=True)


def test_the_newest_commit_is_cloned(git: Git, tmp_path: Path) -> None:
    """Of the default branch, without the history before it."""
    (tmp_path / "origin" / "new.txt").write_text("x")
    git("add", ".")
    git("commit", "--message=second")
    target = cloned(tmp_path)
    assert (target / "challenges" / "a" / "challenge.yml").is_file()
    assert (target / "new.txt").is_file()
    assert (target / ".git" / "shallow").is_file()


def test_a_branch_can_be_named(git: Git, tmp_path: Path) -> None:
    """After a #."""
    git("checkout", "-b", "next")
    (tmp_path / "origin" / "next.txt").write_text("x")
    git("add", ".")
    git("commit", "--message=next")
    git("checkout", "main")
    assert (cloned(tmp_path, "#next") / "next.txt").is_file()


def test_links_and_hooks_and_submodules_stay_out(git: Git, tmp_path: Path) -> None:
    """A link becomes a file that names its target; no hook runs; a submodule stays empty."""
    origin, canary = tmp_path / "origin", tmp_path / "canary"
    (origin / "link").symlink_to("/etc/passwd")
    (origin / "sub").mkdir()
    (origin / ".gitmodules").write_text(f'[submodule "sub"]\n\tpath = sub\n\turl = {origin}\n')
    git("add", ".gitmodules", "link")
    git(
        "update-index",
        "--add",
        "--cacheinfo",
        "160000,1234567890123456789012345678901234567890,sub",
    )
    git("commit", "--message=hostile")
    hook = origin / ".git" / "hooks" / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {canary}\n")
    hook.chmod(0o755)
    target = cloned(tmp_path)
    assert not (target / "link").is_symlink()
    assert (target / "link").read_text() == "/etc/passwd"
    assert list((target / "sub").glob("*")) == []
    assert not canary.exists()
    assert list((target / ".git" / "hooks").glob("*")) == []


@pytest.mark.parametrize(
    "address",
    ["http://example.org/x", "git://example.org/x", "ext::sh -c id", "ftp://example.org/x",
     "https://a b", "https://example.org/x#-u", "-u@example.org:x", "fd::3"],
)  # fmt: skip
def test_other_protocols_are_refused(tmp_path: Path, address: str) -> None:
    """Before git is started: neither plain text nor a command."""
    assert is_address(address)
    with pytest.raises(UsageError, match="is no address that is cloned"):
        clone(address, tmp_path / "clone", allow_file=True)
    assert not (tmp_path / "clone").exists()


def test_a_file_needs_consent(git: Git, tmp_path: Path) -> None:
    """Only whoever sets GRADER_GIT_FILE has repositories of this machine read."""
    with pytest.raises(UsageError, match="set GRADER_GIT_FILE=1"):
        clone(f"file://{tmp_path}/origin", tmp_path / "clone", allow_file=False)


def test_what_cannot_be_cloned_is_told_without_its_password(tmp_path: Path) -> None:
    """With what git says; no password of the address is repeated."""
    with pytest.raises(UsageError, match="cannot be cloned; look at the address") as caught:
        clone(f"file://me:hunter2@{tmp_path}/none", tmp_path / "clone", allow_file=True)
    assert "hunter2" not in str(caught.value).partition("git says")[0]


@pytest.mark.parametrize("folder", ["challenges", "../x", "/srv/exams", "a:b/c", "C"])
def test_a_folder_is_no_address(folder: str) -> None:
    """What is no URL is looked for on this machine."""
    assert not is_address(folder)
