"""The payment provider's program on loopback, charges at it, and who signed a webhook."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from grader.exam.services.payments import Charge, Payments
from grader.services.double import admission
from grader.services.payments import provider
from grader.services.payments.provider import PaymentProgram
from tests.unit.services.programs import PASSWORD, Hook, RunningProgram, ask, free_port

KEY = {"Authorization": "Bearer sk_test_1"}
SECRET = "whsec_1"
ASKED = {"amount": 1250, "currency": "EUR", "metadata": {"order": "7"}}


@contextmanager
def running(monkeypatch: pytest.MonkeyPatch, hook: Hook) -> Iterator[RunningProgram]:
    """The program on a free port of loopback, which tells `hook` of charges, for the block."""
    monkeypatch.setattr(admission, "ANYWHERE", "127.0.0.1")
    monkeypatch.setattr(provider, "PAUSES", (0.05, 0.05, 0.05))
    port = free_port()
    made = RunningProgram(PaymentProgram(PASSWORD, port), port)
    reset(made, hook.at)
    try:
        yield made
    finally:
        made.close()


def reset(server: RunningProgram, app: str) -> None:
    server.order("reset", user="acct_1", password="sk_test_1", app=app, path="/hook", secret=SECRET)


def charged(server: RunningProgram, payments: Payments, **asked: Any) -> Charge:
    """A charge, as the suite sees it."""
    status, made = ask(server.port, "POST", "/v1/charges", {**ASKED, **asked}, KEY)
    assert status == 200
    return next(one for one in payments.charges() if one.id == made["id"])


def signed_by_stripe(headers: Any, body: bytes, secret: str, tolerance: float = 300) -> bool:
    """Whether a webhook is genuine, as the libraries of Stripe's look at it."""
    parts = dict(one.split("=", 1) for one in headers.get("Stripe-Signature", "t=0,v1=").split(","))
    signed = hmac.new(secret.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256)
    return hmac.compare_digest(signed.hexdigest(), parts["v1"]) and (
        abs(time.time() - int(parts["t"])) < tolerance
    )
