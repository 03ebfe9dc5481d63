"""The program of the payment provider: charges over HTTP with an API key, and their webhooks."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import os
import re
import time
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from grader.services.double.http import HttpRequest, Response
from grader.services.double.tenants import Program, answered, page, serve
from grader.services.payments.ledger import (
    LONGEST_DELAY,
    MOST_AMOUNT,
    MOST_TIMES,
    MOST_VALUES,
    VALUE,
    ChargeOrders,
    Ledger,
    LedgerCharge,
)
from grader.services.payments.webhooks import Answer, deliver, signature

PORT = 12111
PAUSES = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Seconds before each further attempt to hand over a webhook."""
SETTLES = 0.05
"""Seconds between the answer to a request and the webhook of its charge."""
DELIVERIES = 50
"""Webhooks that are handed over at a time."""


class PaymentProgram(Program[Ledger]):
    """Makes charges, and tells their apps."""

    def __init__(self, password: str, port: int = PORT) -> None:
        super().__init__(password, port)
        self._up = asyncio.Event()
        self._tasks: dict[int, set[asyncio.Task[None]]] = {}
        """What goes on for each ledger, by its identity."""
        self._room = asyncio.Semaphore(DELIVERIES)

    def tenant(self, told: Mapping[str, Any], port: int) -> Ledger:
        """Return a ledger without charges."""
        known = ("user", "password", "app", "path", "secret")
        return Ledger(**{name: told[name] for name in known if name in told})

    def forget(self, tenant: Ledger) -> None:
        """End its deliveries."""
        for task in self._tasks.pop(id(tenant), ()):
            task.cancel()

    async def listen(self) -> None:
        """Listen, and go on with what was to be delivered."""
        await super().listen()
        self._up.set()

    def stop(self) -> None:
        """Stop, deliveries included."""
        self._up.clear()
        super().stop()

    # -- what apps ask -------------------------------------------------------------------------

    async def answer(self, tenant: Ledger, request: HttpRequest) -> Response:
        """Answer a request of the API."""
        if not tenant.allows(key_of(request), request.host):
            return refused(401, "invalid_request_error", "Invalid API key provided.")
        if request.method == "POST" and request.path == "/v1/charges":
            return await self._charge(tenant, request)
        found = re.fullmatch(r"/v1/charges/(\w{1,64})", request.path)
        if request.method == "GET" and found and found[1] in tenant.charges:
            return answered(tenant.charges[found[1]].shown())
        if request.method == "GET" and request.path == "/v1/account":
            return answered({"id": tenant.user, "object": "account"})
        return refused(404, "invalid_request_error", "No such resource.")

    async def _charge(self, ledger: Ledger, request: HttpRequest) -> Response:
        orders = ledger.orders
        try:
            asked = asked_for(request)
        except ValueError as error:
            ledger.records.attempt({"amount": 0, "key": "", "code": 400, "metadata": {}})
            return refused(400, "invalid_request_error", str(error))
        told = {"amount": asked["amount"], "key": asked["key"], "metadata": asked["metadata"]}
        response = await self._made(ledger, asked, orders)
        ledger.records.attempt({**told, "code": 0 if response.cut else response.status})
        return response

    async def _made(self, ledger: Ledger, asked: dict[str, Any], orders: ChargeOrders) -> Response:
        if orders.fail:
            orders.fail -= orders.fail > 0
            await asyncio.sleep(orders.delay)
            return refused(orders.code, "api_error", "The exam has this request fail.")
        before = ledger.of_key(asked["key"])
        if before is None and orders.decline:
            orders.decline -= orders.decline > 0
            await asyncio.sleep(orders.delay)
            return refused(402, "card_error", "Your card was declined.", code="card_declined")
        cut = bool(orders.drop)
        orders.drop -= orders.drop > 0
        if cut and not orders.kept:
            await asyncio.sleep(orders.delay)
            return Response(cut=True)
        if before is not None and before.amount != asked["amount"]:
            return refused(400, "idempotency_error", "This Idempotency-Key had another amount.")
        charge = before or ledger.charge(**asked)
        if charge is None:
            return refused(429, "rate_limit_error", "The exam keeps no more charges.")
        if before is None and orders.early and not orders.hold:
            charge.status = "succeeded"
            await self._tell(ledger, charge)
        elif before is None and not orders.hold:
            self._begin(ledger, self._settle(ledger, charge, (orders.delay + SETTLES, *PAUSES)))
        shown = charge.shown()
        await asyncio.sleep(orders.delay)
        return Response(cut=True) if cut else answered(shown)

    # -- webhooks ------------------------------------------------------------------------------

    def _begin(self, ledger: Ledger, work: Coroutine[Any, Any, None]) -> None:
        tasks = self._tasks.setdefault(id(ledger), set())
        task = asyncio.get_running_loop().create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _settle(self, ledger: Ledger, charge: LedgerCharge, pauses: Sequence[float]) -> None:
        await asyncio.sleep(pauses[0])
        await self._up.wait()
        charge.status = "succeeded"
        await self._tell(ledger, charge, pauses[1:])

    async def _tell(
        self, ledger: Ledger, charge: LedgerCharge, pauses: Sequence[float] = PAUSES
    ) -> None:
        """Hand over the webhook, again after a pause where the app does not take it."""
        answers = [
            await self._hand(ledger, charge, "succeeded", {}) for _ in range(ledger.orders.times)
        ]
        if pauses and not any(200 <= one["status"] < 300 for one in answers):
            self._begin(ledger, self._settle(ledger, charge, pauses))

    async def _hand(
        self, ledger: Ledger, charge: LedgerCharge, kind: str, asked: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Hand one webhook over, and return what became of it."""
        event, body = ledger.event(charge, kind, asked.get("changed", {}))
        at = int(time.time() - asked.get("age", 0))
        secret = asked.get("secret", ledger.secret)
        signed = signature(secret, body, at)
        match asked.get("forged", ""):
            case "unsigned":
                signed = ""
            case "body":
                signed = signature(secret, ledger.event(charge, kind, {})[1], at)
        async with self._room:
            await self._up.wait()
            answer = (
                await deliver(ledger.app, ledger.path, body, signed) if ledger.app else Answer()
            )
        told = {
            "event": event, "kind": kind, "charge": charge.id, "at": time.time(),
            "status": answer.status, "failure": answer.failure, "seconds": answer.seconds,
            "genuine": not asked.get("forged") and not asked.get("age"),
        }  # fmt: skip
        ledger.records.delivery(told)
        return told

    # -- orders --------------------------------------------------------------------------------

    async def obey(self, tenant: Ledger, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out what the suite asks for."""
        full = {"full": tenant.records.full}
        match asked["do"]:
            case "charges":
                told = [one.shown() | {"key": one.key} for one in tenant.charges.values()]
                return page(told, asked["after"]) | full
            case "attempts":
                return page(tenant.records.attempts, asked["after"]) | full
            case "deliveries":
                return page(tenant.records.deliveries, asked["after"]) | full
            case "orders":
                before = tenant.orders if asked["orders"] else ChargeOrders()
                tenant.orders = replace(before, **asked["orders"])
                tenant.orders.delay = min(max(tenant.orders.delay, 0.0), LONGEST_DELAY)
                tenant.orders.times = min(max(tenant.orders.times, 1), MOST_TIMES)
            case "deliver":
                charge = tenant.charges[asked["charge"]]
                charge.status = asked.get("status", charge.status)
                work = [
                    self._hand(tenant, charge, asked["kind"], asked)
                    for _ in range(min(asked["times"], MOST_TIMES))
                ]
                return {"deliveries": await asyncio.gather(*work)}
        return {}


def key_of(request: HttpRequest) -> str:
    """Return the API key of a request: a bearer's token, or the user of Basic; empty for none."""
    scheme, _, said = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return said.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(said).decode("utf-8", "replace").partition(":")[0]
        except binascii.Error:
            return ""
    return ""


def asked_for(request: HttpRequest) -> dict[str, Any]:
    """Return what a request asks to be charged, as `Ledger.charge` takes it.

    From JSON or a form, as its Content-Type says. Raises `ValueError` with a sentence.
    """
    found = _json(request) if "json" in request.headers.get("content-type", "") else _form(request)
    amount, currency, metadata = (found.get(key) for key in ("amount", "currency", "metadata"))
    if isinstance(amount, str) and re.fullmatch(r"[0-9]{1,9}", amount):
        amount = int(amount)
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount <= MOST_AMOUNT:
        msg = "amount: a positive whole number of the smallest unit, such as 1250"
        raise ValueError(msg)
    if not isinstance(currency, str) or not re.fullmatch(r"[A-Za-z]{3}", currency):
        msg = "currency: three letters, such as eur"
        raise ValueError(msg)
    if not isinstance(metadata, dict | None) or len(metadata or {}) > MOST_VALUES:
        msg = f"metadata: at most {MOST_VALUES} names with their values"
        raise ValueError(msg)
    return {
        "amount": amount, "currency": currency.lower(),
        "metadata": {str(k)[:VALUE]: str(v)[:VALUE] for k, v in (metadata or {}).items()},
        "description": str(found.get("description") or "")[:VALUE],
        "key": request.headers.get("idempotency-key", "")[:VALUE],
    }  # fmt: skip


def _json(request: HttpRequest) -> dict[str, Any]:
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    msg = "the body is no JSON object"
    raise ValueError(msg)


def _form(request: HttpRequest) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in parse_qsl(request.body.decode("utf-8", "replace"), max_num_fields=200):
        nested = re.fullmatch(r"metadata\[(.*)\]", name)
        if nested:
            found.setdefault("metadata", {})[nested[1]] = value
        else:
            found[name] = value
    return found


def refused(status: int, kind: str, message: str, code: str = "") -> Response:
    """Return an answer that says what is wrong, as Stripe's do."""
    return answered({"error": {"type": kind, "code": code or None, "message": message}}, status)


def main() -> None:
    """Run the program."""

    async def run() -> None:
        await serve(PaymentProgram(os.environ["GRADER_PASSWORD"]))

    asyncio.run(run())
