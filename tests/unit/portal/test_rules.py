"""What the portal decides: dates, attempts, late work, grades, and the order of the queue."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from grader.errors import UsageError
from grader.portal.rules.allowance import AssignmentStatus, refusal
from grader.portal.rules.counting import Scored, grade_of
from grader.portal.rules.fairness import priority, regrade_tag, share, virtual_after
from grader.portal.rules.late import LateKind, LateRule, days_late, describe, share_kept
from grader.portal.rules.retention import Keep, read_keep
from grader.portal.rules.roles import CourseRole, Right, may
from grader.portal.rules.schedule import AssignmentRules, Counting, Dates

DUE = datetime(2030, 6, 30, 18, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DATES = Dates(opens=DUE - 7 * DAY, due=DUE, closes=DUE + 3 * DAY)
PER_CENT = LateRule(kind=LateKind.PER_CENT, per_cent=10)
TOKENS = LateRule(kind=LateKind.TOKENS, tokens=3)
IN_TIME = AssignmentStatus(now=DUE - HOUR, dates=DATES, rules=AssignmentRules())


@pytest.mark.parametrize(
    ("after", "days"),
    [(-HOUR, 0), (timedelta(0), 0), (timedelta(seconds=1), 1), (DAY, 1), (DAY + HOUR, 2)],
)
def test_a_day_late_counts_once_it_has_begun(after: timedelta, days: int) -> None:
    """On the due date's second it is in time."""
    assert days_late(DUE, DUE + after) == days
    assert days_late(None, DUE + after) == 0


def test_what_is_kept_of_late_points() -> None:
    """A share a day, never less than nothing; late days cost no points."""
    assert share_kept(PER_CENT, DUE, DUE + DAY + HOUR) == Fraction(8, 10)
    assert share_kept(PER_CENT, DUE, DUE + 40 * DAY) == 0
    assert share_kept(TOKENS, DUE, DUE + DAY) == 1
    assert "10 %" in describe(PER_CENT)
    assert "3 in this course" in describe(TOKENS)
    assert "in full" in describe(LateRule())


def test_an_extension_moves_dates_forward_only() -> None:
    """The closing date moves with it; one that is earlier than the due date changes nothing."""
    longer = DATES.extended(DUE + 5 * DAY)
    assert (longer.due, longer.closes) == (DUE + 5 * DAY, DUE + 5 * DAY)
    assert DATES.extended(DUE + DAY).closes == DATES.closes
    assert DATES.extended(DUE - DAY) == DATES.extended(None) == DATES


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"now": DUE - 8 * DAY}, "opens on 2030-06-23 18:00 UTC"),
        ({"now": DUE + 4 * DAY}, "closed on 2030-07-03"),
        ({"under_way": 3}, "Your submission 3 is not graded yet"),
        ({"rules": AssignmentRules(attempts=2), "used": 2}, "all 2 attempts"),
        ({"rules": AssignmentRules(attempts=2), "used": 1}, ""),
        (
            {"rules": AssignmentRules(cool_down=7200), "latest": DUE - 2 * HOUR},
            "from 2030-06-30 18",
        ),
        ({"rules": AssignmentRules(cool_down=3600), "latest": DUE - 2 * HOUR}, ""),
        ({"rules": AssignmentRules(late=TOKENS), "now": DUE + 2 * DAY}, ""),
        (
            {"rules": AssignmentRules(late=TOKENS), "now": DUE + 2 * DAY, "late_days_used": 2},
            "take 2 late days, and you have 1 left",
        ),
    ],
)
def test_whether_one_may_hand_in(changes: dict[str, object], said: str) -> None:
    """A sentence that says from when, or whom to ask."""
    found = refusal(replace(IN_TIME, **changes))  # type: ignore[arg-type]
    assert said in found
    assert bool(found) == bool(said)


def test_rules_survive_the_database() -> None:
    """As plain values and back."""
    rules = AssignmentRules(late=TOKENS, attempts=4, cool_down=60, counting=Counting.LATEST)
    assert AssignmentRules.from_dict(rules.to_dict()) == rules
    assert AssignmentRules.from_dict({}) == AssignmentRules()


def test_which_result_is_the_grade() -> None:
    """The best after what being late costs, or the latest; adjustments never go below nothing."""
    early = Scored(submission=1, received=DUE - DAY, earned=Fraction(80))
    late = Scored(submission=2, received=DUE + HOUR, earned=Fraction(85))
    best = AssignmentRules(late=PER_CENT)
    found = grade_of([late, early], best, DATES)
    assert found is not None
    assert (found.submission, found.points) == (1, Fraction(80))
    latest = grade_of([late, early], replace(best, counting=Counting.LATEST), DATES)
    assert latest is not None
    assert (latest.submission, latest.points) == (2, Fraction(153, 2))
    lowered = grade_of([replace(early, adjustment=Fraction(-90))], best, DATES)
    assert lowered is not None
    assert lowered.points == 0
    assert grade_of([], best, DATES) is None


def test_the_queue_is_fair_by_weight() -> None:
    """Three courses that always have work get their shares within a tenth, whatever came first."""
    weights = {"a": 1, "b": 2, "c": 3}
    last, virtual, served, queue = Counter[str](), 0, Counter[str](), list[tuple[int, str]]()

    def hand_in(course: str) -> None:
        found = share(
            virtual=virtual, course_last=last[course], person_last=0, seconds=30,
            weight=weights[course],
        )  # fmt: skip
        last[course] = found.finish
        heapq.heappush(queue, (-priority(found.start), course))

    for _ in range(50):  # the first one had the queue to itself
        hand_in("a")
    for course in "bc":
        for _ in range(5):
            hand_in(course)
    for _ in range(600):
        virtual, course = heapq.heappop(queue)
        served[course] += 1
        hand_in(course)
    for course, weight in weights.items():
        assert served[course] == pytest.approx(100 * weight, rel=0.1)


def test_an_idle_queue_is_nobodys_debt() -> None:
    """Who used it alone is served with the others as soon as they come."""
    alone = share(virtual=90_000, course_last=90_300, person_last=0, seconds=30, weight=1)
    fresh = share(virtual=90_000, course_last=0, person_last=0, seconds=30, weight=1)
    assert alone.start - fresh.start <= 300


def test_regrades_come_after_all_live_work() -> None:
    """Whatever their tags, and within what the queue's integers hold."""
    assert priority(regrade_tag(10)) < priority(900_000_000)
    assert priority(regrade_tag(1_000_000_000)) > -(2**31)
    assert virtual_after(10, regrade_tag(10)) == 10
    assert virtual_after(10, 20) == virtual_after(20, 10) == 20


def test_who_may_do_what() -> None:
    """Assistants see; instructors change; an administrator may everything; a stranger nothing."""
    assert may(CourseRole.ASSISTANT, Right.SEE_CLASS)
    assert not may(CourseRole.ASSISTANT, Right.MANAGE)
    assert not may(CourseRole.STUDENT, Right.SEE_CLASS)
    assert not may(None, Right.HAND_IN)
    assert all(may(None, right, administrator=True) for right in Right)
    assert all(may(CourseRole.INSTRUCTOR, right) for right in Right)


def test_how_long_what_is_kept() -> None:
    """What is not named is as it always is; 0 is for ever."""
    keep = read_keep("submissions=730, reports=0 events=7")
    assert (keep.submissions, keep.reports, keep.events) == (730, 0, 7)
    assert keep.notifications == Keep().notifications
    assert keep.before("submissions", DUE) == DUE - timedelta(days=730)
    assert keep.before("reports", DUE) is None
    assert read_keep("") == Keep()


@pytest.mark.parametrize("text", ["audit=1", "events", "events=-1", "events=1.5", "events=99999"])
def test_what_says_nothing_of_how_long(text: str) -> None:
    """The sentence has what may be named."""
    with pytest.raises(UsageError, match="days, and 0 for never, of submissions, reports"):
        read_keep(text)
