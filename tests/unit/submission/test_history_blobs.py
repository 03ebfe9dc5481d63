"""Every version of every file is read, whatever hides it, and nothing of the repository runs."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from grader.submission import history_objects
from grader.submission.directory import take_directory
from grader.submission.history_blobs import MESSAGE, PERSON, History

NOBODY = {
    "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip


class Repository:
    """A git repository to build."""

    def __init__(self, path: Path, *options: str) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "-q", "-b", "main", *options)

    def git(self, *arguments: str, data: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, input=data, check=True, capture_output=True,
            env={"PATH": os.environ["PATH"], "HOME": str(self.path)} | NOBODY,
        )  # fmt: skip
        return done.stdout.decode().strip()

    def commit(self, **files: str | None) -> str:
        for name, text in files.items():
            if text is None:
                (self.path / name).unlink()
            else:
                (self.path / name).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-qm", "work", "--allow-empty")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def held(repository: Repository, scratch: Path) -> dict[str, str | None]:
    """The contents that are found, each with its commit."""
    scratch.mkdir(exist_ok=True)
    history = History(repository.path, scratch)
    found = {
        blob.content.decode(): blob.commit
        for blob in history.blobs()
        if blob.path not in {MESSAGE, PERSON}
    }
    assert history.problem == ""
    return found


def test_each_version_comes_once_with_its_first_commit(
    repository: Repository, tmp_path: Path
) -> None:
    """Deleted files, changed ones, and the same content again in a later commit."""
    first = repository.commit(a="one", b="gone")
    second = repository.commit(a="two", b=None)
    repository.commit(c="one")
    repository.git("gc", "-q")
    assert held(repository, tmp_path / "s") == {"one": first, "gone": first, "two": second}


def test_nothing_is_out_of_reach(repository: Repository, tmp_path: Path) -> None:
    """Other branches, merges, all stashes, notes, remotes, refs to a file, refs kept hidden."""
    first = repository.commit(a="base")
    repository.git("checkout", "-qb", "side")
    side = repository.commit(b="side")
    repository.git("checkout", "-q", "main")
    repository.commit(c="main")
    repository.git("merge", "-q", "--no-commit", "side")
    merged = repository.commit(d="in the merge")
    for text in ("stash one", "stash two"):
        (repository.path / "a").write_text(text)
        repository.git("stash", "-q")
    blob = repository.git("hash-object", "-w", "--stdin", data=b"tagged")
    repository.git("tag", "file", blob)
    repository.git("update-ref", "refs/hidden/x", side)
    repository.git("config", "transfer.hideRefs", "refs")
    repository.git("branch", "-qD", "side")
    found = held(repository, tmp_path / "s")
    assert found.keys() >= {"base", "side", "main", "in the merge", "tagged"}
    assert found.keys() >= {"stash one", "stash two"}
    assert (found["base"], found["side"], found["in the merge"]) == (first, side, merged)
    assert found["tagged"] is None


def test_nothing_of_the_repository_runs(repository: Repository, tmp_path: Path) -> None:
    """fsmonitor, filters, diff.external, textconv, hooks, a promisor of what is missing."""
    canary = tmp_path / "canary"
    plant = f"sh -c 'touch {canary}' #"
    repository.commit(a="one", b="lost", **{".gitattributes": "* filter=x diff=x\n"})
    lost = repository.git("rev-parse", "HEAD:b")
    for key in ("core.fsmonitor", "diff.external", "filter.x.clean", "filter.x.smudge",
                "diff.x.textconv", "core.sshCommand", "core.pager", "uploadpack.packObjectsHook",
                "alias.log", "core.gitProxy", "core.askPass", "gpg.program"):  # fmt: skip
        repository.git("config", key, f"!{plant}" if key.startswith("alias") else plant)
    for key, value in (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "evil"),
        ("remote.evil.url", f"ext::sh -c touch% {canary}"),
        ("remote.evil.promisor", "true"),
        ("protocol.ext.allow", "always"),
    ):
        repository.git("config", key, value)
    for name in ("post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"):
        hook = repository.path / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {canary}\n")
        hook.chmod(0o755)
    (repository.path / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    scratch = tmp_path / "s"
    scratch.mkdir()
    history = History(repository.path, scratch)
    history.left_out(repository.path)
    assert "one" in {blob.content.decode() for blob in history.blobs()} or history.problem
    assert not canary.exists()
    subprocess.run(["git", "status"], cwd=repository.path, check=False, capture_output=True)
    assert canary.exists(), "the trap itself does not work"


def test_objects_of_other_repositories_are_not_borrowed(
    repository: Repository, tmp_path: Path
) -> None:
    """`alternates` that point elsewhere on this machine lead nowhere."""
    other = Repository(tmp_path / "other")
    other.commit(a="not the student's")
    alternates = repository.path / ".git" / "objects" / "info" / "alternates"
    alternates.parent.mkdir(exist_ok=True)
    alternates.write_text(f"{other.path}/.git/objects\n")
    (repository.path / ".git" / "refs" / "heads" / "main").write_text(
        other.git("rev-parse", "HEAD") + "\n"
    )
    scratch = tmp_path / "s"
    scratch.mkdir()
    history = History(repository.path, scratch)
    assert list(history.blobs()) == []
    assert history.problem


@pytest.mark.parametrize("form", ["sha1", "sha256"])
def test_either_kind_of_hash_is_read(form: str, tmp_path: Path) -> None:
    """A repository with SHA-256 names as one with SHA-1."""
    repository = Repository(tmp_path / "r", f"--object-format={form}")
    commit = repository.commit(a="one")
    assert held(repository, tmp_path / "s") == {"one": commit}


def test_odd_names_are_read(repository: Repository, tmp_path: Path) -> None:
    """Quotes, tabs and other scripts in a name, as git escapes them."""
    repository.commit(**{'a "b".py': "one", "tab\tname.py": "two", "größe.py": "three"})
    scratch = tmp_path / "s"
    scratch.mkdir()
    paths = {blob.path for blob in History(repository.path, scratch).blobs()}
    assert paths - {MESSAGE, PERSON} == {'a "b".py', "tab\tname.py", "größe.py"}


def test_an_ignored_env_file_is_left_out(repository: Repository, tmp_path: Path) -> None:
    """What git ignores and nobody staged is not handed in; code that is ignored is read."""
    repository.commit(**{".gitignore": ".env*\nvenv/\nconfig.py\n", "app.py": "x"})
    (repository.path / "venv").mkdir()
    for name in (".env", ".env.local", "config.py", "venv/x.py"):
        (repository.path / name).write_text("x")
    repository.git("add", "-f", ".env.local")
    scratch = tmp_path / "s"
    scratch.mkdir()
    assert History(repository.path, scratch).left_out(repository.path) == {".env", "venv/x.py"}


def test_no_repository_has_no_history(tmp_path: Path) -> None:
    """A folder without .git, and one whose .git is a link: the reason is told."""
    assert History(tmp_path, tmp_path).problem == "it is no git repository"
    (tmp_path / ".git").symlink_to("/")
    history = History(tmp_path, tmp_path)
    assert list(history.blobs()) == []
    assert history.problem == "its .git is no folder"


def test_a_bare_repository_in_the_files_is_only_files(
    repository: Repository, tmp_path: Path
) -> None:
    """Git takes a folder with HEAD, objects and refs for one, and does what its `config` says."""
    canary = tmp_path / "canary"
    repository.commit(a="one")
    inner = repository.path / "assets"
    for folder in ("objects", "refs"):
        (inner / folder).mkdir(parents=True)
        (inner / folder / "kept").touch()
    (inner / "HEAD").write_text("ref: refs/heads/main\n")
    (inner / "config").write_text(
        '[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = ".."\n'
        f'\tfsmonitor = "touch {canary};"\n'
    )  # fmt: skip
    repository.git("add", "-A", "-f")
    repository.git("commit", "-qm", "assets")
    taken = take_directory(repository.path, tmp_path / "taken")
    assert "one" in held(repository, tmp_path / "s")
    assert (taken.root / "assets" / "config").is_file()
    assert not canary.exists()
    subprocess.run(["git", "status"], cwd=inner, check=False, capture_output=True)
    assert canary.exists(), "the trap itself does not work"


class Clock:
    """A clock that a test moves on."""

    ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@pytest.mark.slow
def test_the_callers_own_time_is_none_of_gits(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy machine that takes long to look at a file loses nobody the rest of a history."""
    for number in range(3):
        text = f"{number}\n" * 200_000  # more than a pipe holds
        repository.commit(**{f"file{number}.txt": text})
    clock = Clock()
    monkeypatch.setattr(history_objects, "time", clock)
    history = History(repository.path, tmp_path)
    read = []
    for one in history.blobs():
        clock.ahead += 2 * history_objects.SECONDS
        threading.Event().wait(2.5 * history_objects.POLL)  # what watches over git has looked
        read.append(one.path)
    assert history.problem == ""
    assert {f"file{number}.txt" for number in range(3)} <= {*read}
