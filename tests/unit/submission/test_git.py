"""Repositories by their address: which commit, how much of it, and nothing of theirs runs."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.errors import Cancelled, SourceError, SubmissionRejected, UsageError
from grader.model import Criterion, Submission
from grader.submission import git as by_address
from grader.submission import reads_history, shown, take
from grader.submission.history import history_of
from grader.submission.history_blobs import History
from grader.testing import a_challenge
from tests.unit.submission.packing import git

Taker = Callable[..., Submission]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two commits on main, the first one tagged, one more on a branch."""
    folder = tmp_path_factory.mktemp("origin")
    git(folder, "init", "-q", "-b", "main")
    for number in ("one", "two"):
        (folder / f"{number}.py").write_text(number)
        git(folder, "add", ".")
        git(folder, "commit", "-qm", number)
    git(folder, "tag", "handed-in", "HEAD~1")
    git(folder, "checkout", "-qb", "side")
    (folder / "side.py").write_text("side")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "side")
    git(folder, "checkout", "-q", "main")
    return folder


@pytest.fixture
def origin(made: Path, tmp_path: Path) -> Path:
    """A repository to change: a copy of that."""
    return Path(shutil.copytree(made, tmp_path / "origin"))


@pytest.fixture
def fetched(origin: Path, tmp_path: Path) -> Taker:
    """Takes the repository by its address."""

    def run(ref: str = "", *, history: bool = True, at: str = "") -> Submission:
        folder = tmp_path / f"run-{len(list(tmp_path.glob('run-*')))}"
        folder.mkdir()
        return take(f"file://{origin}{at}", folder, ref=ref, allow_file=True, history=history)

    return run


def names(taken: Submission) -> set[str]:
    return {path.name for path in taken.root.iterdir()}


@pytest.mark.slow
def test_the_commit_that_is_named_is_taken(origin: Path, fetched: Taker) -> None:
    """The default branch's, a branch's, a tag's, a whole and a short id's."""
    first, second = git(origin, "rev-parse", "HEAD~1", "HEAD").split()
    for ref, history, commit, files in (
        ("", True, second, {"one.py", "two.py"}),
        ("handed-in", True, first, {"one.py"}),
        ("handed-in", False, first, {"one.py"}),
        (first, False, first, {"one.py"}),
        (first[:9], False, first, {"one.py"}),
    ):
        taken = fetched(ref, history=history)
        assert (taken.commit, names(taken)) == (commit, files)
        assert taken.origin == f"file://{origin}" + (f"#{ref}" if ref else "")
    assert names(fetched(at="#side")) == {"one.py", "two.py", "side.py"}


def test_the_digest_is_that_of_the_folder(origin: Path, fetched: Taker, tmp_path: Path) -> None:
    """The way in which it is handed in makes no difference."""
    (tmp_path / "run-folder").mkdir()
    assert fetched().digest == take(origin, tmp_path / "run-folder").digest


@pytest.mark.slow
def test_the_whole_history_comes_where_it_is_priced(fetched: Taker, tmp_path: Path) -> None:
    """With all branches; only the commit itself where it is not."""
    whole, shallow = fetched(), fetched(history=False)
    for taken, subjects in ((whole, {"one", "two", "side"}), (shallow, {"two"})):
        scratch = tmp_path / f"scratch-{len(subjects)}"
        scratch.mkdir()
        rows = history_of(taken.repository, scratch).commits
        assert {row["subject"] for row in rows} == subjects
        assert History(taken.repository, scratch / "..").left_out(taken.repository) == frozenset()


def test_a_history_is_priced_by_criterion_or_announced(tmp_path: Path) -> None:
    """By `secrets.history`, or `history: true`; the suite's text says nothing."""
    (tmp_path / "tests").mkdir()
    suite = tmp_path / "tests" / "test_a.py"
    suite.write_text("def test(submission):\n    log = submission.log\n")
    plain = replace(a_challenge(), root=tmp_path)
    assert not reads_history(plain)
    assert reads_history(replace(plain, history=True))
    criterion = Criterion(id="secrets.history", title="x", points=1)
    assert reads_history(replace(plain, criteria=(criterion,)))


def test_nothing_of_the_repository_runs(origin: Path, fetched: Taker, tmp_path: Path) -> None:
    """Hooks, filters, LFS and submodules; a `.gitconfig` in the tree is only a file."""
    canary = tmp_path / "canary"
    (origin / ".gitattributes").write_text("* filter=lfs diff=lfs merge=lfs\n*.py export-ignore\n")
    (origin / ".gitmodules").write_text(f'[submodule "s"]\n\tpath = s\n\turl = {origin}\n')
    (origin / ".gitconfig").write_text(f'[filter "lfs"]\n\tsmudge = touch {canary}\n')
    (origin / ".lfsconfig").write_text("[lfs]\n\turl = http://localhost:1/x\n")
    git(origin, "add", ".")
    git(origin, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},s")
    git(origin, "commit", "-qm", "hostile")
    hook = origin / ".git" / "hooks" / "post-upload-pack"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {canary}\n")
    hook.chmod(0o755)
    taken = fetched()
    assert {"one.py", "two.py", ".gitconfig", ".gitattributes"} <= names(taken)
    assert list((taken.root / "s").iterdir()) == []
    assert not canary.exists()


def test_a_link_out_is_left_out(origin: Path, fetched: Taker) -> None:
    """As from a folder."""
    (origin / "Dockerfile").symlink_to("/etc/passwd")
    git(origin, "add", ".")
    git(origin, "commit", "-qm", "link")
    taken = fetched()
    assert "Dockerfile" not in names(taken)
    assert taken.notes == ("Dockerfile was left out: its link leads outside.",)


def test_a_tree_with_a_git_folder_of_its_own_is_refused(origin: Path, fetched: Taker) -> None:
    """Git does not write into `.git` what a tree says."""
    blob = git(origin, "hash-object", "-w", "one.py")
    listing = f"100644 blob {blob}\tconfig"
    inner = mktree(origin, listing)
    commit = git(origin, "commit-tree", "-m", "x", mktree(origin, f"040000 tree {inner}\t.git"))
    git(origin, "update-ref", "refs/heads/evil", commit)
    with pytest.raises(SubmissionRejected, match="git refuses its tree"):
        fetched("evil")


def mktree(origin: Path, listing: str) -> str:
    """A tree object of one entry."""
    (origin.parent / "listing").write_text(f"{listing}\n")
    return git(origin, "-c", f"alias.made=!git mktree < {origin.parent}/listing", "made")


def test_a_tree_of_ten_billion_files_is_not_written(
    origin: Path, fetched: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trees that hold one tree many times: K. Gorman's git bomb."""
    monkeypatch.setattr(by_address, "MAX_FILES", 500)
    tree = git(origin, "rev-parse", "HEAD^{tree}")
    for _ in range(3):
        tree = mktree(origin, "\n".join(f"040000 tree {tree}\td{one}" for one in range(10)))
    git(origin, "update-ref", "refs/heads/bomb", git(origin, "commit-tree", "-m", "x", tree))
    with pytest.raises(SubmissionRejected, match="holds more than 500 files"):
        fetched("bomb")


@pytest.mark.parametrize(
    ("limit", "value", "why"),
    [("MAX_BYTES", 2, "holds more than 0 MiB"), ("MAX_DEPTH", 0, "nested more than 0 deep")],
)
def test_what_a_tree_would_come_to_is_known_before(
    origin: Path, fetched: Taker, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, why: str
) -> None:
    """Bytes and depth, too; nothing is written by then."""
    (origin / "d").mkdir()
    (origin / "d" / "x").write_text("xxx")
    git(origin, "add", ".")
    git(origin, "commit", "-qm", "x")
    monkeypatch.setattr(by_address, limit, value)
    with pytest.raises(SubmissionRejected, match=why):
        fetched()
    assert {path.name for path in origin.parent.glob("run-0/handed-in/*")} == {".git"}


def test_a_repository_that_grows_too_large_is_stopped(
    origin: Path, fetched: Taker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is fetched, not after it."""
    monkeypatch.setattr(by_address, "MAX_REPOSITORY", 10)
    monkeypatch.setattr(by_address, "POLL", 0.0)
    monkeypatch.setattr(by_address, "EVERYTHING", ("+refs/heads/*:refs/heads/*",))
    with pytest.raises(SubmissionRejected, match="its repository is larger than"):
        fetched()


def test_a_cancelled_fetch_ends(origin: Path, tmp_path: Path) -> None:
    """With the run."""
    cancel = threading.Event()
    cancel.set()
    (tmp_path / "run").mkdir()
    with pytest.raises(Cancelled):
        take(f"file://{origin}", tmp_path / "run", allow_file=True, cancel=cancel)


@pytest.mark.parametrize("ref", ["--upload-pack=x", "-x", "a..b", "a b", "x" * 300, "a\nb", ":x"])
def test_a_ref_that_is_none_is_refused(ref: str, tmp_path: Path) -> None:
    """Before git is started."""
    with pytest.raises(SourceError, match="is no branch, tag or commit"):
        take("file:///none", tmp_path, ref=ref, allow_file=True)


@pytest.mark.parametrize("ref", ["none", "1234567"])
def test_a_ref_that_is_not_there_is_told(ref: str, fetched: Taker) -> None:
    """With what git says."""
    with pytest.raises(SourceError, match=r"cannot be fetched|has no commit"):
        fetched(ref)


@pytest.mark.parametrize(
    "address", ["ext::sh -c id", "http://example.org/x", "git://example.org/x"]
)
def test_other_protocols_are_not_spoken(address: str, tmp_path: Path) -> None:
    """As for challenges."""
    with pytest.raises(UsageError, match="use https:// or ssh://"):
        take(address, tmp_path)


def test_a_repository_of_this_machine_needs_consent(origin: Path, tmp_path: Path) -> None:
    """A manifest from elsewhere must not read files of whoever grades."""
    with pytest.raises(UsageError, match="set GRADER_GIT_FILE=1"):
        take(f"file://{origin}", tmp_path)


def test_a_password_is_never_shown() -> None:
    """Neither in a report nor in a message."""
    assert shown("https://me:hunter2@example.org/x.git", "main") == "https://example.org/x.git#main"
    assert shown("answers/ada") == "answers/ada"


def test_a_ref_needs_an_address(tmp_path: Path) -> None:
    """A folder is taken as it is."""
    (tmp_path / "a").mkdir()
    with pytest.raises(SourceError, match="check main out there"):
        take(tmp_path / "a", tmp_path, ref="main")


def test_git_gets_no_configuration_of_the_callers(
    origin: Path, fetched: Taker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor any GIT_ variable."""
    (tmp_path / ".gitconfig").write_text(f'[url "file:///none/"]\n\tinsteadOf = file://{origin}\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert fetched().commit == git(origin, "rev-parse", "HEAD")
    assert os.environ["GIT_DIR"] == "/nowhere"
