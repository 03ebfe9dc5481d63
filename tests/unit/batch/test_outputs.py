"""What a batch writes: tables for course systems, and a summary whose figures can be checked."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from grader.batch import Attempt, AttemptEnding, Entry, run_batch, write_outputs
from grader.batch.figures import figures, quantile
from grader.batch.outputs import Outputs
from grader.batch.rows import Row, RowCriteria, RowRun, RowState
from grader.batch.similar import Pair
from grader.batch.summary import summary_html, summary_json
from grader.batch.tables import cell, grades_csv, gradescope_csv, moodle_csv, points
from grader.testing import a_challenge
from tests.unit.batch.faking import Class

GOLDEN = Path(__file__).parent / "golden"


def a_row(student: str, words: str, **more: object) -> Row:
    """A row whose criteria passed where `words` has a p."""
    challenge = a_challenge()
    marks = list(zip(challenge.criteria, words, strict=True))
    criteria = {one.id: Fraction(one.points if mark == "p" else 0) for one, mark in marks}
    values: dict[str, object] = {
        "entry": Entry(student=student, source=f"answers/{student}"),
        "state": RowState.GRADED,
        "earned": sum(criteria.values(), Fraction(0)),
        "possible": 10,
        "passed": sum(criteria.values()) >= 6,
        "criteria": RowCriteria(
            earned=criteria,
            outcomes={one.id: "passed" if mark == "p" else "failed" for one, mark in marks},
            rationales={one.id: f"It said {mark}." for one, mark in marks if mark != "p"},
        ),
        "run": RowRun(phases={"build": 2.0}, seconds=3.0),
    }
    return Row(**(values | more))  # type: ignore[arg-type]


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "|calc", "%0A", "\uff1d1",
     '=HYPERLINK("http://evil","x")', "=cmd|' /C calc'!A0"],
)  # fmt: skip
def test_a_cell_is_never_a_formula(text: str) -> None:
    """A quotation mark before it makes it text, in every spreadsheet."""
    assert cell(text).startswith("'")
    row = a_row("x", "ppp", entry=Entry(student=text, source=text, email=text, id=text))
    for table in (grades_csv, moodle_csv, gradescope_csv):
        for value in read(table(a_challenge(), [row]))[1]:
            assert not value.lstrip().startswith(("=", "+", "-", "@", "|", "%", "\uff1d"))


def test_a_cell_is_one_clean_line() -> None:
    """No control character, no line break, no more than a cell takes."""
    assert cell("a\x1b[31mb\nc\u202ed") == "ab c\N{REPLACEMENT CHARACTER}d"
    assert len(cell("x" * 9999)) < 8100


def test_points_are_decimals() -> None:
    """Course systems know no fractions."""
    assert [points(value) for value in (Fraction(7), Fraction(7, 2), Fraction(2, 3), None)] == [
        "7", "3.5", "0.6667", ""
    ]  # fmt: skip
    assert points(Fraction(100)) == "100"


def test_the_forms_of_the_course_systems_are_pinned(tmp_path: Path) -> None:
    """Each as its importer takes it; who has no score is in none of them."""
    rows = [
        a_row("Ada", "ppp", entry=Entry(student="Ada", source="a", email="ada@x.org", id="17"),
              run=RowRun(phases={"build": 2.0}, seconds=3.0, commit="d" * 40, digest="sha256:1",
                         seed=7, report="reports/Ada.json")),
        a_row("Bob", "pfp", entry=Entry(student="Bob", source="b", email="bob@x.org", id="18")),
        Row(entry=Entry(student="Eve", source="e"), state=RowState.REJECTED, earned=Fraction(0),
            possible=10, reason="Line 3: privileged."),
        Row(entry=Entry(student="Dan", source="d"), state=RowState.FAULT, reason="No engine."),
    ]  # fmt: skip
    from grader.batch.tables import canvas_csv

    for name, table in (("grades", grades_csv), ("moodle", moodle_csv), ("canvas", canvas_csv),
                        ("gradescope", gradescope_csv)):  # fmt: skip
        text = table(a_challenge(), rows)
        assert text.replace("\r\n", "\n") == (GOLDEN / f"{name}.csv").read_text("utf-8")
        assert ("Dan" in text) == (name == "grades")


def test_the_figures_of_a_small_class() -> None:
    """Worked out by hand: two pass the second criterion, and they are the two with the rest."""
    found = figures(a_challenge(), [a_row("a", "ppp"), a_row("b", "ppp"), a_row("c", "pff"),
                                    a_row("d", "pff")])  # fmt: skip
    assert found.spread is not None
    assert (found.spread.count, found.spread.passed) == (4, 2)
    assert (found.spread.mean, found.spread.median, found.spread.deviation) == (60, 60, 40)
    assert found.spread.bins == (0, 0, 2, 0, 0, 0, 0, 0, 0, 2)
    first, second, _ = found.criteria
    assert (first.passed, first.discrimination) == (1.0, None), "all passed: it tells nothing"
    assert second.passed == 0.5
    assert second.discrimination == pytest.approx(1.0)
    assert [(loss.criterion.id, loss.count, int(loss.points)) for loss in found.losses] == [
        ("entry.create", 2, 10),
        ("entry.stored", 2, 6),
    ]
    assert found.losses[0].reasons == (("It said f.", 2),)
    assert [(one.phase, one.p50, one.p95) for one in found.phases] == [
        ("build", 2.0, 2.0),
        ("the whole run", 3.0, 3.0),
    ]


def test_a_criterion_that_the_better_ones_lose_is_below_zero() -> None:
    """The sign says that something is wrong with it."""
    rows = [a_row("a", "fpp"), a_row("b", "ppf"), a_row("c", "pff")]
    assert (figures(a_challenge(), rows).criteria[0].discrimination or 0) < -0.5


def test_nobody_and_one_alone_have_figures() -> None:
    """Nothing divides by nothing."""
    assert figures(a_challenge(), []).spread is None
    alone = figures(a_challenge(), [a_row("a", "ppp")])
    assert alone.criteria[0].discrimination is None
    fault = Row(entry=Entry(student="x", source="x"), state=RowState.FAULT)
    assert figures(a_challenge(), [fault]).spread is None


def test_the_nearest_rank() -> None:
    """Of ten values the fifth and the tenth."""
    values = [float(number) for number in range(10, 0, -1)]
    assert (quantile(values, 50), quantile(values, 95), quantile([], 50)) == (5.0, 10.0, 0.0)


NASTY = "<script>alert(1)</script><img src=x onerror=y>\"'\x1b[31m\u202e"


def written(root: Path, pairs: tuple[Pair, ...] | None = None) -> Outputs:
    """A class with all that can become of one."""
    group = Class(root)
    group.hand_in(ada="ppp", bob="ppf", eve="reject", dan="ungradable")
    (group.answers / "zoe.rar").write_bytes(b"x")
    attempts = run_batch(group.plan(seed=1), group.entries())
    nasty = Entry(student=NASTY, source=NASTY, email=NASTY)
    attempts += (Attempt(entry=nasty, ending=AttemptEnding.FAULT, reason=NASTY),)
    return write_outputs(group.challenge, attempts, group.store, pairs=pairs)


def test_the_summary_for_programs(tmp_path: Path) -> None:
    """Counts, figures and everybody; no score where there is none."""
    written(tmp_path)
    summary = json.loads((tmp_path / "results" / "summary.json").read_text("utf-8"))
    assert summary["count"] == {
        "graded": 2, "rejected": 1, "platform fault": 2, "unreadable": 1
    }  # fmt: skip
    students = {one["student"]: one for one in summary["students"]}
    assert (students["ada"]["points"], students["eve"]["points"]) == (10, 0)
    assert students["dan"]["points"] is None
    assert students["ada"]["report"] == "reports/ada.json"
    assert summary["similar"] is None
    assert (tmp_path / "results" / students["ada"]["report"]).is_file()


def test_the_summary_is_one_page_without_scripts(tmp_path: Path) -> None:
    """It loads nothing; what a student writes is text in it."""
    pairs = (Pair(first="ada", second=NASTY, share=0.9),)
    written(tmp_path, pairs)
    page = (tmp_path / "results" / "summary.html").read_text("utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;" in page
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == [
        "reports/ada.json", "reports/bob.json", "reports/eve.json"
    ]  # fmt: skip
    assert 'http-equiv="Content-Security-Policy" content="default-src \'none\'' in page
    for text in ("The engine is gone.", "no archive that is read", "Line 3: privileged.",
                 "prefers-color-scheme: dark", "width=device-width", "90 %"):  # fmt: skip
        assert text in page


def test_an_empty_result_is_a_page_too(tmp_path: Path) -> None:
    """Where the platform failed for everybody."""
    group = Class(tmp_path)
    group.hand_in(ada="ungradable")
    attempts = run_batch(group.plan(), group.entries())
    out = write_outputs(group.challenge, attempts, group.store, pairs=())
    assert out.figures.spread is None
    page = (group.store.root / "summary.html").read_text("utf-8")
    assert "Nobody has a score yet." in page
    assert "<p>None.</p>" in page


def test_who_lost_a_required_criterion_is_told_so() -> None:
    """In every table with a place for it, and in the summary."""
    unmet = "entry.stored is required and was lost"
    row = a_row("bob", "ppf", passed=False, unmet=unmet)
    head, body = read(grades_csv(a_challenge(), [row]))
    told = dict(zip(head, body, strict=True))
    assert (told["passed"], told["reason"]) == ("no", unmet)
    assert f"Not passed: {unmet}. Lost: entry.stored" in moodle_csv(a_challenge(), [row])
    challenge = a_challenge()
    *others, stored = challenge.criteria
    challenge = replace(challenge, criteria=(*others, replace(stored, required=True)))
    found = figures(challenge, [row])
    page = summary_html(challenge, [row], found, None)
    assert f"not passed</span>: {unmet}" in page
    document = json.loads(summary_json(challenge, [row], found, None))
    assert document["students"][0]["unmet"] == unmet
    assert [one["required"] for one in document["criteria"]] == [False, False, True]
