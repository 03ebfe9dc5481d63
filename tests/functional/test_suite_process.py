"""A suite in its own process: what each way for a test to end comes to."""

from __future__ import annotations

import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.errors import Cancelled, PlatformError
from grader.exam.children import ForkServer
from grader.exam.faults import Mismatch
from grader.exam.runner import Examined, ExamProcess
from grader.model import CheckResult, Outcome
from grader.testing import reply, serve

Examine = Callable[..., Examined]
HEAD = "import os, time\nimport pytest\ncriterion = pytest.mark.criterion\n"


@pytest.fixture
def app() -> Iterator[tuple[str, int]]:
    """An app that answers everything with one JSON object."""
    with serve(reply(200, '{"a": 1}', Content_Type="application/json")) as address:
        yield address


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    """Has everything loaded, so that each suite starts at once."""
    server = ForkServer()
    yield server
    server.close()


@pytest.fixture
def examine(tmp_path: Path, app: tuple[str, int], server: ForkServer) -> Examine:
    """Writes a suite and runs it; keywords change what the suite's process is told."""

    def run(
        code: str, calls: dict[str, Any] | None = None, *, deadline: float = 30, **changes: Any
    ) -> Examined:
        tests = tmp_path / "challenge" / "tests"
        tests.mkdir(parents=True, exist_ok=True)
        (tests / "test_it.py").write_text(HEAD + textwrap.dedent(code), "utf-8")
        snapshot = tmp_path / "snapshot"
        snapshot.mkdir(exist_ok=True)
        exam = {
            "survey": False, "root": str(tests.parent), "paths": [str(tests)],
            "only": ["a.one", "b.two", "c.three"], "order": [], "needs": {},
            "known": {"app.starts": "passed"},
            "seed": 7, "host": app[0], "port": app[1], "shown": "http://localhost:5000",
            "request_seconds": 5.0, "body_cap": 100_000, "mysql": None, "secrets": {},
            "environment": {},
            "snapshot": str(snapshot), "dockerfile": None, "contract": None,
        } | changes  # fmt: skip
        process = ExamProcess(server.fork)
        try:
            return process.examine(exam, calls or {}, deadline=deadline, cancel=threading.Event())
        finally:
            process.close()

    return run


def only(done: Examined) -> CheckResult:
    """The one result of a suite that did what it should."""
    assert not done.problems
    assert not done.crash
    (result,) = done.results
    return result


def outcomes(done: Examined) -> dict[str, Outcome]:
    return {result.criterion: result.outcome for result in done.results}


def test_a_test_that_passes(examine: Examine) -> None:
    """Its criterion has passed, with the time that it took and nothing to say."""
    done = examine(
        """
        @criterion("a.one")
        def test_a(app):
            assert app.get("/x").expect(200).json(dict)["a"] == 1
        """
    )
    result = only(done)
    assert (result.criterion, result.outcome) == ("a.one", Outcome.PASSED)
    assert (result.rationale, result.evidence) == ("", "")
    assert result.duration > 0
    assert done.waited > 0
    assert not done.out_of_time
    assert not done.fault


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


def test_an_assertion_is_the_students_loss(examine: Examine) -> None:
    """Its message is the reason, without what pytest adds; the request is the evidence."""
    result = only(
        examine(
            """
            @criterion("a.one")
            def test_a(app):
                body = app.post("/x", json={"t": "it's"}).json(dict)
                assert body["a"] == 2, "It should be two.\\nReally."
            """
        )
    )
    assert result.outcome is Outcome.FAILED
    assert result.rationale == "It should be two.\nReally."
    assert result.evidence.startswith("curl -i -X POST -H 'Content-Type: application/json'")
    assert "http://localhost:5000/x" in result.evidence
    assert "< HTTP 200" in result.evidence


@pytest.mark.parametrize(
    ("body", "rationale"),
    [
        ("assert 1 == 2", "An assertion of the suite does not hold."),
        ("pytest.fail('Not so.')", "Not so."),
        ("assert False, 'red \\x1b[31m'", "red"),
        ("app.get('/').expect(201)", "answered 200"),
        ("app.get('/').json(dict)['b']", "'b'"),
    ],
)
def test_other_ways_to_lose(examine: Examine, body: str, rationale: str) -> None:
    """Without a message, by `pytest.fail`, and what the client finds by itself."""
    result = only(examine(f'@criterion("a.one")\ndef test_a(app):\n    {body}\n'))
    assert result.outcome is Outcome.FAILED
    assert rationale in result.rationale
    assert "\x1b" not in result.rationale


def test_the_commands_of_the_container_can_be_asked_for(examine: Examine) -> None:
    """What the grader sees running is handed to the suite as it is."""
    code = """
        @criterion("a.one")
        def test_a(app):
            assert app.commands() == ["/usr/bin/python /usr/bin/flask run"]
        """
    running = ["/usr/bin/python /usr/bin/flask run"]
    assert only(examine(code, {"app.commands": lambda: running})).outcome is Outcome.PASSED
    assert only(examine(code, {"app.commands": list})).outcome is Outcome.FAILED


def test_an_app_that_does_not_answer_in_time(examine: Examine) -> None:
    """The criterion timed out, the app is revived, and the next test goes on."""
    stop = threading.Event()
    revived: list[bool] = []

    def revive(*, hung: bool) -> None:
        revived.append(hung)

    def answer(request: bytes, connection: object) -> None:
        stop.wait(10)

    with serve(answer) as (host, port):
        done = examine(
            """
            @criterion("a.one")
            def test_a(app):
                app.get("/x")

            @criterion("b.two")
            def test_b(app):
                pass
            """,
            {"app.revive": revive},
            host=host, port=port, request_seconds=0.3,
        )  # fmt: skip
        stop.set()
    assert outcomes(done) == {"a.one": Outcome.TIMED_OUT, "b.two": Outcome.PASSED}
    assert "curl" in done.results[0].evidence
    assert revived == [True]
    assert done.waited >= 0.3


def test_an_app_that_is_gone_is_revived(examine: Examine) -> None:
    """One that stays down costs the criterion, not the run."""
    revived: list[bool] = []

    def revive(*, hung: bool) -> None:
        revived.append(hung)
        msg = "It does not start again."
        raise Mismatch(msg)

    done = examine(
        '@criterion("a.one")\ndef test_a(app):\n    app.get("/")\n',
        {"app.revive": revive},
        port=1,
    )
    assert only(done).outcome is Outcome.FAILED
    assert revived == [False]


@pytest.mark.parametrize("fixture", [False, True], ids=["in the test", "in a fixture"])
def test_another_exception_is_the_suites_fault(examine: Examine, fixture: bool) -> None:
    """The criterion is broken; file and line are named."""
    where = "@pytest.fixture\ndef data():" if fixture else "@criterion('a.one')\ndef test_a():"
    code = f"{where}\n    return {{}}['id']\n"
    if fixture:
        code += "\n@criterion('a.one')\ndef test_a(data):\n    pass\n"
    result = only(examine(code))
    assert result.outcome is Outcome.BROKEN
    assert "The suite failed at test_it.py:6 (test_a): KeyError: 'id'" in result.rationale


def test_two_tests_may_share_a_criterion(examine: Examine) -> None:
    """It has one result: passed where both pass, lost with the first that fails."""
    code = """
        @criterion("a.one")
        def test_a(): pass

        @criterion("b.two")
        @pytest.mark.parametrize("n", [1, 2, 3])
        def test_b(n):
            assert n < 2, f"{n} is too much."

        @criterion("a.one")
        def test_c(): pass
        """
    done = examine(code)
    assert outcomes(done) == {"a.one": Outcome.PASSED, "b.two": Outcome.FAILED}
    assert [one.rationale for one in done.results if one.rationale] == ["2 is too much."]


def test_a_need_that_does_not_hold_is_named(examine: Examine) -> None:
    """Needed criteria come first; what rests on a lost one is not reached."""
    done = examine(
        """
        @criterion("c.three")
        def test_c(): raise RuntimeError

        @criterion("b.two")
        def test_b(): raise RuntimeError

        @criterion("a.one")
        def test_a(): assert False, "No."
        """,
        needs={"b.two": ["a.one"], "c.three": ["b.two"]},
    )
    assert [(one.criterion, one.outcome) for one in done.results] == [
        ("a.one", Outcome.FAILED),
        ("b.two", Outcome.NOT_REACHED),
        ("c.three", Outcome.NOT_REACHED),
    ]
    assert done.results[1].rationale == "It needs a.one, which did not hold."


def test_what_only_reads_the_submission_needs_no_app(examine: Examine) -> None:
    """Where the app did not start, a test that uses it is not reached; others run."""
    done = examine(
        """
        @criterion("a.one")
        def test_a(submission):
            assert submission.files() == ()

        @criterion("b.two")
        def test_b(app): raise RuntimeError
        """,
        known={"app.starts": "failed"}, host="", port=0,
    )  # fmt: skip
    assert outcomes(done) == {"a.one": Outcome.PASSED, "b.two": Outcome.NOT_REACHED}
    assert "app.starts" in done.results[1].rationale


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


def test_a_process_that_ends_early_is_said(examine: Examine) -> None:
    """With its status and its last words; what came before is kept."""
    done = examine(
        """
        @criterion("a.one")
        def test_a(): pass

        @criterion("b.two")
        def test_b():
            os.write(2, b"last words\\n")
            os._exit(7)
        """
    )
    assert "The suite's process ended with status 7." in done.crash
    assert outcomes(done) == {"a.one": Outcome.PASSED}


def test_a_suite_past_its_deadline(examine: Examine) -> None:
    """It is stopped; how long the app took to answer tells whose fault it is."""
    done = examine(
        """
        @criterion("a.one")
        def test_a(app):
            app.get("/")

        @criterion("b.two")
        def test_b(): time.sleep(60)
        """,
        deadline=2.5,
    )
    assert done.out_of_time
    assert outcomes(done) == {"a.one": Outcome.PASSED}
    assert 0 < done.waited < 1


def test_a_cancelled_examination_ends_at_once() -> None:
    """Whatever the suite's process is doing."""
    suite = {"survey": True, "root": "/", "paths": []}
    cancel = threading.Event()
    cancel.set()
    process = ExamProcess()
    try:
        with pytest.raises(Cancelled):
            process.examine(suite, {}, deadline=30, cancel=cancel)
    finally:
        process.close()


RESTART = """
@criterion("a.one")
def test_a(app):
    app.restart()

@criterion("b.two")
def test_b(): pass
"""


def test_the_suite_asks_the_grader(examine: Examine) -> None:
    """A call is answered with what it gives; the grader's time is counted apart."""
    called: list[str] = []
    done = examine(RESTART, {"app.restart": lambda: called.append("restart")})
    assert set(outcomes(done).values()) == {Outcome.PASSED}
    assert called == ["restart"]
    assert done.busy > 0


def test_a_call_that_fails_over_the_app_is_the_students_loss(examine: Examine) -> None:
    """Its sentence is the reason."""

    def restart() -> None:
        msg = "It did not start again."
        raise Mismatch(msg)

    done = examine(RESTART, {"app.restart": restart})
    assert outcomes(done) == {"a.one": Outcome.FAILED, "b.two": Outcome.PASSED}
    assert done.results[0].rationale == "It did not start again."
    assert not done.fault


def test_a_call_that_fails_over_the_platform_is_nobodys_loss(examine: Examine) -> None:
    """The criterion is broken, and the run knows of the fault."""

    def restart() -> None:
        msg = "The engine went away."
        raise PlatformError(msg)

    done = examine(RESTART, {"app.restart": restart})
    assert outcomes(done)["a.one"] is Outcome.BROKEN
    assert done.fault == "The engine went away."
    assert "knows no 'app.restart'" in examine(RESTART).fault


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


def test_a_challenges_conftest_is_used(examine: Examine, tmp_path: Path) -> None:
    """Fixtures of its own belong to a suite."""
    tests = tmp_path / "challenge" / "tests"
    tests.mkdir(parents=True)
    (tests / "conftest.py").write_text(
        "import pytest\n\n@pytest.fixture\ndef two():\n    return 2\n"
    )
    code = "@criterion('a.one')\ndef test_a(two): assert two == 2\n"
    assert only(examine(code)).outcome is Outcome.PASSED


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
