"""The suite's process: what it asks of the grader, and how it ends."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from grader.errors import Cancelled, PlatformError
from grader.exam.faults import Mismatch
from grader.exam.protocol import SuiteDescription
from grader.exam.runner import ExamProcess
from grader.model import Outcome
from grader.testing import Answer, reply, serve
from tests.functional.suite.results import Examine, only, outcomes


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


@pytest.mark.slow
def test_an_answer_that_is_too_long_is_the_students_loss(examine: Examine) -> None:
    """Whatever can be so long comes from the submission; the run goes on."""
    code = """
        @criterion("a.one")
        def test_a(submission): submission.log

        @criterion("b.two")
        def test_b(submission): submission.files()
        """
    commits = [{"subject": "\0" * 3_000_000}]
    done = examine(code, {"submission.log": lambda: {"commits": commits, "unread": ""}})
    first, second = done.results
    assert (first.outcome, second.outcome) == (Outcome.FAILED, Outcome.PASSED)
    assert "comes to more than 16 MiB" in first.rationale
    assert not done.crash


def test_a_call_that_fails_over_the_platform_is_nobodys_loss(examine: Examine) -> None:
    """The criterion is broken, and the run knows of the fault."""

    def restart() -> None:
        msg = "The engine went away."
        raise PlatformError(msg)

    done = examine(RESTART, {"app.restart": restart})
    assert outcomes(done)["a.one"] is Outcome.BROKEN
    assert done.fault == "The engine went away."
    assert "knows no 'app.restart'" in examine(RESTART).fault


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
    suite = SuiteDescription(root="/", paths=())
    cancel = threading.Event()
    cancel.set()
    process = ExamProcess()
    try:
        with pytest.raises(Cancelled):
            process.survey(suite, deadline=30, cancel=cancel)
    finally:
        process.close()


def test_a_traceback_is_told_once(tmp_path: Path, examine: Examine) -> None:
    """Files that fail over one helper are named, and the traceback stands there once."""
    tests = tmp_path / "challenge" / "tests"
    tests.mkdir(parents=True)
    for name in ("test_b.py", "test_c.py"):
        (tests / name).write_text("raise RuntimeError('one helper')\n")
    done = examine("def test_a(): pass")
    first, second = done.problems
    assert first.count("RuntimeError: one helper") == 1
    assert second == "tests/test_c.py cannot be collected: it fails as tests/test_b.py does."


def test_a_helper_alongside_the_tests_is_imported_by_its_name(
    tmp_path: Path, examine: Examine
) -> None:
    """As in any pytest suite; its assertions are those of the test."""
    tests = tmp_path / "challenge" / "tests"
    tests.mkdir(parents=True)
    (tests / "helpers.py").write_text("def need(value):\n    assert value, 'It needs a value.'\n")
    code = """
        from helpers import need

        @criterion("a.one")
        def test_a(): need(0)

        @criterion("b.two")
        def test_b(app): app.get("/").expect([200, 204])

        @criterion("c.three")
        def test_c(app): app.get("/").expect("200")
        """
    done = {one.criterion: one for one in examine(code).results}
    assert done["a.one"].rationale == "It needs a value."
    assert done["b.two"].outcome is Outcome.PASSED
    assert done["c.three"].outcome is Outcome.BROKEN
    assert "TypeError: expect() takes statuses" in done["c.three"].rationale


MANY = """
@criterion("a.one")
def test_a(app):
    for _ in range(12): app.get("/")

@criterion("b.two")
def test_b(app): app.get("/").expect(200)
"""


def slow(seconds: float) -> Answer:
    """An app that takes so long for every answer."""

    def answer(request: bytes, connection: socket.socket) -> None:
        threading.Event().wait(seconds)
        reply(200, "{}", Content_Type="application/json")(request, connection)

    return answer


def test_a_slow_app_is_given_what_it_needs(
    examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers within the limit of a request do not use up the suite's own time."""
    with serve(slow(0.6)) as (host, port):
        done = examine(MANY, host=host, port=port, deadline=4)
    assert set(outcomes(done).values()) == {Outcome.PASSED}
    assert done.answered > 7
    assert not done.out_of_time
    monkeypatch.setattr("grader.exam.runner.PATIENCE", 0.5)
    with serve(slow(0.6)) as (host, port):
        done = examine(MANY, host=host, port=port, deadline=2.5)
    assert done.out_of_time, "there is a bound for all of it"


def test_what_is_not_answered_in_time_uses_up_the_suites_time(examine: Examine) -> None:
    """It is the app's own loss; what was found before is kept."""
    code = """
    @criterion("c.three")
    def test_c(): pass
    """ + "".join(
        f"\n    @criterion('{name}')\n    def test_{at}(app): app.get('/')\n"
        for at, name in enumerate(["a.one", "b.two"])
    )
    with serve(slow(5)) as (host, port):
        done = examine(
            code, {"app.revive": lambda hung: None}, host=host, port=port, deadline=2.5,
            request_seconds=1.5,
        )  # fmt: skip
    assert done.out_of_time
    assert outcomes(done) == {"c.three": Outcome.PASSED, "a.one": Outcome.TIMED_OUT}
    assert done.answered == 0
    assert done.waited >= 1.5
