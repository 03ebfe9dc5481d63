"""`grader list` puts the exams into levels, and finds those on one topic."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.cli.catalogue import LEVELS
from grader.spec.library import load_all

Command = Callable[..., subprocess.CompletedProcess[str]]
REPOSITORY = Path(__file__).parent.parent.parent
EXAMS = load_all([REPOSITORY / "challenges"])[0]


def grouped(listed: str) -> dict[str, list[str]]:
    """Return the first word of each row by the level that it stands under."""
    head, *lines = listed.splitlines()
    assert head.split() == ["Challenge", "Title", "Time", "Points", "Topics"]
    groups: dict[str, list[str]] = {}
    for line in lines:
        if line.endswith(":"):
            groups[line.removesuffix(":")] = []
        else:
            next(reversed(groups.values())).append(line.split()[0])
    return groups


def expected(topic: str = "") -> dict[str, list[str]]:
    """Return the exams on `topic` by level, as their specs say; a level without any is left out."""
    found = {
        level: [
            slug
            for slug, exam in EXAMS.items()
            if exam.level == level and (not topic or topic in exam.topics)
        ]
        for level in LEVELS
    }
    return {level: slugs for level, slugs in found.items() if slugs}


def test_exams_stand_under_their_levels(grader: Command) -> None:
    """Levels from the easiest to the hardest, the exams of each by name; none is missing."""
    done = grader("list")
    assert done.returncode == 0, done.stderr
    groups = grouped(done.stdout)
    assert groups == expected()
    assert list(groups) == list(LEVELS)
    assert sorted(slug for slugs in groups.values() for slug in slugs) == sorted(EXAMS)


def test_a_row_names_the_topics(grader: Command) -> None:
    """All of them, in the order of the spec."""
    rows = grader("list").stdout.splitlines()
    for slug, exam in EXAMS.items():
        row = next(line for line in rows if line.startswith(f"{slug} "))
        assert row.endswith(", ".join(exam.topics))


@pytest.mark.parametrize("topic", ["transactions", "websockets"])
def test_a_topic_leaves_the_exams_on_it(grader: Command, topic: str) -> None:
    """Of each level; a level without one is not named."""
    done = grader("list", "--topic", topic)
    assert done.returncode == 0, done.stderr
    assert grouped(done.stdout) == expected(topic)


def test_topics_are_of_several_levels_and_of_few() -> None:
    """What the test before stands on: else it would tell nothing."""
    assert len(expected("transactions")) > 1
    assert 0 < len(expected("websockets")) < len(LEVELS)


def test_an_unknown_topic_is_answered_with_those_there_are(grader: Command) -> None:
    """A wrong use, and nothing is listed; a topic is its whole name."""
    for topic in ("transaction", "Transactions", ""):
        done = grader("list", "--topic", topic)
        assert (done.returncode, done.stdout) == (2, "")
        known = sorted({one for exam in EXAMS.values() for one in exam.topics})
        assert f"No exam is on {topic!r}; there are: {', '.join(known)}." in done.stderr


def test_a_topic_of_an_exam_that_is_brought_counts(grader: Command, tmp_path: Path) -> None:
    """The exams of `--challenges` are searched as well."""
    source = REPOSITORY / "tests" / "challenges" / "probe"
    text = (source / "challenge.yml").read_text("utf-8")
    folder = tmp_path / "probe"
    folder.mkdir()
    assert "topics:" not in text
    (folder / "challenge.yml").write_text(f"{text}topics: [gardening]\nlevel: intro\n")
    for other in source.iterdir():
        if other.name != "challenge.yml":
            (folder / other.name).symlink_to(other)
    done = grader("list", "--challenges", str(tmp_path), "--topic", "gardening")
    assert done.returncode == 0, done.stderr
    assert grouped(done.stdout) == {"intro": ["probe"]}
