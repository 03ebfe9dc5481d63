"""Links that lead through each other end, whatever they name, and nothing is followed outside."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from grader.submission.directory import MAX_NOTES, take_directory
from grader.submission.links import MOST


def taken(tmp_path: Path, links: dict[str, str]) -> tuple[set[str], tuple[str, ...]]:
    """The links that are kept, and the notes."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "app.py").write_text("x = 1\n")
    (source / "folder").mkdir()
    for name, aim in links.items():
        (source / name).symlink_to(aim)
    begun = time.thread_time()
    submission = take_directory(source, tmp_path / "target")
    assert time.thread_time() - begun < 5
    kept = {
        path.relative_to(submission.root).as_posix()
        for path in submission.root.rglob("*")
        if path.is_symlink()
    }
    return kept, submission.notes


@pytest.mark.slow
@pytest.mark.parametrize(
    "links",
    [
        {f"l{n}": f"l{n + 1}/l{n + 1}" for n in range(3000)},
        {f"l{n}": f"l{n + 1}" for n in range(3000)},
        {f"l{n}": f"folder/../l{n + 1}" for n in range(3000)},
        {f"l{n}": "/".join([f"l{n + 1}"] * 300) for n in range(300)},
        {f"l{n}": "l0/" * 800 + "x" for n in range(400)},
    ],
    ids=["doubled", "plain", "by a folder", "long", "circle"],
)
def test_chains_end_and_are_named(links: dict[str, str], tmp_path: Path) -> None:
    """What Linux itself would not follow is left out, and the notes stay few."""
    kept, notes = taken(tmp_path, links)
    assert len(kept) <= 2 * MOST
    assert any("leads through more than 40 others" in note for note in notes)
    assert len(notes) == MAX_NOTES + 1


@pytest.mark.parametrize(
    ("links", "left"),
    [
        ({"a": "a"}, {"a"}),
        ({"a": "b", "b": "a"}, {"a", "b"}),
        ({"a": "folder/up", "folder/up": "../a"}, {"a", "folder/up"}),
        ({"up": "folder/..", "x": "up/../etc"}, {"x"}),
        ({"folder/up": "..", "x": "folder/up/../secret"}, {"x"}),
        ({"x": "folder/../../secret"}, {"x"}),
        ({"x": "app.py", "y": "x", "z": "folder/../y", "gone": "nothing"}, set()),
    ],
)
def test_only_what_stays_inside_and_ends_is_kept(
    links: dict[str, str], left: set[str], tmp_path: Path
) -> None:
    """Circles and ways out by way of others; a link to nothing hurts nobody."""
    kept, notes = taken(tmp_path, links)
    assert kept == links.keys() - left
    assert len(notes) == len(left)
