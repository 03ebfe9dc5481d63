"""What each way for a test of a suite to end comes to."""

from __future__ import annotations

import threading
import time

import pytest

from grader.exam.faults import Mismatch
from grader.exam.operations import RequestLog
from grader.model import Outcome
from grader.testing import reply, serve
from tests.functional.suite.results import Examine, only, outcomes


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


ASKS = '@criterion("a.one")\ndef test_a(app):\n    app.get("/x").expect(200)\n'
PRINTED = RequestLog(lines="GET /x\nKeyError: 'value'", raised="KeyError: 'value' (/app/app.py)")


@pytest.mark.parametrize("status", [500, 502, 599])
def test_a_loss_to_an_error_of_the_server_shows_what_the_app_printed(
    examine: Examine, status: int
) -> None:
    """Of that request: from when it was sent to a moment after its answer."""
    asked: list[tuple[float, float]] = []

    def printed(since: float, until: float) -> RequestLog:
        asked.append((since, until))
        return PRINTED

    begun = time.time()
    with serve(reply(status, "broken", Content_Type="text/plain")) as (host, port):
        result = only(examine(ASKS, {"app.printed": printed}, host=host, port=port))
    assert result.outcome is Outcome.FAILED
    assert f"answered {status}" in result.rationale
    assert result.rationale.endswith(" Its log says: KeyError: 'value' (/app/app.py)")
    assert f"< HTTP {status}" in result.evidence
    assert result.evidence.endswith("The app's log of that request:\nGET /x\nKeyError: 'value'")
    ((since, until),) = asked
    assert begun <= since < until < time.time() + 1


def test_a_loss_without_an_answer_shows_what_the_app_printed(examine: Examine) -> None:
    """It closed the connection."""
    with serve(lambda request, connection: None) as (host, port):
        calls = {"app.printed": lambda since, until: PRINTED, "app.revive": lambda hung: None}
        result = only(examine(ASKS, calls, host=host, port=port))
    assert "Its log says: KeyError: 'value'" in result.rationale
    assert "The app's log of that request:" in result.evidence


@pytest.mark.parametrize("status", [302, 404, 499])
def test_no_other_loss_shows_a_log(examine: Examine, status: int) -> None:
    """An answer of the app's own says it all, and the log is not even asked for."""
    asked: list[float] = []

    def printed(since: float, until: float) -> RequestLog:
        asked.append(since)
        return PRINTED

    with serve(reply(status, "none", Content_Type="text/plain")) as (host, port):
        result = only(examine(ASKS, {"app.printed": printed}, host=host, port=port))
    assert result.outcome is Outcome.FAILED
    assert f"answered {status}" in result.rationale
    assert "log" not in f"{result.rationale}{result.evidence}"
    assert asked == []


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
    assert [one.need for one in done.results] == ["", "a.one", "b.two"]


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


def test_what_rests_on_a_history_that_was_not_read_is_not_reached(examine: Examine) -> None:
    """The criterion has not passed; the rationale says how a whole clone is handed in."""
    code = '@criterion("a.one")\ndef test_a(submission):\n    assert submission.log == []\n'
    calls = {"submission.log": lambda: {"commits": [], "unread": "it is a shallow clone."}}
    result = only(examine(code, calls))
    assert result.outcome is Outcome.NOT_REACHED
    assert "it is a shallow clone." in result.rationale
