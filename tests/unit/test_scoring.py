"""From results to points."""

from dataclasses import replace
from fractions import Fraction

import pytest

from grader.errors import SpecError
from grader.model import Outcome
from grader.scoring import broken, complete, not_reached, score, selected, told_after_need
from grader.testing import a_challenge, a_result


def test_a_criterion_without_a_result_was_not_reached() -> None:
    """The denominator never shrinks."""
    challenge = a_challenge()
    results = complete(challenge, [a_result("entry.create")])
    assert [result.outcome for result in results] == [
        Outcome.NOT_REACHED,
        Outcome.PASSED,
        Outcome.NOT_REACHED,
    ]
    assert score(challenge, results).possible == 10


def test_only_what_passed_earns() -> None:
    """Each outcome but PASSED earns nothing."""
    challenge = a_challenge()
    for outcome in Outcome:
        earned = score(challenge, [a_result("entry.create", outcome)]).earned
        assert earned == (5 if outcome is Outcome.PASSED else 0), outcome


def test_a_failure_may_keep_a_share() -> None:
    """Of the points, exactly; nothing is kept of what was not examined."""
    challenge = a_challenge()
    third = Fraction(1, 3)
    for outcome in Outcome:
        result = replace(a_result("entry.create", outcome), kept=third)
        earned = {Outcome.PASSED: 5, Outcome.FAILED: Fraction(5, 3)}.get(outcome, 0)
        assert score(challenge, [result]).earned == earned, outcome


def test_results_that_are_not_priced_earn_nothing() -> None:
    """A forged or unpriced criterion adds neither points nor rows."""
    challenge = a_challenge()
    results = complete(challenge, [a_result("made.up")])
    assert len(results) == 3
    assert score(challenge, [a_result("made.up")]).earned == 0


def test_per_cent_is_exact() -> None:
    """The pass mark is compared with an exact share, not with a rounded one."""
    challenge = a_challenge()
    assert score(challenge, [a_result("entry.stored")]).percent == Fraction(30)


def test_broken_results_are_found() -> None:
    """A broken criterion is somebody else's fault, and told apart."""
    one = a_result("entry.create", Outcome.BROKEN)
    assert broken([a_result("repo.files"), one]) == (one,)


def test_what_needs_something_that_did_not_hold_was_not_reached() -> None:
    """Also where the grader itself has found it; and what needs that in turn."""
    first, second, third = a_challenge().criteria
    chain = (
        replace(third, needs=(second.id,)),
        replace(second, needs=(first.id,)),
        replace(first, needs=()),
    )
    results = [a_result(first.id, Outcome.FAILED), a_result(second.id), a_result(third.id)]
    found = complete(a_challenge(criteria=chain), results)
    assert [one.outcome for one in found] == [
        Outcome.NOT_REACHED, Outcome.NOT_REACHED, Outcome.FAILED,
    ]  # fmt: skip
    assert found[0].rationale == f"It needs {second.id}, which did not hold."
    assert [one.need for one in found] == [second.id, first.id, ""]
    nothing = complete(a_challenge(criteria=chain), results[:1])
    assert [one.rationale for one in nothing[:2]] == [one.rationale for one in found[:2]]


def test_the_reason_of_a_need_that_is_not_priced_is_shown() -> None:
    """Once, with its evidence, on the first criterion that rests on it and was asked for."""
    starts = not_reached("app.starts", "compose.valid")
    invalid = a_result("compose.valid", Outcome.FAILED, rationale="Line 3 is no YAML.",
                       evidence="3: [")  # fmt: skip
    one, two, three = complete(a_challenge(), [a_result("repo.files"), starts, invalid])
    assert one.outcome is Outcome.PASSED
    assert two.rationale == "It needs app.starts, which did not hold. Line 3 is no YAML."
    assert two.evidence == "3: ["
    assert three.rationale == "It needs entry.create, which did not hold."
    _, two, three = complete(a_challenge(), [starts, invalid], only={"repo.files"})
    assert "Line 3" not in two.rationale + three.rationale


def test_the_reason_of_a_need_that_is_priced_stands_in_its_own_row() -> None:
    """It is not told twice."""
    lost = a_result("entry.create", Outcome.FAILED, rationale="It answered 500.")
    *_, last = complete(a_challenge(), [a_result("app.starts"), lost])
    assert last.rationale == "It needs entry.create, which did not hold."


def test_a_sentence_alone_is_no_need() -> None:
    """What a result rests on is said in its field; its rationale is for people."""
    said = "It needs entry.create, which did not hold."
    ended = a_result("entry.stored", Outcome.NOT_REACHED, rationale=said)
    lost = a_result("entry.create", Outcome.FAILED, rationale="It answered 500.")
    assert complete(a_challenge(), [lost, ended])[2] == ended
    assert told_after_need(ended) == ""
    blocked = not_reached("entry.stored", "entry.create")
    assert told_after_need(blocked) == ""
    assert told_after_need(replace(blocked, rationale=f"{said} It is down.")) == "It is down."


def test_only_takes_what_is_needed_too() -> None:
    """A criterion is examined with all that it needs."""
    challenge = a_challenge()
    assert selected(challenge, ("entry.stored",)) == {"entry.stored", "entry.create"}
    assert selected(challenge, ()) == {"repo.files", "entry.create", "entry.stored"}
    with pytest.raises(SpecError, match=r"no criterion 'entry\.delete'"):
        selected(challenge, ("entry.delete",))
