"""The channel between the grader and a suite's process."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import fields
from fractions import Fraction
from typing import Any, get_args

import pytest

from grader.exam import channel
from grader.exam.channel import Channel, WireError, decode, encode
from grader.exam.compose_view import ComposeView
from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.protocol import (
    MESSAGES,
    AnswerTime,
    AppAddress,
    Begin,
    Call,
    CallResult,
    Collect,
    CriteriaToExamine,
    CriterionResult,
    End,
    ExamDescription,
    ExamFiles,
    InjectedValues,
    MarkedTest,
    Message,
    ServiceDescription,
    SuiteDescription,
    SuiteProblems,
    Survey,
    UnmetNeed,
)
from grader.exam.serialization import to_json
from grader.model import Outcome, Part, PartResult

EXAM = ExamDescription(
    criteria=CriteriaToExamine(
        only=("a.b",),
        order=(("a.b",), ()),
        needs={"a.b": ("app.starts",)},
        hidden=("a.b",),
        sealed=("a.b",),
        parts={"a.b": (Part(id="x", title="X", points=Fraction(3, 2)),)},
        known={"app.starts": Outcome.PASSED},
    ),
    app=AppAddress(host="127.0.0.1", port=80, shown="http://x", request_seconds=2.5, body_cap=9),
    seed=7,
    injected=InjectedValues(secrets={"KEY": "k"}, environment={"TITLE": "t"}),
    files=ExamFiles(snapshot="/s", dockerfile=None, contract="/c"),
    services=(ServiceDescription(name="toy", fixture="t", target="m:C", access={"port": [1]}),),
    compose=ComposeView(
        path="compose.yml", app="web", database="db", services={"web": {"built": True}},
        networks=("n",), volumes=(), missing=(),
    ),
)  # fmt: skip
RESULT = CriterionResult(
    criterion="a.b",
    outcome=Outcome.FAILED,
    rationale="línea\n2 \u2028 😀",
    evidence="",
    duration=0.5,
    time=AnswerTime(waited=1, answered=0.5),
    kept=Fraction(2, 3),
    parts=(
        PartResult(id="x", title="X", points=2, outcome=Outcome.PASSED, rationale=""),
        PartResult(id="y", title="Y", points=Fraction(1, 2), outcome=Outcome.FAILED, rationale="n"),
    ),
    hidden_reason="another reason",
    hinted=False,
)
SURVEY = Survey(
    tests=(MarkedTest(name="test[a\tb]", path="tests/test_it.py", line=3, criterion="a.b"),),
    problems=("tests/test_c.py:1: it cannot be collected.",),
)
EACH: list[Message] = [
    Collect(suite=SuiteDescription(root="/r", paths=("/r/tests",), survey=True)),
    Begin(exam=EXAM),
    RESULT,
    UnmetNeed(criterion="a.b", need="a.a", duration=0.5, time=RESULT.time),
    RESULT.time,
    Call(id=1, name="app.revive", arguments={"hung": True}),
    CallResult(id=1, value={"a": [None, 1.5]}),
    CallResult(id=2, fault="student", reason="It did not start."),
    SuiteProblems(problems=("one", "two")),
    SURVEY,
    End(),
]


@pytest.fixture
def pair() -> Iterator[tuple[Channel, Channel]]:
    ours, theirs = map(Channel, socket.socketpair())
    yield ours, theirs
    ours.close()
    theirs.close()


@pytest.mark.parametrize("message", EACH, ids=lambda one: type(one).__name__)
def test_messages_arrive_as_they_were_sent(pair: tuple[Channel, Channel], message: Message) -> None:
    """Newlines and any script within a message are no matter."""
    ours, theirs = pair
    ours.send(message)
    assert theirs.receive() == message


def test_every_message_is_tried_here() -> None:
    """A new one is to be added above."""
    assert {type(one) for one in EACH} == set(get_args(Message)) == set(MESSAGES.values())


def test_no_value_that_is_exchanged_grows_past_ten_fields() -> None:
    """What belongs together is grouped."""
    told = [EXAM, *(getattr(EXAM, one.name) for one in fields(EXAM)), *EACH]
    for value in told:
        if hasattr(value, "__dataclass_fields__"):
            assert len(fields(value)) <= 10, type(value).__name__


def test_a_result_is_the_graders_own_again() -> None:
    """What is sent of a `CheckResult` comes back as one."""
    assert CriterionResult.of(RESULT.result(), RESULT.time) == RESULT


def line(message: Message, **changes: Any) -> bytes:
    """`message` with other fields; None leaves one out."""
    content = json.loads(encode(message)) | changes
    return json.dumps({name: one for name, one in content.items() if one is not None}).encode()


PART = to_json(RESULT.parts[0])


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"no json", "Expecting value"),
        (b"[" * 100_000, "malformed"),
        (b"[]", "it is no object"),
        (b"{}", "its kind is None, which is none of Collect, Begin"),
        (b'{"kind": ["End"]}', r"its kind is \['End'\]"),
        (b'{"kind": "score", "earned": 100}', "its kind is 'score'"),
        (line(End(), score=100), "End has score, which End does not know"),
        (line(RESULT, rationale=None), "CriterionResult lacks rationale"),
        (line(RESULT, points=100), "CriterionResult has points"),
        (line(RESULT, outcome="excellent"), "outcome must be one of 'passed', 'failed'"),
        (line(RESULT, criterion=""), "criterion must have a length of 1 to 200, not 0"),
        (line(RESULT, rationale="x" * 20_001), "rationale must have a length of 0 to 20000"),
        (line(RESULT, duration=-1), "duration must be a finite number of at least 0, not -1"),
        (line(RESULT, duration=float("nan")), "duration must be a finite number"),
        (line(RESULT, duration=float("inf")), "duration must be a finite number"),
        (line(RESULT, duration=True), "duration must be a number, not True"),
        (line(RESULT, hinted=1), "hinted must be true or false, not 1"),
        (line(RESULT, kept="3/2"), "kept must be a share of at most 1, not 3/2"),
        (line(RESULT, kept="1/0"), 'kept must be a fraction such as "2/3"'),
        (line(RESULT, kept="9" * 5000), "kept must be a fraction"),
        (line(RESULT, time={"waited": 1}), "CriterionResult.time lacks answered"),
        (line(RESULT, parts=[PART] * 101), "parts must have a length of 0 to 100, not 101"),
        (line(RESULT, parts=[PART | {"outcome": "broken"}]), "no part can be broken"),
        (line(RESULT, parts=[PART, {"id": 1}]), r"parts\[1\] lacks outcome"),
        (line(SURVEY, tests=["test\ta.b"]), r"Survey.tests\[0\] must be an object"),
        (line(Call(id=1, name="x", arguments={}), arguments=[]), "arguments must be an object"),
        (line(CallResult(id=1), fault="nobody"), "fault must be one of 'student', 'platform'"),
    ],
)  # fmt: skip
def test_a_message_of_no_known_form_is_refused(raw: bytes, said: str) -> None:
    """Nothing is believed that the dataclasses do not describe, and the place is named."""
    with pytest.raises(WireError, match=f"malformed.*{said}" if said != "malformed" else said):
        decode(raw)


def test_a_malformed_line_ends_the_conversation() -> None:
    """It is told from an end."""
    ours, theirs = socket.socketpair()
    channel = Channel(ours)
    with theirs:
        theirs.sendall(b'{"kind": "result"}\n')
        with pytest.raises(WireError, match="malformed"):
            channel.receive()
    channel.close()


def test_the_end_is_none(pair: tuple[Channel, Channel]) -> None:
    """A side that has gone is told from one that says nonsense."""
    ours, theirs = pair
    ours.close()
    assert theirs.receive() is None
    with pytest.raises(WireError, match="has gone"):
        theirs.send(End())


def answering(channel: Channel, answer: Message) -> None:
    """Receive one message and send `answer`, on a thread of its own."""

    def run() -> None:
        assert isinstance(channel.receive(), Call)
        channel.send(answer)

    threading.Thread(target=run, daemon=True).start()


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (CallResult(id=1, fault="student", reason="why"), Mismatch, "why"),
        (CallResult(id=1, fault="platform", reason="why"), PlatformFault, "why"),
        (CallResult(id=2, value="of another call"), PlatformFault, "did not answer app.restart"),
        (End(), PlatformFault, "did not answer app.restart"),
    ],
)
def test_a_failed_call_says_whose_fault_it_was(
    pair: tuple[Channel, Channel], answer: Message, error: type[Exception], said: str
) -> None:
    """An app that does not come back is the student's; an engine that has gone is ours."""
    ours, theirs = pair
    answering(ours, answer)
    with pytest.raises(error, match=said):
        theirs.call("app.restart")


def test_an_answer_that_is_too_long_is_the_students_loss(
    pair: tuple[Channel, Channel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told in its place; one that is just short enough arrives."""
    ours, theirs = pair
    long = CallResult(id=1, value="a" * 500)
    for most, fault in ((len(encode(long)), None), (len(encode(long)) - 1, "student")):
        monkeypatch.setattr(channel, "MAX_LINE", most)
        ours.answer(long)
        told = theirs.receive()
        assert isinstance(told, CallResult)
        assert (told.fault, told.reason) == (fault, channel.TOO_LONG if fault else "")
