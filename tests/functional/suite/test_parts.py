"""Criteria that earn in parts: each part has tests, and the rest is kept where one is lost."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from grader.model import CheckResult, Outcome
from tests.functional.suite.results import Examine, only

PARTS = {
    "a.one": [
        {"id": "blank", "title": "A blank title is refused", "points": "1"},
        {"id": "long", "title": "A long title is refused", "points": "3/2"},
        {"id": "type", "title": "A number is refused", "points": "1/2"},
    ]
}
CODE = """
@criterion("a.one", part="blank")
def test_blank(app): pass

@criterion("a.one", part="long")
def test_long(app): {long}

@criterion("a.one", part="long")
def test_longer(app): {longer}

@criterion("a.one", part="type")
def test_type(app): {type}
"""


def examined(examine: Examine, **changes: Any) -> CheckResult:
    """The result of the criterion whose tests do what `changes` say."""
    bodies = {"long": "pass", "longer": "pass", "type": "pass"} | changes
    return only(examine(CODE.format(**bodies), parts=PARTS, only=["a.one"]))


def test_all_parts_are_the_whole(examine: Examine) -> None:
    """It has passed, and each part is told."""
    found = examined(examine)
    assert (found.outcome, found.rationale) == (Outcome.PASSED, "")
    assert [(one.id, one.outcome) for one in found.parts] == [
        (name, Outcome.PASSED) for name in ("blank", "long", "type")
    ]


def test_a_lost_part_costs_its_own_points(examine: Examine) -> None:
    """Exactly; the reason names the part, its first loss counts, and the others go on."""
    found = examined(examine, long="app.get('/').expect(400)", longer="assert 0, 'Later.'")
    assert found.outcome is Outcome.FAILED
    assert found.kept == Fraction(1, 2)
    assert found.rationale == (
        "3/2 of 3 points are lost here:\n"
        "- A long title is refused (3/2): It answered 200 where 400 was expected."
    )
    assert found.evidence.startswith("A long title is refused:\ncurl -i http://localhost:5000/")
    assert [one.outcome for one in found.parts] == [
        Outcome.PASSED, Outcome.FAILED, Outcome.PASSED,
    ]  # fmt: skip


def test_all_parts_lost_keep_nothing(examine: Examine) -> None:
    """Each is named."""
    parts = {"a.one": PARTS["a.one"][1:]}
    code = CODE.replace('part="blank"', 'part="long"').format(
        long="assert 0, 'L.'", longer="pass", type="assert 0, 'T.'"
    )
    found = only(examine(code, parts=parts, only=["a.one"]))
    assert (found.outcome, found.kept) == (Outcome.FAILED, Fraction(0))
    assert found.rationale.count("\n- ") == 2


def test_a_fault_of_the_suite_is_no_lost_part(examine: Examine) -> None:
    """The criterion is broken, as without parts."""
    assert examined(examine, type="{}['x']").outcome is Outcome.BROKEN


def test_what_is_not_reached_has_no_parts(examine: Examine) -> None:
    """It needs all of what it needs."""
    code = CODE.format(long="pass", longer="pass", type="pass")
    found = only(examine(code, parts=PARTS, only=["a.one"], needs={"a.one": ["x.y"]}))
    assert (found.outcome, found.parts) == (Outcome.NOT_REACHED, ())
