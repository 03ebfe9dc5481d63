"""The payment provider's program answers what apps ask: it charges once, and refuses the rest."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.services.payments import Payments
from grader.services.double import admission
from grader.services.double import http as bounded
from grader.services.payments import ledger
from tests.unit.services.payment_programs import (
    ASKED,
    KEY,
    SECRET,
    charged,
    running,
    signed_by_stripe,
)
from tests.unit.services.programs import Hook, RunningProgram, ask


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    yield made
    made.close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, hook: Hook) -> Iterator[RunningProgram]:
    with running(monkeypatch, hook) as made:
        yield made


@pytest.fixture
def payments(server: RunningProgram) -> Payments:
    return Payments(server.call, server.told)


# -- charges -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["json", "form"])
def test_a_charge_is_made_and_told(
    kind: str, server: RunningProgram, payments: Payments, hook: Hook
) -> None:
    headers, body = {**KEY}, json.dumps(ASKED).encode()
    headers["Content-Type"] = "application/json"
    if kind == "form":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode({"amount": 1250, "currency": "EUR", "metadata[order]": "7"}).encode()
    status, made = ask(server.port, "POST", "/v1/charges", body, headers)
    assert (status, made["status"], made["amount"], made["currency"]) == (
        200,
        "pending",
        1250,
        "eur",
    )
    (charge,) = payments.wait_for(order="7")
    told = payments.wait_until_told(charge, within=3)
    assert (told.status, told.kind, told.genuine) == (200, "succeeded", True)
    ((path, said, sent),) = hook.got
    assert path == "/hook"
    assert signed_by_stripe(said, sent, SECRET)
    event = json.loads(sent)
    assert event["type"] == "charge.succeeded"
    assert event["id"] == told.event
    assert event["data"]["object"]["metadata"] == {"order": "7"}
    assert event["data"]["object"]["status"] == "succeeded"
    assert ask(server.port, "GET", f"/v1/charges/{charge.id}", None, KEY)[1]["paid"] is True
    assert payments.charges(order="8") == []


@pytest.mark.parametrize(
    "asked",
    [
        {"amount": 0}, {"amount": -5}, {"amount": 1.5}, {"amount": True}, {"amount": "12,5"},
        {"amount": 10**9}, {"amount": None}, {"currency": "euro"}, {"currency": 5},
        {"metadata": "x"}, {"metadata": {str(n): "x" for n in range(99)}},
    ],
)  # fmt: skip
def test_what_is_no_charge_is_refused(
    asked: dict[str, Any], server: RunningProgram, payments: Payments
) -> None:
    status, said = ask(server.port, "POST", "/v1/charges", {**ASKED, **asked}, KEY)
    assert status == 400
    assert said["error"]["message"]
    assert payments.charges() == []
    assert [one.code for one in payments.attempts()] == [400]


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"[]", b"\xff\xfe"])
def test_a_body_that_is_none_is_refused(body: bytes, server: RunningProgram) -> None:
    headers = {**KEY, "Content-Type": "application/json"}
    assert ask(server.port, "POST", "/v1/charges", body, headers)[0] == 400


@pytest.mark.parametrize(
    ("said", "guessed"),
    [
        ("", False),
        ("Bearer wrong", True),
        ("Basic d3Jvbmc6", True),
        ("Basic %", False),
        ("\xff", False),
    ],
)
def test_a_wrong_key_is_refused_and_noted(said: str, guessed: bool, server: RunningProgram) -> None:
    headers = {"Authorization": said} if said else {}
    assert ask(server.port, "POST", "/v1/charges", ASKED, headers)[0] == 401
    assert server.order("refusals")["refusals"] == [
        {"user": "acct_1", "host": "127.0.0.1", "guessed": guessed}
    ]


def test_a_key_comes_by_basic_too(server: RunningProgram) -> None:
    basic = base64.b64encode(b"sk_test_1:").decode()
    status, said = ask(server.port, "GET", "/v1/account", None, {"Authorization": f"Basic {basic}"})
    assert (status, said["id"]) == (200, "acct_1")


def test_one_idempotency_key_is_one_charge(server: RunningProgram, payments: Payments) -> None:
    headers = {**KEY, "Idempotency-Key": "order-7"}
    payments.drop(1)
    with pytest.raises((http.client.HTTPException, OSError)):
        ask(server.port, "POST", "/v1/charges", ASKED, headers)
    again = [ask(server.port, "POST", "/v1/charges", ASKED, headers)[1]["id"] for _ in range(2)]
    (charge,) = payments.exactly(1, quiet=0.1)
    assert again == [charge.id] * 2
    assert charge.key == "order-7"
    assert [one.code for one in payments.attempts()] == [0, 200, 200]
    assert ask(server.port, "POST", "/v1/charges", {**ASKED, "amount": 1}, headers)[0] == 400
    assert len(payments.deliveries(charge)) <= 1


def test_without_one_the_second_request_charges_twice(
    server: RunningProgram, payments: Payments
) -> None:
    payments.drop(1)
    with pytest.raises((http.client.HTTPException, OSError)):
        ask(server.port, "POST", "/v1/charges", ASKED, KEY)
    charged(server, payments)
    with pytest.raises(Mismatch, match=r"One charge and no more should come.*there are 2"):
        payments.exactly(1, quiet=0.1, order="7")


def test_what_goes_wrong_goes_wrong_so_often(server: RunningProgram, payments: Payments) -> None:
    def tried() -> int:
        return ask(server.port, "POST", "/v1/charges", ASKED, KEY)[0]

    payments.decline(1)
    payments.fail(2, code=500)
    assert [tried() for _ in range(4)] == [500, 500, 402, 200]
    payments.drop(1, kept=False)
    with pytest.raises((http.client.HTTPException, OSError)):
        tried()
    payments.decline()
    payments.delay(0.2)  # what was used up does not come again
    began = time.monotonic()
    assert tried() == 402
    assert time.monotonic() - began >= 0.2
    payments.begin_test()
    assert tried() == 200
    assert len(payments.charges()) == 2


def test_more_charges_than_are_kept_are_the_app_s_loss(
    server: RunningProgram, payments: Payments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "KEPT_CHARGES", 1)
    charged(server, payments)
    assert ask(server.port, "POST", "/v1/charges", ASKED, KEY)[0] == 429
    with pytest.raises(Mismatch, match="more charges than the exam keeps"):
        payments.charges()


# -- tenants, orders, outages ------------------------------------------------------------------


def test_a_reset_leaves_nothing(server: RunningProgram, payments: Payments, hook: Hook) -> None:
    guest = server.order("guest", user="acct_2", password="sk_test_2")["port"]
    hook.statuses = [500] * 20
    charged(server, payments)
    payments.decline()
    server.order("reset", user="acct_3", password="sk_test_3")
    before = len(hook.got)
    time.sleep(0.2)
    assert len(hook.got) == before  # nor does a webhook come that was on its way
    assert (payments.charges(), payments.attempts(), payments.deliveries()) == ([], [], [])
    assert ask(server.port, "GET", "/v1/account", None, KEY)[0] == 401
    now = {"Authorization": "Bearer sk_test_3"}
    assert ask(server.port, "POST", "/v1/charges", ASKED, now)[0] == 200
    with pytest.raises(OSError):
        ask(guest, "GET", "/v1/account", None, {"Authorization": "Bearer sk_test_2"})


def test_a_guest_has_a_provider_of_its_own(
    server: RunningProgram, payments: Payments, hook: Hook
) -> None:
    guest = server.order("guest", user="acct_2", password="sk_test_2")["port"]
    own = {"Authorization": "Bearer sk_test_2"}
    assert ask(guest, "POST", "/v1/charges", ASKED, own)[0] == 200
    assert ask(guest, "POST", "/v1/charges", ASKED, KEY)[0] == 401
    assert ask(server.port, "POST", "/v1/charges", ASKED, own)[0] == 401
    users = [one["user"] for one in server.order("refusals")["refusals"]]
    assert sorted(users) == ["acct_1", "acct_2"]
    assert payments.charges() == []
    time.sleep(0.15)
    assert not hook.got


def test_nobody_is_known_before_there_is_an_account(server: RunningProgram) -> None:
    server.order("reset", user="", password="")
    for said in ("Bearer ", "Bearer", "Basic Og=="):
        assert ask(server.port, "GET", "/v1/account", None, {"Authorization": said})[0] == 401


@pytest.mark.parametrize(
    "said", ["", "Grader", "Grader ", "Grader wrong", "\xff", "Bearer sk_test_1"]
)
def test_to_an_app_there_are_no_orders(said: str, server: RunningProgram) -> None:
    headers = {"Authorization": said} if said else {}
    status, _ = ask(server.port, "POST", "/-grader", {"do": "reset"}, headers)
    assert status == (404 if said.startswith("Bearer") else 401)


def test_who_holds_connections_loses_the_oldest(
    server: RunningProgram, payments: Payments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "CLIENTS", 5)
    held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(5)]
    assert payments.charges() == []
    held[0].settimeout(5)
    assert held[0].recv(1) == b""
    for one in held:
        one.close()


@pytest.mark.parametrize("sent", [b"", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n"])
def test_a_request_that_does_not_come_ends(
    sent: bytes, server: RunningProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "IDLE_SECONDS", 0.2)
    monkeypatch.setattr(bounded, "REQUEST_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        raw.sendall(sent)
        assert raw.recv(1) == b""


def test_a_body_has_a_largest_size(server: RunningProgram) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        raw.sendall(b"POST /v1/charges HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
        try:
            for _ in range(40):
                raw.sendall(b"x" * 65536)
        except OSError:
            pass
        else:
            assert raw.recv(12) == b"HTTP/1.1 413"


def test_a_connection_is_kept_and_asked_to_go_on(server: RunningProgram) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        answers = raw.makefile("rb")
        for _ in range(2):
            raw.sendall(b"HEAD /v1/account HTTP/1.1\r\nHost: x\r\n\r\n")
            assert answers.readline() == b"HTTP/1.1 401 Unauthorized\r\n"
            while answers.readline() != b"\r\n":
                pass
        raw.sendall(
            b"POST /v1/charges HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
            b"Content-Length: 2\r\n\r\n"
        )
        assert answers.readline() == b"HTTP/1.1 100 Continue\r\n"
        answers.readline()
        raw.sendall(b"{}")
        assert answers.readline() == b"HTTP/1.1 401 Unauthorized\r\n"


def test_it_is_stopped_and_started(server: RunningProgram, payments: Payments, hook: Hook) -> None:
    charge = charged(server, payments)
    server.stop()
    with pytest.raises(PlatformFault, match="did not answer"):
        payments.charges()
    server.dead = True
    with pytest.raises(Mismatch, match="does not run"):
        payments.charges()
    time.sleep(0.2)
    server.do(server.program.listen())
    assert [one.id for one in payments.charges()] == [charge.id]
    payments.wait_until_told(charge, within=3)  # what was on its way comes after it
