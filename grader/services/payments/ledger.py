"""What a provider knows of one app: charges, webhooks, and what becomes of those that come next."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from grader.services.double.tenants import ProgramTenant

KEPT_CHARGES = 1000
KEPT_ATTEMPTS = 2000
KEPT_DELIVERIES = 5000
LONGEST_DELAY = 60.0
MOST_TIMES = 20
MOST_AMOUNT = 99_999_999
VALUE = 200
"""Characters of a value that is kept of a charge's metadata."""
MOST_VALUES = 20


@dataclass(kw_only=True)
class ChargeOrders:
    """What becomes of the charges that come next."""

    decline: int = 0
    """How many cards are declined; -1: all."""
    fail: int = 0
    """How many requests the provider answers with `code`, having made no charge; -1: all."""
    code: int = 503
    drop: int = 0
    """For how many the connection is cut in place of an answer."""
    kept: bool = True
    """Whether those charges are made all the same, so that only the answer is lost."""
    delay: float = 0.0
    """Seconds before each answer."""
    hold: bool = False
    """Whether webhooks wait until the suite has them delivered."""
    early: bool = False
    """Whether the webhook comes before the answer to the request that made the charge."""
    times: int = 1
    """How often each webhook comes."""


@dataclass(kw_only=True)
class LedgerCharge:
    """A charge, as apps and suites see it."""

    id: str
    amount: int
    currency: str
    metadata: dict[str, str]
    description: str
    created: int
    status: str = "pending"
    key: str = ""
    """The Idempotency-Key that it was asked for with."""

    def shown(self) -> dict[str, Any]:
        """Return what the provider says of it."""
        told = asdict(self) | {"object": "charge", "paid": self.status == "succeeded"}
        del told["key"]
        return told


@dataclass(kw_only=True)
class PaymentRecords:
    """What was tried and told, for the suite."""

    attempts: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    full: bool = False
    """Whether there was more than is kept."""

    def attempt(self, told: dict[str, Any]) -> None:
        """Keep a request for a charge."""
        if len(self.attempts) < KEPT_ATTEMPTS:
            self.attempts.append({"at": time.time(), **told})
        else:
            self.full = True

    def delivery(self, told: dict[str, Any]) -> None:
        """Keep a webhook that was handed to the app."""
        if len(self.deliveries) < KEPT_DELIVERIES:
            self.deliveries.append(told)
        else:
            self.full = True


@dataclass(kw_only=True)
class Ledger(ProgramTenant):
    """All of one app."""

    app: str = ""
    """Where its webhooks go (`host:port`); empty: nowhere."""
    path: str = ""
    secret: str = ""
    """What signs webhooks."""
    orders: ChargeOrders = field(default_factory=ChargeOrders)
    charges: dict[str, LedgerCharge] = field(default_factory=dict)
    events: dict[tuple[str, str], str] = field(default_factory=dict)
    """The id of each event by its charge and kind: it stays however often it is told."""
    records: PaymentRecords = field(default_factory=PaymentRecords)

    def charge(
        self, amount: int, currency: str, metadata: Mapping[str, str], description: str, key: str
    ) -> LedgerCharge | None:
        """Make a charge; None where there are too many."""
        if len(self.charges) >= KEPT_CHARGES:
            self.records.full = True
            return None
        made = LedgerCharge(
            id=f"ch_{secrets.token_hex(12)}", amount=amount, currency=currency,
            metadata=dict(metadata), description=description, created=int(time.time()), key=key,
        )  # fmt: skip
        self.charges[made.id] = made
        return made

    def of_key(self, key: str) -> LedgerCharge | None:
        """Return the charge that was made with an Idempotency-Key before."""
        return next((one for one in self.charges.values() if key and one.key == key), None)

    def event(
        self, charge: LedgerCharge, kind: str, changed: Mapping[str, Any]
    ) -> tuple[str, bytes]:
        """Return the id and the body of the webhook that tells of `charge`.

        `changed` is what the body says otherwise than it is.
        """
        known = self.events.setdefault((charge.id, kind), f"evt_{secrets.token_hex(12)}")
        body = {
            "id": known, "object": "event", "type": f"charge.{kind}", "created": charge.created,
            "data": {"object": {**charge.shown(), **changed}},
        }  # fmt: skip
        return known, json.dumps(body).encode()
