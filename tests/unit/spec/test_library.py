"""The challenges of a folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import UnknownChallenge, UsageError
from grader.settings import REPOSITORY
from grader.spec.library import find, load_all
from grader.spec.places import shadowed, slugs

Write = Callable[..., Path]


def test_the_folders_with_a_spec_are_challenges(write: Write) -> None:
    """Other folders and files alongside them are not."""
    folder = write().parent
    (folder / "notes").mkdir()
    (folder / "README.md").write_text("x")
    assert slugs([folder]) == ["guestbook"]
    assert list(load_all([folder])[0]) == ["guestbook"]
    assert find("guestbook", [folder]).title == "Guestbook"


def test_a_slip_is_answered_with_the_nearest(write: Write) -> None:
    """And with all there are."""
    folder = write().parent
    with pytest.raises(UnknownChallenge, match=r"Did you mean 'guestbook'\? Known: guestbook\."):
        find("gestbook", [folder])
    with pytest.raises(UnknownChallenge, match=r"There is no challenge '\.\./guestbook'"):
        find("../guestbook", [folder])


def test_an_empty_folder_has_none(tmp_path: Path) -> None:
    """Which is said."""
    assert load_all([tmp_path]) == ({}, {})
    with pytest.raises(UnknownChallenge, match="Known: none"):
        find("guestbook", [tmp_path])


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The setting to change is named."""
    with pytest.raises(UsageError, match="name one with --challenges or GRADER_CHALLENGES"):
        slugs([tmp_path / "none"])


def test_a_broken_one_does_not_hide_the_others(write: Write) -> None:
    """Its faults are given alongside."""
    folder = write(("points: 5", "points: x")).parent
    loaded, broken = load_all([folder])
    assert not loaded
    (error,) = broken.values()
    assert "criteria[2].points" in str(error)


def test_the_shipped_challenges_load() -> None:
    """Each of them; their points are a hundred."""
    assert {one.points for one in load_all([REPOSITORY / "challenges"])[0].values()} == {100}


def test_the_first_folder_counts(write: Write, tmp_path: Path) -> None:
    """A challenge of the same name further down is not loaded, and that is said."""
    first = write().parent
    second = tmp_path / "second"
    shutil.copytree(first / "guestbook", second / "guestbook")
    shutil.copytree(first / "guestbook", second / "other")
    (second / "guestbook" / "challenge.yml").write_text("broken: [")
    assert slugs([first, second]) == ["guestbook", "other"]
    assert find("guestbook", [first, second]).root == first / "guestbook"
    assert shadowed([first, second]) == {
        "guestbook": f"guestbook is in {first} and in {second}; the one in {first} is taken."
    }
    assert shadowed([first, first]) == {}
