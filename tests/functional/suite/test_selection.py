"""Which tests of a suite are run, in which order, and what they are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.model import Outcome
from tests.functional.suite.results import Examine, only, outcomes


def test_groups_are_examined_one_after_the_other(examine: Examine) -> None:
    """As far as what they need allows; what is in none comes last."""
    code = "".join(
        f"""
        @criterion("{name}")
        def test_{name[0]}():
            pass
        """
        for name in ("a.one", "b.two", "c.three")
    )
    for order, needs, expected in (
        ([["c.three"]], {}, ["c.three", "a.one", "b.two"]),
        ([["c.three"], ["b.two"]], {}, ["c.three", "b.two", "a.one"]),
        ([["c.three"]], {"c.three": ["b.two"]}, ["a.one", "b.two", "c.three"]),
        ([["b.two", "c.three"]], {"c.three": ["b.two"]}, ["b.two", "c.three", "a.one"]),
    ):
        done = examine(code, order=order, needs=needs)
        assert list(outcomes(done)) == expected, (order, needs)


def test_only_what_is_asked_for_runs(examine: Examine) -> None:
    """Tests of other criteria, and those without one, are left out."""
    done = examine(
        """
        @criterion("a.one")
        def test_a(): pass

        @criterion("b.two")
        def test_b(): os._exit(1)

        def test_none(): os._exit(1)
        """,
        only=["a.one"],
    )
    assert outcomes(done) == {"a.one": Outcome.PASSED}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def test_a(:\n", "SyntaxError"),
        ("import no_such_module\n", "no_such_module"),
        ("@pytest.mark.criterio('a.one')\ndef test_a(): pass\n", "criterio"),
    ],
)
def test_a_suite_that_cannot_be_collected_is_a_problem(
    examine: Examine, code: str, said: str
) -> None:
    """The challenge is broken, and how is said with the file's name."""
    done = examine(code)
    assert not done.results
    (problem,) = done.problems
    assert "test_it.py cannot be collected" in problem
    assert said in problem


def test_a_submissions_own_settings_have_no_effect(examine: Examine, tmp_path: Path) -> None:
    """Neither conftest.py nor pytest.ini, nor a module that shadows another, is looked at."""
    snapshot = tmp_path / "snapshot"
    snapshot.mkdir()
    hostile = "import os\nos._exit(3)\n"
    for name in ("conftest.py", "pytest.py", "json.py", "sitecustomize.py", "test_x.py"):
        (snapshot / name).write_text(hostile)
    (snapshot / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    (tmp_path / "conftest.py").write_text(hostile)
    done = examine(
        """
        @criterion("a.one")
        def test_a(submission):
            import json
            assert submission.has("conftest.py")
            assert len(submission.python_sources()) == 5
        """
    )
    assert only(done).outcome is Outcome.PASSED


def test_a_challenges_conftest_is_used(examine: Examine, tmp_path: Path) -> None:
    """Fixtures of its own belong to a suite."""
    tests = tmp_path / "challenge" / "tests"
    tests.mkdir(parents=True)
    (tests / "conftest.py").write_text(
        "import pytest\n\n@pytest.fixture\ndef two():\n    return 2\n"
    )
    code = "@criterion('a.one')\ndef test_a(two): assert two == 2\n"
    assert only(examine(code)).outcome is Outcome.PASSED


def test_the_same_seed_draws_the_same(examine: Examine) -> None:
    """Another seed, another test: something else."""
    code = """
        @criterion("a.one")
        def test_a(draw): assert False, draw.sentence()

        @criterion("b.two")
        def test_b(draw): assert False, draw.sentence()
        """

    def drawn(seed: int) -> list[str]:
        return [result.rationale for result in examine(code, seed=seed).results]

    first = drawn(1)
    assert drawn(1) == first
    assert len({*first, *drawn(2)}) == 4


def test_a_suite_knows_what_was_injected(examine: Examine) -> None:
    """Secrets and the rest are told apart."""
    code = """
        @pytest.mark.criterion("a.one")
        def test_it(secrets, environment):
            assert secrets == {"KEY": "k"}, "secrets"
            assert environment == {"TITLE": "t"}, "environment"
    """
    done = examine(code, only=["a.one"], secrets={"KEY": "k"}, environment={"TITLE": "t"})
    assert only(done).outcome is Outcome.PASSED


HIDDEN = """
    @criterion("b.two")
    def test_b(app):
        app.get("/secret").expect(404)

    @criterion("a.one")
    def test_a(app):
        app.get("/public").expect(404)

    @criterion("c.three")
    def test_c(app):
        app.get("/late").expect(404)
"""


def test_hidden_criteria_come_last_and_the_log_is_kept_before_them(examine: Examine) -> None:
    """Whatever the suite's order, and whichever group they are in: once, before the first."""
    kept: list[str] = []
    calls = {"app.keep_tail": lambda: kept.append("kept")}
    done = examine(HIDDEN, calls, hidden=["b.two", "c.three"], order=[["b.two"]])
    assert list(outcomes(done)) == ["a.one", "b.two", "c.three"]
    assert kept == ["kept"]
    visible = done.results[0]
    assert "404 was expected" in visible.rationale
    assert "/public" in visible.evidence
    assert examine(HIDDEN, {}).results, "where none is hidden, nothing is asked for"


def test_what_is_lost_after_a_hidden_criterion_tells_nothing(examine: Examine) -> None:
    """One that needs a hidden one comes after it; the app may answer with what that asked."""
    calls = {"app.keep_tail": lambda: None}
    code = HIDDEN.replace(".expect(404)", ".expect(200)", 1)
    done = examine(code, calls, hidden=["b.two"], needs={"a.one": ["b.two"]})
    results = {one.criterion: one for one in done.results}
    assert list(results) == ["c.three", "b.two", "a.one"]
    assert results["c.three"].evidence, "it came before"
    assert results["a.one"].outcome is Outcome.FAILED
    assert results["a.one"].evidence, "it is for an instructor's eyes"
    assert results["a.one"].hidden_reason == (
        "It was lost after a hidden criterion was examined, so the reason is not shown."
    )
    assert results["c.three"].hidden_reason is None
    assert results["b.two"].hidden_reason is None, "it is hidden by itself"


def test_what_a_deadline_shows_comes_before_what_none_shows(examine: Examine) -> None:
    """So that its reasons can be shown then: the app knows nothing of the others yet."""
    calls = {"app.keep_tail": lambda: None}
    code = HIDDEN.replace("expect(200)", "expect(404)")
    done = examine(code, calls, hidden=["b.two", "c.three"], sealed=["b.two"])
    assert list(outcomes(done)) == ["a.one", "c.three", "b.two"]
    assert [one.hidden_reason for one in done.results] == [None, None, None]
    done = examine(
        code, calls, hidden=["b.two", "c.three"], sealed=["b.two"], needs={"c.three": ["b.two"]}
    )
    lost = {one.criterion: one for one in done.results}
    assert lost["c.three"].outcome is Outcome.NOT_REACHED


def test_the_log_is_not_touched_for_what_is_not_run(examine: Examine) -> None:
    """A hidden criterion that nothing is asked for, or that never reaches the app."""
    done = examine(HIDDEN, {}, hidden=["b.two"], only=["a.one"])
    assert list(outcomes(done)) == ["a.one"]
    done = examine(HIDDEN, {}, hidden=["b.two"], only=["b.two"], needs={"b.two": ["a.one"]})
    assert outcomes(done) == {"b.two": Outcome.NOT_REACHED}


def test_time_that_any_client_waits_is_the_apps(examine: Examine) -> None:
    """A session's requests count as the app's own do."""
    done = examine(
        """
        @criterion("a.one")
        def test_a(app):
            before = app.waited
            browser = app.session()
            browser.get("/")
            seen = app.waited
            browser.session().get("/")
            app.listened(lambda reply: None).get("/")
            app.at(app._target.address).get("/")
            assert before < seen < app.waited == browser.waited
        """
    )
    assert outcomes(done) == {"a.one": Outcome.PASSED}
