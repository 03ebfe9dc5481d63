"""The channel between the grader and a suite's process."""

import json
import socket
import threading
from collections.abc import Iterator

import pytest

from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.protocol import Channel, WireError

RESULT = {
    "kind": "result",
    "criterion": "a.b",
    "outcome": "failed",
    "rationale": "línea\n2 \u2028 😀",
    "evidence": "",
    "duration": 0.5,
    "waited": 0,
}


@pytest.fixture
def pair() -> Iterator[tuple[Channel, Channel]]:
    ours, theirs = map(Channel, socket.socketpair())
    yield ours, theirs
    ours.close()
    theirs.close()


def test_messages_arrive_as_they_were_sent(pair: tuple[Channel, Channel]) -> None:
    """Newlines and any script within a message are no matter."""
    ours, theirs = pair
    ours.send(RESULT)
    assert theirs.receive() == RESULT


@pytest.mark.parametrize(
    "line",
    [
        b"no json",
        b'{"kind": "result"}',
        b'{"kind": "score", "earned": 100}',
        json.dumps(RESULT | {"outcome": "excellent"}).encode(),
        json.dumps(RESULT | {"points": 100}).encode(),
    ],
)
def test_a_message_of_no_known_form_is_refused(line: bytes) -> None:
    """Nothing is believed that the schema does not know."""
    ours, theirs = socket.socketpair()
    channel = Channel(ours)
    with theirs:
        theirs.sendall(line + b"\n")
        with pytest.raises(WireError, match="malformed"):
            channel.receive()
    channel.close()


def test_the_end_is_none(pair: tuple[Channel, Channel]) -> None:
    """A side that has gone is told from one that says nonsense."""
    ours, theirs = pair
    ours.close()
    assert theirs.receive() is None
    with pytest.raises(WireError, match="has gone"):
        theirs.send({"kind": "end"})


@pytest.mark.parametrize(
    ("reply", "error"),
    [({"fault": "student"}, Mismatch), ({"fault": "platform"}, PlatformFault)],
)
def test_a_failed_call_says_whose_fault_it_was(
    pair: tuple[Channel, Channel], reply: dict[str, str], error: type[Exception]
) -> None:
    """An app that does not come back is the student's; an engine that has gone is ours."""
    ours, theirs = pair

    def answer() -> None:
        message = ours.receive()
        assert message is not None
        ours.send({"kind": "reply", "id": message["id"], "value": "why"} | reply)

    threading.Thread(target=answer, daemon=True).start()
    with pytest.raises(error, match="why"):
        theirs.call("app.restart")
