"""The rows of a list, and what of them is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.settings import REPOSITORY
from grader.spec.library import load_all
from grader.spec.listing import ListingRow, listing

Write = Callable[..., Path]


def test_a_row_says_what_the_spec_says(tmp_path: Path) -> None:
    """Read for the first time, and from what was kept."""
    folders = [REPOSITORY / "challenges"]
    rows = [
        ListingRow(one.slug, one.title, one.level, one.duration, one.points, one.topics)
        for one in load_all(folders)[0].values()
    ]
    for _ in range(2):
        assert listing(folders, tmp_path / "state" / "kept.json") == (rows, [])


def test_what_has_not_changed_is_not_read_again(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is what makes the second list quick."""
    folders, kept = [write().parent], tmp_path / "kept.json"
    first = listing(folders, kept)
    monkeypatch.delattr("grader.spec.loader.load")
    assert listing(folders, kept) == first
    (folders[0] / "guestbook" / "openapi.yml").unlink()
    with pytest.raises(ImportError):
        listing(folders, kept)


def test_another_schema_has_all_checked_again(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an older grader found sound may be broken for this one."""
    folders, kept = [write().parent], tmp_path / "kept.json"
    listing(folders, kept)
    monkeypatch.setattr("grader.spec.listing.schema_text", lambda: "{}")
    monkeypatch.delattr("grader.spec.loader.load")
    with pytest.raises(ImportError):
        listing(folders, kept)


def test_a_change_is_seen(write: Write, tmp_path: Path) -> None:
    """And a challenge that it breaks is not shown as it was."""
    kept = tmp_path / "kept.json"
    folders = [write().parent]
    assert listing(folders, kept).rows[0].title == "Guestbook"
    write(("title: Guestbook", "title: Visitors"))
    assert listing(folders, kept).rows[0].title == "Visitors"
    write(("points: 5", "points: x"))
    for _ in range(2):
        found = listing(folders, kept)
        assert found.rows == []
        assert "criteria[2].points" in str(found.broken[0])


def test_a_broken_one_hides_no_other(write: Write, tmp_path: Path) -> None:
    """Whatever is wrong: the spec, its text, or that it is a folder."""
    folder, kept = write().parent, tmp_path / "kept.json"
    for name, content in (("aaa", b"slug: [\n"), ("bbb", b"\xff\xfe\x00"), ("zzz", b"")):
        (folder / name).mkdir()
        (folder / name / "challenge.yml").write_bytes(content)
    (folder / "yyy" / "challenge.yml").mkdir(parents=True)
    found = listing([folder], kept)
    assert [row.slug for row in found.rows] == ["guestbook"]
    assert len(found.broken) == 4
    assert all(error.problems for error in found.broken)


@pytest.mark.parametrize("spoilt", ["", "{", "[]", '{"a": [1]}', '{"a": 1}', "null"])
def test_what_is_spoilt_is_made_anew(write: Write, tmp_path: Path, spoilt: str) -> None:
    """It is no error."""
    kept = tmp_path / "kept.json"
    kept.write_text(spoilt)
    for _ in range(2):
        assert [row.slug for row in listing([write().parent], kept).rows] == ["guestbook"]


def test_it_needs_no_place_to_keep_anything(write: Write, tmp_path: Path) -> None:
    """A folder that cannot be written, or is none."""
    (tmp_path / "file").write_text("")
    found = listing([write().parent], tmp_path / "file" / "kept.json")
    assert [row.slug for row in found.rows] == ["guestbook"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The setting to change is named."""
    with pytest.raises(UsageError, match="name one with --challenges or GRADER_CHALLENGES"):
        listing([tmp_path / "none"], tmp_path / "kept.json")
