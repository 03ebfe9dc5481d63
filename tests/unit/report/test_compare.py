"""Why a score changed, pinned for each kind of reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from grader.model import GradeReport, Outcome, Rejected, Substitution, Ungradable
from grader.report.compare import challenges, compare
from grader.report.compare_text import to_json, to_text
from grader.report.json import to_dict
from grader.testing import a_challenge, a_provenance, a_result, graded

GOLDEN = Path(__file__).parent / "golden"
LOST = a_result(
    "entry.create", Outcome.FAILED, rationale="It answered 200.",
    evidence="curl -i http://localhost:5000/\n< HTTP 200",
)  # fmt: skip
PASSED = tuple(a_result(name) for name in ("repo.files", "entry.create", "entry.stored"))


def a_report(*results: Any, **provenance: Any) -> dict[str, Any]:
    """A report with these results, and where it comes from changed."""
    report = graded(*results)
    return to_dict(replace(report, provenance=replace(report.provenance, **provenance)))


def other_files() -> tuple[dict[str, Any], dict[str, Any]]:
    """A student has fixed one criterion and broken another."""
    stored = a_result(
        "entry.stored", Outcome.FAILED, rationale="No row.", evidence="SELECT 1\n" * 9
    )
    files = a_result("repo.files", Outcome.FAILED, rationale="There is no Dockerfile.")
    before, after = a_report(files, PASSED[1], stored), a_report(PASSED[0], LOST, PASSED[2])
    after["run"]["submission"] |= {"digest": "sha256:" + "1" * 64, "commit": "1" * 40}
    after["run"]["images"]["app"] = "sha256:" + "2" * 64
    return before, after


def other_exam() -> tuple[dict[str, Any], dict[str, Any]]:
    """A new version of the exam has one criterion more and one fewer."""
    before = a_report(*PASSED)
    after = a_report(*PASSED, challenge_version="2.0.0", challenge_digest="sha256:" + "3" * 64)
    after["criteria"][2] |= {"id": "entry.kept", "title": "Entries are kept"}
    return before, after


def nothing() -> tuple[dict[str, Any], dict[str, Any]]:
    """The same code with the same seed came to something else."""
    slow = replace(LOST, outcome=Outcome.TIMED_OUT, rationale="No answer in 5 s.")
    return a_report(PASSED[0], LOST, PASSED[2]), a_report(PASSED[0], slow, PASSED[2])


def other_seed() -> tuple[dict[str, Any], dict[str, Any]]:
    """Other data, another engine, another grader, another image in the place of one."""
    stand_in = Substitution(wanted="mysql:8.4", used="MariaDB", reason="no registry")
    return a_report(*PASSED), a_report(
        PASSED[0], replace(LOST, kept=Fraction(1, 3)), PASSED[2],
        seed=43, grader="0.2.0", engine="27.0", substitutions=(stand_in,),
    )  # fmt: skip


def the_same() -> tuple[dict[str, Any], dict[str, Any]]:
    """Twice one report."""
    return a_report(*PASSED), a_report(*PASSED)


def no_score() -> tuple[dict[str, Any], dict[str, Any]]:
    """The platform failed the second time."""
    reason = Ungradable(
        challenge=a_challenge(), provenance=a_provenance(), reason="No Docker engine answers."
    )
    return a_report(*PASSED), to_dict(reason)


CASES = (other_files, other_exam, nothing, other_seed, the_same, no_score)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_each_reason_has_its_golden_form(
    case: Callable[[], tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    """For people."""
    text = to_text(compare(*case()))
    assert text == (GOLDEN / f"compare-{case.__name__}.txt").read_text("utf-8")


def test_the_form_for_programs_is_pinned() -> None:
    """Points are exact in it."""
    text = to_json(compare(*other_seed()))
    assert text == (GOLDEN / "compare.json").read_text("utf-8")
    assert json.loads(text)["change"] == "-19/3"


def test_all_changes_add_up_to_that_of_the_score() -> None:
    """No point is gained or lost without a criterion."""
    for case in (other_files, other_exam, nothing, other_seed, the_same):
        found = compare(*case())
        assert sum(one.change for one in found.criteria) == found.change


def test_the_same_files_at_another_commit() -> None:
    """Only the history can be the reason."""
    after = a_report(PASSED[0], LOST, PASSED[2], commit="1" * 40)
    assert compare(a_report(*PASSED), after).why == (
        "The files are the same, at another commit: only their history can have changed it.",
    )


def test_reports_of_two_exams_are_told_apart() -> None:
    """By the name of the exam; another version of it can be compared."""
    other = a_report(*PASSED, challenge="todo-api")
    assert challenges(a_report(*PASSED), other) == ("guestbook", "todo-api")
    assert len(set(challenges(*other_exam()))) == 1


def test_a_rejected_one_has_lost_everything() -> None:
    """With its reason."""
    report: GradeReport = Rejected(
        challenge=a_challenge(), provenance=a_provenance(), reason="Line 3: privileged"
    )
    found = compare(a_report(*PASSED), to_dict(report))
    assert found.points == ("10 of 10", "rejected (Line 3: privileged)")
    assert found.change == -10
    assert not found.criteria, "nothing was examined"
    assert found.why == (
        "One of them was rejected: nothing of it was run, so no criterion was examined.",
    )


def test_text_of_a_student_is_only_text() -> None:
    """A report may come from anywhere: control characters are cleaned once more."""
    before, after = a_report(*PASSED), a_report(PASSED[0], LOST, PASSED[2])
    after["criteria"][1] |= {"rationale": "\x1b[31mx\u202e", "evidence": "\x1b]0;x\x07"}
    after["run"]["submission"]["origin"] = "\x1b[2J"
    for text in (to_text(compare(before, after)), to_json(compare(before, after))):
        assert "\x1b" not in text
        assert "\\u001b" not in text
        assert "\u202e" not in text


def made(lock: str | None = "sha256:aa", **bases: str) -> dict[str, Any]:
    """A report that names its lock and what its base images are made of."""
    report = a_report(*PASSED)
    unknown: dict[str, str | None] = {"registry": None, "packages": None}
    report["run"] |= {
        "lock": lock,
        "bases": [
            {"reference": "python:3.12-slim", **unknown, **bases},
        ],
    }
    return report


@pytest.mark.parametrize(
    ("before", "after", "what", "why"),
    [
        (made(), made("sha256:bb"), "lock of the grader", "packages that the grader works with"),
        (made(), made(None), "lock of the grader", "packages that the grader works with"),
        (
            made(registry="sha256:11"), made(registry="sha256:22"),
            "base image python:3.12-slim", "A base image consists of other versions",
        ),
        (
            made(packages="sha256:11"), made(packages="sha256:22"),
            "packages of python:3.12-slim", "A base image consists of other versions",
        ),
    ],
    ids=["another lock", "no longer as locked", "another manifest", "other packages"],
)  # fmt: skip
def test_what_a_run_was_made_of_is_compared(
    before: dict[str, Any], after: dict[str, Any], what: str, why: str
) -> None:
    """The lock of the grader, and the manifests of base images."""
    found = compare(before, after)
    assert [one.what for one in found.differences] == [what]
    assert any(why in sentence for sentence in found.why)


@pytest.mark.parametrize("key", ["lock", "bases"])
def test_an_older_report_that_does_not_say_is_no_difference(key: str) -> None:
    """Whichever of the two it is."""
    older, newer = made(registry="sha256:11"), made(registry="sha256:11")
    del older["run"][key]
    for pair in ((older, newer), (newer, older)):
        assert compare(*pair).differences == ()
