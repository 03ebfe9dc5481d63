"""The payment provider's program sends webhooks, and each delivery ends whatever an app does."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from grader.exam.faults import Mismatch
from grader.exam.services.payments import Charge, Payments
from grader.services.payments import webhooks
from grader.waiting import wait_until
from tests.unit.services.payment_programs import (
    ASKED,
    KEY,
    SECRET,
    charged,
    reset,
    running,
    signed_by_stripe,
)
from tests.unit.services.programs import Hook, RunningProgram, ask, free_port


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


# -- webhooks ----------------------------------------------------------------------------------


def test_a_webhook_that_is_not_taken_comes_again(
    server: RunningProgram, payments: Payments, hook: Hook
) -> None:
    hook.statuses = [500, 302]
    charge = charged(server, payments)
    payments.wait_until_told(charge, within=3)
    told = payments.deliveries(charge)
    assert [one.status for one in told] == [500, 302, 200]
    assert len({one.event for one in told}) == 1
    assert {path for path, _, _ in hook.got} == {"/hook"}  # the redirect was not followed


def test_one_that_is_never_taken_is_given_up(
    server: RunningProgram, payments: Payments, hook: Hook
) -> None:
    hook.statuses = [500] * 20
    charge = charged(server, payments)
    assert wait_until(lambda: len(hook.got) == 4, within=10)
    with pytest.raises(Mismatch, match=r"took no webhook of its charge.*it answered 500"):
        payments.wait_until_told(charge, within=0.3)
    assert len(hook.got) == 4


def test_webhooks_wait_and_come_in_any_order(
    server: RunningProgram, payments: Payments, hook: Hook
) -> None:
    payments.hold()
    first, second = (charged(server, payments, metadata={"order": n}) for n in "12")
    time.sleep(0.15)
    assert not hook.got
    assert payments.charges(order="1")[0].status == "pending"
    for charge in (second, first, second):
        payments.deliver(charge).expect_accepted()
    ids = [json.loads(body)["data"]["object"]["id"] for _, _, body in hook.got]
    assert ids == [second.id, first.id, second.id]
    events = [json.loads(body)["id"] for _, _, body in hook.got]
    assert events[0] == events[2] != events[1]
    payments.deliver(first, "refunded")
    assert payments.charges(order="1")[0].status == "refunded"


def test_one_comes_twice_and_at_once(
    server: RunningProgram, payments: Payments, hook: Hook
) -> None:
    payments.repeat(2)
    charge = charged(server, payments)
    payments.wait_until_told(charge, within=3)
    told = payments.deliver_together(charge, 5)
    assert [one.status for one in told] == [200] * 5
    assert len(hook.got) == 7


def test_one_comes_before_the_answer(
    server: RunningProgram, payments: Payments, hook: Hook
) -> None:
    payments.early()
    ask(server.port, "POST", "/v1/charges", ASKED, KEY)
    assert len(hook.got) == 1


@pytest.mark.parametrize("how", ["secret", "unsigned", "body"])
def test_a_forged_one_is_told_from_a_genuine_one(
    how: str, server: RunningProgram, payments: Payments, hook: Hook
) -> None:
    payments.hold()
    charge = charged(server, payments)
    hook.statuses = [400]
    forged = payments.forge(charge, how=how, amount=1).expect_refused()
    assert not forged.genuine
    assert payments.charges()[0].status == "pending"
    _, said, body = hook.got[-1]
    assert not signed_by_stripe(said, body, SECRET)
    assert json.loads(body)["data"]["object"]["amount"] == 1
    with pytest.raises(Mismatch, match="none of the provider's; it answered 200"):
        payments.forge(charge, how=how).expect_refused()


def test_an_old_one_is_genuine_but_for_its_age(
    server: RunningProgram, payments: Payments, hook: Hook
) -> None:
    payments.hold()
    charge = charged(server, payments)
    payments.replay(charge)
    _, said, body = hook.got[-1]
    assert signed_by_stripe(said, body, SECRET, tolerance=4000)
    assert not signed_by_stripe(said, body, SECRET)


def test_a_suite_that_forges_otherwise_is_told(payments: Payments) -> None:
    charge = Charge(
        id="x", amount=1, currency="eur", status="", metadata={}, description="", key=""
    )
    with pytest.raises(AssertionError, match="secret, unsigned, body"):
        payments.forge(charge, how="sideways")


# -- whatever the other side does --------------------------------------------------------------


def is_whole(request: bytes) -> bool:
    """Whether all of a request was read."""
    head, _, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *([0-9]+)", head)
    return length is not None and len(body) >= int(length[1])


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("silent", "did not answer within"), ("drips", "did not answer within"),
        ("endless body", "more than"), ("endless head", "no HTTP"), ("garbage", "no HTTP"),
        ("ends", "no HTTP"), ("interim", "did not answer within"),
    ],
)  # fmt: skip
def test_a_delivery_ends(
    behaviour: str, said: str, server: RunningProgram, payments: Payments,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    if said.startswith("did not"):
        monkeypatch.setattr(webhooks, "SECONDS", 0.5)
    ended = threading.Event()
    sent = {
        "endless body": b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 65536,
        "endless head": b"x: y\r\n" * 900,
        "garbage": b"\xff\r\n\r\n", "drips": b"H", "silent": b"",
        "interim": b"HTTP/1.1 103 Early Hints\r\n\r\n",
    }  # fmt: skip

    def misbehave() -> None:
        connection, _ = listener.accept()
        with connection:
            read = b""
            while not is_whole(read):  # what is left unread at the end would be a reset
                read += connection.recv(65536)
            try:
                if behaviour == "endless head":
                    connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while behaviour != "ends" and not ended.wait(0.02):
                    connection.sendall(sent[behaviour])
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        reset(server, f"127.0.0.1:{listener.getsockname()[1]}")
        payments.hold()
        charge = charged(server, payments)
        peer = threading.Thread(target=misbehave)
        peer.start()
        began = time.monotonic()
        delivery = payments.deliver(charge)
        assert time.monotonic() - began < 4.5  # of the five that a delivery has without a patch
        ended.set()
        peer.join(timeout=5)
    assert delivery.status == 0
    assert said in delivery.failure
    with pytest.raises(Mismatch, match=said):
        delivery.expect_accepted()


def test_nobody_there_is_no_answer(server: RunningProgram, payments: Payments) -> None:
    reset(server, f"127.0.0.1:{free_port()}")
    payments.hold()
    charge = charged(server, payments)
    assert "did not take the connection" in payments.deliver(charge).failure
