"""What students are handed: a page each, and feedback without what is hidden from them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from grader.batch import run_batch, write_outputs
from grader.batch.similar import Pair, groups
from grader.model import Challenge, Visibility
from grader.report.view import View, for_view
from grader.testing import a_challenge
from tests.unit.batch.faking import Class


def a_class(root: Path, visibility: Visibility, deadline: datetime | None = None) -> Class:
    """A class whose reports are an instructor's, its second criterion hidden in that way."""
    challenge: Challenge = a_challenge(deadline=deadline)
    first, second, third = challenge.criteria
    challenge = replace(challenge, criteria=(first, replace(second, visibility=visibility), third))
    found = Class(root, challenge=for_view(challenge, View.INSTRUCTOR, datetime.now(UTC)))
    found.hand_in(ada="ppp", bob="ffp", eve="reject")
    (found.answers / "dan").mkdir()
    return found


def written(group: Class) -> tuple[str, dict[str, list[str]], dict[str, list[str]]]:
    """Bob's page, and the rows of grades.csv and moodle.csv by student."""
    write_outputs(group.challenge, run_batch(group.plan(), group.entries()), group.store)
    root = group.store.root
    tables = [
        {row[0]: row for row in csv.reader(io.StringIO((root / name).read_text()))}
        for name in ("grades.csv", "moodle.csv")
    ]
    return (root / "students/bob.html").read_text(), tables[0], tables[1]


def test_each_student_has_a_page(tmp_path: Path) -> None:
    """Who has a result; a page of before goes where there is none any more."""
    group = a_class(tmp_path, Visibility.VISIBLE)
    page, grades, moodle = written(group)
    folder = group.store.root / "students"
    assert sorted(path.name for path in folder.iterdir()) == ["ada.html", "bob.html", "eve.html"]
    assert "<script" not in page
    assert page.count("It said f.") == 2
    reason = grades["student"].index("entry.create: reason")
    assert (grades["bob"][reason], grades["ada"][reason]) == ("It said f.", "")
    assert moodle["bob"][-1] == (
        "Lost: The files are there (0 of 2): It said f. | "
        "POST /entries answers 201 (0 of 5): It said f."
    )
    assert moodle["ada"][-1] == "Nothing was lost."
    (group.answers / "bob" / "score").unlink()
    write_outputs(group.challenge, run_batch(group.plan(), group.entries()), group.store)
    assert not (folder / "bob.html").exists()


def test_hidden_reasons_are_the_instructors(tmp_path: Path) -> None:
    """The table and the stored report have them; the page and the feedback do not."""
    group = a_class(tmp_path, Visibility.HIDDEN)
    page, grades, moodle = written(group)
    assert page.count("It said f.") == 1
    assert moodle["bob"][-1].count("It said f.") == 1
    assert "This criterion is hidden" in moodle["bob"][-1]
    assert grades["bob"][grades["student"].index("entry.create: reason")] == "It said f."
    assert (group.store.root / "reports/bob.json").read_text().count("It said f.") == 2


def test_the_deadline_opens_pages(tmp_path: Path) -> None:
    """Without grading anybody again: run the same command after it."""
    group = a_class(tmp_path, Visibility.AFTER_DEADLINE)
    assert written(group)[0].count("It said f.") == 1
    group.fake.calls.clear()
    group.challenge = replace(group.challenge, deadline=datetime(2020, 1, 1, tzinfo=UTC))
    assert written(group)[0].count("It said f.") == 2
    assert set(group.fake.calls) == {"dan"}, "nobody who has a result is graded again"


def test_near_copies_are_groups() -> None:
    """Whoever is like one of a group belongs to it; the largest comes first."""
    pairs = [
        Pair(first=first, second=second, share=share)
        for first, second, share in [
            ("x", "Y", 0.99), ("a", "b", 0.9), ("c", "d", 0.8), ("b", "c", 0.7), ("a", "d", 0.6),
        ]
    ]  # fmt: skip
    big, small = groups(pairs)
    assert (big.students, big.least, big.most) == (("a", "b", "c", "d"), 0.6, 0.9)
    assert (small.students, small.least) == (("x", "Y"), 0.99)
    assert groups(()) == ()
