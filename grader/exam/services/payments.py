"""The `payments` fixture: what the app has charged, and the webhooks that tell it so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from grader.exam.faults import Mismatch
from grader.exam.services.program import ProgramFixture

DELIVERY_SECONDS = 40.0
"""For an order that webhooks are handed over for; each of them has five."""
STATUSES = {"succeeded", "failed", "refunded"}
"""Kinds of webhooks that say what has become of a charge."""
OLD = 3600.0
FORGED = {
    "secret": "another secret",
    "unsigned": "no signature",
    "body": "another body's signature",
}
"""Ways to forge a webhook, and what it then has."""


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A charge that the provider has made."""

    id: str
    """The provider's."""
    amount: int
    """In the smallest unit of the currency: 1250 is 12.50."""
    currency: str
    """In small letters."""
    status: str
    """`pending`, then `succeeded`; `failed` or `refunded` where the suite has it so."""
    metadata: Mapping[str, str]
    """What the app wanted noted with it."""
    description: str
    """Empty where the app gave none."""
    key: str
    """The Idempotency-Key of the request; empty where it had none."""


@dataclass(frozen=True, kw_only=True)
class ChargeAttempt:
    """A request of the app's for a charge."""

    amount: int
    """0 where nobody can tell."""
    metadata: Mapping[str, str]
    """What the app wanted noted with it."""
    key: str
    """Its Idempotency-Key; empty where it had none."""
    code: int
    """What it was answered with; 0 where the connection was cut instead."""
    at: float
    """In seconds as `time.time` has them."""


@dataclass(frozen=True, kw_only=True)
class WebhookDelivery:
    """A webhook that was handed to the app, and what the app made of it."""

    event: str
    """The event's id: the same however often a charge is said to have succeeded."""
    kind: str
    """`succeeded` and its like."""
    charge: str
    """The id of the charge."""
    status: int
    """What the app answered; 0 where it did not."""
    failure: str
    """Why there was no answer; empty where there was one."""
    seconds: float
    """From the connection to the answer."""
    at: float
    """When that was, in seconds as `time.time` has them."""
    genuine: bool
    """Whether it was neither forged nor old."""

    @property
    def accepted(self) -> bool:
        """Whether the app has taken it (2xx)."""
        return 200 <= self.status < 300

    def expect_accepted(self) -> WebhookDelivery:
        """Return it, if the app has taken it (2xx); else the criterion fails."""
        if not self.accepted:
            msg = f"The app should take the webhook charge.{self.kind}; {self._made_of_it}."
            raise Mismatch(msg)
        return self

    def expect_refused(self) -> WebhookDelivery:
        """Return it, if the app has refused it (4xx); else the criterion fails."""
        if not 400 <= self.status < 500:
            whose = "" if self.genuine else " that is none of the provider's"
            msg = f"The app should refuse (4xx) a webhook{whose}; {self._made_of_it}."
            raise Mismatch(msg)
        return self

    @property
    def _made_of_it(self) -> str:
        return self.failure or f"it answered {self.status}"


class Payments(ProgramFixture):
    """The payment provider: what was charged, its webhooks, and what becomes of what comes next."""

    fixture = "payments"

    # -- what came -------------------------------------------------------------------------

    def charges(self, **metadata: str) -> list[Charge]:
        """Return the charges that were made in this run, in order.

        Those whose metadata hold `metadata`, where some is given: `charges(order="7")`.
        """
        return [one for one in map(_charge, self._all("charges")) if _holds(one, metadata)]

    def wait_for(self, count: int = 1, *, within: float = 10.0, **metadata: str) -> list[Charge]:
        """Return the charges once there are `count` of them.

        Fails the criterion where there are fewer after `within` seconds.
        """
        found: list[Charge] = []

        def enough() -> bool:
            found[:] = self.charges(**metadata)
            return len(found) >= count

        self._wait(enough, within)
        if len(found) < count:
            self._fail(f"{_spoken(count)} should have come within {within:g} s", found, metadata)
        return found

    def exactly(
        self, count: int, *, within: float = 10.0, quiet: float = 1.0, **metadata: str
    ) -> list[Charge]:
        """Return the `count` charges, once no more has come for `quiet` seconds.

        Fails the criterion where there are fewer after `within` seconds, or more.
        """
        if count:
            self.wait_for(count, within=within, **metadata)
        self._wait(lambda: len(self.charges(**metadata)) > count, quiet)
        found = self.charges(**metadata)
        if len(found) != count:
            self._fail(f"{_spoken(count)} and no more should come", found, metadata)
        return found

    def attempts(self, **metadata: str) -> list[ChargeAttempt]:
        """Return each request for a charge, in order, those without success as well."""
        found = [ChargeAttempt(**one) for one in self._all("attempts")]
        return [one for one in found if _holds(one, metadata)]

    def deliveries(self, charge: Charge | None = None) -> list[WebhookDelivery]:
        """Return the webhooks that were handed to the app, in order; of one charge if given."""
        found = [WebhookDelivery(**one) for one in self._all("deliveries")]
        return [one for one in found if charge is None or one.charge == charge.id]

    def wait_until_told(self, charge: Charge, *, within: float = 10.0) -> WebhookDelivery:
        """Return the first webhook of a charge that the app has taken.

        Fails the criterion where it has taken none after `within` seconds.
        """
        told: list[WebhookDelivery] = []

        def taken() -> bool:
            told[:] = self.deliveries(charge)
            return any(one.accepted for one in told)

        self._wait(taken, within)
        for one in told:
            if one.accepted:
                return one
        last = told[-1].failure or f"it answered {told[-1].status}" if told else "none came yet"
        msg = f"The app took no webhook of its charge within {within:g} s; {last}."
        raise Mismatch(msg)

    # -- webhooks --------------------------------------------------------------------------

    def hold(self) -> None:
        """Have charges stay pending, and their webhooks wait, until `deliver` or the next test."""
        self._ask_for(hold=True)

    def repeat(self, times: int) -> None:
        """Have each webhook come so many times (at most 20), whatever the app answers."""
        self._ask_for(times=times)

    def early(self) -> None:
        """Have the webhook come before the answer to the request that made the charge."""
        self._ask_for(early=True)

    def deliver(self, charge: Charge, kind: str = "succeeded") -> WebhookDelivery:
        """Hand the app a webhook now and return what it made of it.

        The charge has `succeeded`, `failed` or is `refunded` from then on. The event of a charge
        and a kind is the same each time.
        """
        return self.deliver_together(charge, 1, kind)[0]

    def deliver_together(
        self, charge: Charge, times: int, kind: str = "succeeded"
    ) -> list[WebhookDelivery]:
        """Hand the app the same webhook so many times at once (at most 20)."""
        status = {"status": kind} if kind in STATUSES else {}
        return self._deliver(charge, kind, times=times, **status)

    def replay(
        self, charge: Charge, kind: str = "succeeded", *, age: float = OLD
    ) -> WebhookDelivery:
        """Hand the app a webhook that was signed `age` seconds ago, as who has listened would."""
        return self._deliver(charge, kind, age=age)[0]

    def forge(
        self, charge: Charge, kind: str = "succeeded", *, how: str = "secret", **changed: Any
    ) -> WebhookDelivery:
        """Hand the app a webhook that is none of the provider's.

        `how`: signed with another `secret`, `unsigned`, or with another `body`: that has the
        signature of the true one. `changed` is what its charge says otherwise: `amount=1`.
        """
        assert how in FORGED, f"forge() knows how={', '.join(FORGED)}; not {how!r}"
        told: dict[str, Any] = {"forged": how, "changed": changed}
        if how == "secret":
            told["secret"] = "whsec_of_nobody"  # noqa: S105 - it is nobody's
        elif how == "body" and not changed:
            told["changed"] = {"amount": charge.amount + 1}
        return self._deliver(charge, kind, **told)[0]

    # -- what comes next -------------------------------------------------------------------

    def decline(self, times: int | None = None) -> None:
        """Have the next `times` cards declined (402), or all until `accept`."""
        self._ask_for(decline=-1 if times is None else times)

    def fail(self, times: int | None = None, *, code: int = 503) -> None:
        """Have the next `times` requests for a charge answered `code`, or all until `accept`.

        No charge is made: the app may try again.
        """
        self._ask_for(fail=-1 if times is None else times, code=code)

    def drop(self, times: int, *, kept: bool = True) -> None:
        """Have the connection cut in place of an answer, for the next `times` charges.

        Where `kept`, the charge was made all the same: who asks again without the same
        Idempotency-Key charges twice.
        """
        self._ask_for(drop=times, kept=kept)

    def delay(self, seconds: float) -> None:
        """Have each charge answered after `seconds`, at most 60, until `accept`."""
        self._ask_for(delay=seconds)

    def accept(self) -> None:
        """Make charges and send their webhooks at once again, as at the beginning."""
        self._ask_for()

    # -- inside ----------------------------------------------------------------------------

    def too_many(self) -> str:
        """Return the sentence for an app that made more than the exam keeps."""
        return "Your app asks for more charges than the exam keeps (1000, 2000 attempts, in a run)."

    def _deliver(
        self, charge: Charge, kind: str, *, times: int = 1, **asked: Any
    ) -> list[WebhookDelivery]:
        answer = self._order(
            "deliver", seconds=DELIVERY_SECONDS, charge=charge.id, kind=kind, times=times, **asked
        )
        found = [WebhookDelivery(**one) for one in answer["deliveries"]]
        self._waited += max(one.seconds for one in found)
        return found

    def _fail(self, said: str, found: Sequence[Charge], metadata: Mapping[str, str]) -> NoReturn:
        about = ", ".join(f"{name} {value!r}" for name, value in metadata.items())
        about = f" with {about} in the metadata" if about else ""
        are = "is 1" if len(found) == 1 else f"are {len(found)}"
        msg = f"{said}{about}; there {are}."
        raise Mismatch(msg)


def _charge(told: Mapping[str, Any]) -> Charge:
    names = ("id", "amount", "currency", "status", "metadata", "description", "key")
    return Charge(**{name: told[name] for name in names})


def _holds(one: Charge | ChargeAttempt, metadata: Mapping[str, str]) -> bool:
    return all(one.metadata.get(name) == value for name, value in metadata.items())


def _spoken(count: int) -> str:
    return "No charge" if count == 0 else "One charge" if count == 1 else f"{count} charges"
