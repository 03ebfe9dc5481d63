"""Branches and tags, whatever names and links they have."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.submission import history_refs
from grader.submission.history import history_of
from grader.submission.history_refs import MAX_LENGTH, MAX_MESSAGE, NamedCommits, named_commits
from tests.unit.submission.test_history_blobs import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.commit(a="one")
    return made


def named(origin: Path, scratch: Path) -> NamedCommits:
    """What a suite is told."""
    scratch.mkdir()
    found = history_of(origin, scratch)
    assert found.unread == ""
    return found.named


def packed(repository: Repository, *names: str) -> None:
    """Write refs to the head into `packed-refs` by hand, as git would refuse to."""
    head = repository.git("rev-parse", "HEAD")
    rows = "".join(f"{head} {name}\n" for name in names)
    (repository.path / ".git" / "packed-refs").write_text(rows, "utf-8")


def test_branches_and_tags_lead_to_commits(repository: Repository, tmp_path: Path) -> None:
    """Loose and packed; an annotated tag has its message, a tag of a tag leads on."""
    first = repository.git("rev-parse", "HEAD")
    repository.git("tag", "v1")
    repository.git("tag", "-a", "v2", "-m", "The first\nrelease")
    repository.git("tag", "-a", "v3", "v2", "-m", "Again")
    repository.git("checkout", "-qb", "feature/login")
    second = repository.commit(b="two")
    repository.git("pack-refs", "--all")
    repository.git("checkout", "-q", "main")
    third = repository.commit(c="three")
    found = named(repository.path, tmp_path / "s")
    assert found.branches == {"feature/login": second, "main": third}
    assert {name: tag.commit for name, tag in found.tags.items()} == dict.fromkeys(
        ("v1", "v2", "v3"), first
    )
    assert [tag.annotated for tag in found.tags.values()] == [False, True, True]
    assert [tag.message for tag in found.tags.values()] == ["", "The first\nrelease", "Again"]


def test_a_clone_has_the_branches_of_where_it_comes_from(
    repository: Repository, tmp_path: Path
) -> None:
    """By their own names, its own first; `origin/HEAD` is none, and other remotes do not count."""
    repository.git("branch", "feature")
    clone = Repository(tmp_path / "clone")
    clone.git("remote", "add", "origin", str(repository.path))
    clone.git("fetch", "-q", "origin")
    clone.git("reset", "-q", "--hard", "origin/main")
    clone.git("remote", "set-head", "origin", "main")
    head = clone.git("rev-parse", "HEAD")
    newest = clone.commit(b="only here")
    clone.git("update-ref", "refs/remotes/upstream/theirs", head)
    assert named(clone.path, tmp_path / "s").branches == {"feature": head, "main": newest}


def test_no_repository_has_none(tmp_path: Path) -> None:
    assert named(tmp_path, tmp_path / "s") == NamedCommits()


def test_names_that_git_refuses_are_none(repository: Repository, tmp_path: Path) -> None:
    """Control signs, blanks, two dots; what git would take and nobody sees is made visible."""
    refused = ("x\x1b[2J", "a b", "a..b", "a.lock", ".a", "a/", "a//b", "-a", "a@{1}", "a:b", "")
    packed(repository, *(f"refs/heads/{name}" for name in refused), "refs/heads/a\u202eb")
    head = repository.git("rev-parse", "HEAD")
    found = named_commits(repository.path / ".git", {head}, {})
    assert set(found.branches) == {"main", "a\ufffdb"}


@pytest.mark.parametrize("place", ["packed-refs", "refs/heads/loose\x07"])
def test_refs_that_git_does_not_take_are_no_history(
    place: str, repository: Repository, tmp_path: Path
) -> None:
    """What rests on it is not reached, and it is said."""
    head = repository.git("rev-parse", "HEAD")
    text = f"{head} refs/heads/a b\n" if place == "packed-refs" else f"{head}\n"
    (repository.path / ".git" / place).write_text(text)
    (tmp_path / "s").mkdir()
    assert "git cannot read it" in history_of(repository.path, tmp_path / "s").unread


def test_what_is_long_is_cut(repository: Repository, tmp_path: Path) -> None:
    """Names and messages."""
    packed(repository, f"refs/heads/{'x' * 100_000}")
    repository.git("tag", "-a", "v1", "-F", "-", data=b"long \x1b[31mtext " * 10_000)
    found = named(repository.path, tmp_path / "s")
    (long,) = set(found.branches) - {"main"}
    assert len(long) < MAX_LENGTH + 60
    assert len(found.tags["v1"].message) < MAX_MESSAGE + 60
    assert "\x1b" not in found.tags["v1"].message


def test_more_than_anybody_needs_are_said_and_not_told(
    repository: Repository, tmp_path: Path
) -> None:
    packed(repository, *(f"refs/tags/v{number}" for number in range(30_000)))
    found = named(repository.path, tmp_path / "s")
    assert (found.branches, found.tags) == ({}, {})
    assert found.excess.startswith("Your repository has 30000 tags, and at most 1000 are read.")


def test_links_between_refs_end(repository: Repository, tmp_path: Path) -> None:
    """A link leads to its branch; a circle, a link to nothing and a long chain lead nowhere."""
    heads = repository.path / ".git" / "refs" / "heads"
    links = {"same": "main", "a": "b", "b": "a", "none": "gone"}
    links |= {f"l{number}": f"l{number + 1}" for number in range(10)} | {"l10": "main"}
    for name, aim in links.items():
        (heads / name).write_text(f"ref: refs/heads/{aim}\n")
    found = named(repository.path, tmp_path / "s").branches
    assert {"main", "same", "l9"} <= set(found)
    assert not {"a", "b", "none", "l0"} & set(found)


def test_what_is_no_commit_is_left_out(repository: Repository, tmp_path: Path) -> None:
    """A tag of a file, and an annotated tag of a folder."""
    repository.git("tag", "file", repository.git("rev-parse", "HEAD:a"))
    repository.git("tag", "-a", "folder", "-m", "x", repository.git("rev-parse", "HEAD^{tree}"))
    assert named(repository.path, tmp_path / "s").tags == {}


def test_names_that_come_to_the_same_stay_one(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_refs, "MAX_TOLD", 2)
    packed(repository, "refs/tags/a\u202e", "refs/tags/a\u202d")
    assert set(named(repository.path, tmp_path / "s").tags) == {"a\ufffd"}
