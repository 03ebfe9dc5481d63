"""The bookkeeping of a suite: what may run, in which order, and when a criterion is decided."""

from grader.exam.schedule import Schedule
from grader.model import Outcome
from grader.testing import a_result

NEEDS = {"a": [], "b": ["a"], "c": ["b"], "d": []}


def test_a_need_that_did_not_hold_is_named() -> None:
    """What rests on a lost criterion is not run."""
    plan = Schedule(needs=NEEDS, outcomes={"a": Outcome.FAILED, "app.starts": Outcome.PASSED})
    assert plan.blocked("b", rests_on="app.starts") == "a"
    assert plan.blocked("d", rests_on="app.starts") == ""


def test_tests_that_use_the_app_need_its_start() -> None:
    """Without a running app only what reads files is examined."""
    plan = Schedule(needs=NEEDS, outcomes={"app.starts": Outcome.FAILED})
    assert plan.blocked("d", rests_on="app.starts") == "app.starts"
    assert plan.blocked("d") == ""


def test_a_criterion_passes_with_its_last_test() -> None:
    """All tests of a criterion must pass; times add up."""
    plan = Schedule(needs=NEEDS, outcomes={})
    plan.expect(["a", "a"])
    assert plan.finish(a_result("a", duration=1.0)) is None
    done = plan.finish(a_result("a", duration=0.5))
    assert done is not None
    assert (done.outcome, done.duration) == (Outcome.PASSED, 1.5)


def test_a_criterion_is_lost_with_its_first_failure() -> None:
    """A later pass of another test does not bring it back."""
    plan = Schedule(needs=NEEDS, outcomes={})
    plan.expect(["a", "a"])
    lost = plan.finish(a_result("a", Outcome.FAILED, rationale="why"))
    assert lost is not None
    assert lost.rationale == "why"
    assert plan.over("a")
    assert plan.finish(a_result("a")) is None


def test_needed_criteria_come_first() -> None:
    """The order is the file's, but for needs."""
    plan = Schedule(needs=NEEDS, outcomes={})
    names = ["c", "d", "b", "a", "d"]
    assert [names[index] for index in plan.order(names)] == ["d", "a", "b", "c", "d"]
    assert plan.order(["d", "d"]) == [0, 1]
