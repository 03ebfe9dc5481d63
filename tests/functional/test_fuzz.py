"""`contract.fuzz`, against apps on loopback."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.exam.client import Client
from grader.exam.contract import Contract
from grader.exam.draw import Draw
from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.fuzz import draw_requests, fuzz
from grader.settings import REPOSITORY
from grader.testing import response, serve

CONTRACT = REPOSITORY / "tests" / "challenges" / "probe-fuzz" / "openapi.yml"
Decide = Callable[[str, bytes], tuple[int, object]]


def against(decide: Decide, seed: int = 5, seconds: float = 20) -> tuple[int, list[bytes]]:
    """Fuzz an app that answers as `decide` does; gives the count, and the heads it was sent."""
    heard: list[bytes] = []

    def answer(request: bytes, connection: socket.socket) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        heard.append(head.partition(b"\r\n")[0] + body)
        status, value = decide(head.decode().split(" ")[1], body)
        more = {"Content-Type": "application/json"}
        connection.sendall(response(status, json.dumps(value).encode(), **more))

    with serve(answer) as address:
        app = Client(address, shown="http://localhost:5000", deadline=5, body_cap=1 << 20)
        contract = Contract.read(CONTRACT, app, Draw("x"))
        return fuzz(contract, app, seed=seed, seconds=seconds), heard


def polite(target: str, body: bytes) -> tuple[int, object]:
    return (200, {"result": 1}) if target == "/squares/7" else (400, {})


def test_an_app_that_refuses_holds() -> None:
    """Whatever 4xx it answers: errors have criteria of their own. Good and bad input is sent."""
    count, heard = against(polite)
    assert count == len(heard) > 40
    bodies = [one for one in heard if one.startswith(b"POST /sums")]
    assert any(b'{"numbers": []}' in one for one in bodies)
    assert any(not one.endswith(b"}") for one in bodies)
    assert any(one.startswith(b"GET /squares/-") for one in heard)


def test_one_seed_sends_one_list() -> None:
    """In the same order, whatever the app answers; another seed sends others."""
    first, again = against(polite)[1], against(lambda *_: (404, {}))[1]
    assert first == again
    assert against(polite, seed=6)[1] != first


def crashes(target: str, body: bytes) -> tuple[int, object]:
    return (500, {}) if target == "/sums" and not body.startswith(b"{") else (400, {})


@pytest.mark.parametrize(
    ("decide", "sentence"),
    [
        (crashes, "POST /sums answered 500 to this input. The contract declares 200, 400;"),
        (lambda *_: (503, {}), "answered 503 to this input"),
        (lambda *_: (200, {"result": "one"}), "breaks the contract"),
        (lambda *_: (400, "Traceback (most recent call last)"), "shows a stack trace"),
    ],
)
def test_what_goes_wrong_is_told_with_its_request(decide: Decide, sentence: str) -> None:
    """A curl line and what came back; the shortest request is shown."""
    with pytest.raises(Mismatch) as caught:
        against(decide)
    assert sentence in str(caught.value)
    assert str(caught.value.exchange).startswith("curl -i ")
    assert len(str(caught.value.exchange)) < 400


def test_time_is_bounded() -> None:
    """Once it is over nothing more is sent, and what was sent counts."""
    assert against(polite, seconds=-1)[0] == 0


def test_without_schemathesis_it_is_no_fault_of_the_app(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The run is ungradable, and the sentence says what to install."""
    monkeypatch.setitem(sys.modules, "schemathesis", None)
    contract = Contract.read(CONTRACT, Client(("", 0), shown="", deadline=1, body_cap=1), Draw("x"))
    with pytest.raises(PlatformFault, match="install it: pip install schemathesis"):
        draw_requests(contract, 1)
