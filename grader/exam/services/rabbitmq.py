"""The `broker` fixture: the grader's own look into the submission's RabbitMQ.

It counts with a user that may neither publish nor take, and does the two with another one, which is
made when it is first asked for. What takes an administrator (restarts, the list of queues) the
grader's own process does. It looks into the app's virtual host, and no other.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from grader.deadline.amqp import AmqpConnection, AmqpError, AmqpLost, AmqpMessage, open_amqp
from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.protocol import Caller
from grader.exam.service_fixture import ServiceFixture
from grader.exam.services.rabbitmq_losses import loss_in, named
from grader.waiting import wait_until

CONNECT_SECONDS = 5.0
CALL_SECONDS = 5.0
"""How long one call may take."""
TEST_SECONDS = 15.0
"""How long all calls of one test may take together, but for what is waited for."""
MOST_BYTES = 8 * 1024 * 1024
"""Bytes of one answer."""
POLL = 0.05
"""Seconds between two looks while something is waited for."""
SLOW = (
    "The grader's look into your RabbitMQ took longer than it may ({0:.0f} s for one call, {1:.0f} "
    "s for all of a test). Very many queues and messages do that."
)
PERSISTENT = 2
"""How AMQP numbers the delivery mode of messages that a restart does not lose."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True)
class BrokerMessage:
    """A message that was taken out of a queue."""

    body: bytes
    """As it was published."""
    exchange: str
    """Where it was published; empty for the default exchange."""
    routing_key: str
    """With the default exchange, the queue's name."""
    redelivered: bool
    """Whether it was handed out before, and not acknowledged."""
    persistent: bool
    """Whether a restart of the broker leaves it, in a durable queue."""
    content_type: str
    """Empty where the publisher named none."""
    headers: Mapping[str, Any] = field(default_factory=dict)
    """Those that the publisher gave it, by name."""

    @property
    def text(self) -> str:
        """Its body as text; bytes that are no UTF-8 are U+FFFD."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the JSON value that its body holds; what is none fails the criterion."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            msg = f"A message of your app's is no JSON: {named(self.text)}"
            raise Mismatch(msg) from error


class Broker(ServiceFixture):
    """The submission's RabbitMQ: its queues, what waits in them, and messages of the suite's."""

    fixture = "broker"

    def __init__(self, caller: Caller, told: dict[str, Any]) -> None:
        """`told`: `host`, `port`, `user`, `password`, `vhost` and `account`."""
        super().__init__(caller, told)
        self._reader: AmqpConnection | None = None
        self._writer: AmqpConnection | None = None
        self._waited = self._test = 0.0

    def begin_test(self) -> None:
        """Forget what the test before has done, and how long its calls took."""
        super().begin_test()
        self._test = 0.0

    @property
    def waited(self) -> float:
        """Seconds that RabbitMQ has taken to answer, and that it was waited for, so far."""
        return self._waited

    @property
    def account(self) -> str:
        """The name of the app's user on RabbitMQ."""
        return str(self._told["account"])

    @property
    def vhost(self) -> str:
        """The name of the app's virtual host."""
        return str(self._told["vhost"])

    # -- looking ---------------------------------------------------------------------------

    def queues(self) -> list[str]:
        """Return the names of the queues, sorted."""
        return sorted(self._listed())

    def depth(self, queue: str) -> int:
        """Return how many messages wait in a queue; those handed out to a consumer do not."""
        return self._reads(queue)[0]

    def consumers(self, queue: str) -> int:
        """Return how many consumers a queue has."""
        return self._reads(queue)[1]

    def unacknowledged(self, queue: str) -> int:
        """Return how many messages of a queue are handed out to a consumer, and not acknowledged.

        They go back into the queue when its connection ends.
        """
        return int(self._of(queue).get("messages_unacknowledged") or 0)

    def durable(self, queue: str) -> bool:
        """Return whether a queue outlasts a restart of the broker."""
        return bool(self._of(queue).get("durable"))

    # -- waiting ---------------------------------------------------------------------------

    def wait_for(self, queue: str, count: int = 1, *, within: float = 10.0) -> None:
        """Return once at least `count` messages wait in a queue.

        Fails the criterion where there are fewer after `within` seconds.
        """
        found = [0]

        def enough() -> bool:
            found[0] = self.depth(queue) if queue in self._listed() else 0
            return found[0] >= count

        if not self._until(enough, within):
            what = "A message" if count == 1 else f"{count} messages"
            msg = f"{what} should wait in {named(queue)}; after {within:g} s there are {found[0]}."
            raise Mismatch(msg)

    def wait_until_taken(self, queue: str, *, within: float = 10.0) -> None:
        """Return once no message of a queue waits: all are handed out to consumers.

        Fails the criterion where some wait after `within` seconds.
        """
        found = [0]

        def taken() -> bool:
            found[0] = self.depth(queue)
            return not found[0]

        if not self._until(taken, within):
            msg = (
                f"A consumer should take what is in {named(queue)}; after {within:g} s there wait "
                f"{found[0]}."
            )
            raise Mismatch(msg)

    def wait_until_done(self, queue: str, *, within: float = 10.0) -> None:
        """Return once no message of a queue waits, and all that were handed out are acknowledged.

        Fails the criterion where there are some after `within` seconds.
        """
        found = [0, 0]

        def done() -> bool:
            listed = self._of(queue)
            found[:] = [
                int(listed.get(f"messages_{kind}") or 0) for kind in ("ready", "unacknowledged")
            ]
            return not any(found)

        if not self._until(done, within):
            msg = (
                f"All messages in {named(queue)} should be worked off; after {within:g} s "
                f"{found[0]} wait and {found[1]} are not acknowledged."
            )
            raise Mismatch(msg)

    # -- changing --------------------------------------------------------------------------

    def publish(
        self, queue: str, body: str | bytes | dict[str, Any] | list[Any], *, exchange: str = "",
        persistent: bool = True, headers: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Put a message into a queue, and return when the broker has it.

        What is no text is sent as JSON. With `exchange`, `queue` is the routing key. A message that
        no queue gets fails the criterion.
        """
        raw, kind = _encoded(body)
        properties: dict[str, Any] = {"content_type": kind, "headers": dict(headers or {})}
        if persistent:
            properties["delivery_mode"] = PERSISTENT
        got = self._run(self._writing, lambda one: one.publish(exchange, queue, raw, properties))
        if not got:
            where = f"the exchange {named(exchange)} with the key " if exchange else ""
            msg = f"No queue takes a message that is published to {where}{named(queue)}."
            raise Mismatch(msg)

    def take(self, queue: str) -> BrokerMessage | None:
        """Take the next message out of a queue; None where none waits."""
        found = self._run(self._writing, lambda one: one.get(queue), queue)
        return None if found is None else _message(found)

    def clear(self, queue: str) -> int:
        """Remove the messages that wait in a queue; return how many there were."""
        return self._run(self._writing, lambda one: one.purge(queue), queue)

    # -- connections -----------------------------------------------------------------------

    def close(self) -> None:
        """Close the connections; the next call opens a new one."""
        for connection in (self._reader, self._writer):
            if connection:
                connection.close()
        self._reader = self._writer = None

    def _listed(self) -> dict[str, dict[str, Any]]:
        found: list[dict[str, Any]] = self._call("broker.queues")
        return {str(one["name"]): one for one in found}

    def _of(self, queue: str) -> dict[str, Any]:
        listed = self._listed()
        if queue not in listed:
            raise no_such_queue(queue, listed)
        return listed[queue]

    def _reads(self, queue: str) -> tuple[int, int]:
        return self._run(self._reading, lambda one: one.counted(queue), queue)

    def _until(self, condition: Callable[[], bool], within: float) -> bool:
        began, used = time.monotonic(), self._test
        try:
            return wait_until(condition, within=within, poll=POLL)
        finally:
            self._test = used
            self._waited += time.monotonic() - began

    def _reading(self) -> AmqpConnection:
        if self._reader is None:
            self._reader = self._open(self._told["user"], self._told["password"])
        return self._reader

    def _writing(self) -> AmqpConnection:
        if self._writer is None:
            made = self._call("broker.writer")
            self._writer = self._open(made["user"], made["password"])
        return self._writer

    def _open(self, user: str, password: str) -> AmqpConnection:
        """Connect: the one place where the suite does."""
        return open_amqp(
            (self._told["host"], self._told["port"]), user=user, password=password,
            vhost=self.vhost, login=CONNECT_SECONDS, statement=CALL_SECONDS, most=MOST_BYTES,
        )  # fmt: skip

    def _run(
        self,
        opened: Callable[[], AmqpConnection],
        call: Callable[[AmqpConnection], Answer],
        queue: str = "",
    ) -> Answer:
        if self._test > TEST_SECONDS:
            raise too_slow()
        started = time.monotonic()
        try:
            try:
                return call(opened())
            except AmqpLost as error:  # the server was restarted since
                if error.late:
                    raise
                self.close()
                return call(opened())
        except AmqpError as error:
            raise self._judged(error, queue) from error
        finally:
            taken = time.monotonic() - started
            self._test, self._waited = self._test + taken, self._waited + taken

    def _judged(self, error: AmqpError, queue: str) -> Exception:
        """Return whose fault it is that RabbitMQ did not do what it was asked."""
        if not isinstance(error, AmqpLost) and (loss := loss_in(error, queue)):
            return loss
        self.close()
        if error.late:
            return too_slow()
        try:
            self._call("broker.require_running")
        except Mismatch as mismatch:
            return mismatch
        return PlatformFault(f"the grader's own connection to RabbitMQ failed: {error}")


def too_slow() -> Mismatch:
    """Return the loss of a student whose RabbitMQ does not answer in time."""
    return Mismatch(SLOW.format(CALL_SECONDS, TEST_SECONDS))


def no_such_queue(queue: str, there: Mapping[str, Any]) -> Mismatch:
    """Return the loss of a student whose RabbitMQ lacks a queue that the brief names."""
    names = ", ".join(named(one) for one in sorted(there)[:8])
    return Mismatch(
        f"There is no queue {named(queue)}; there {f'is {names}' if names else 'is none'}."
    )


def _encoded(body: str | bytes | dict[str, Any] | list[Any]) -> tuple[bytes, str]:
    """Return a body as bytes, and its type."""
    if isinstance(body, bytes):
        return body, "application/octet-stream"
    if isinstance(body, str):
        return body.encode(), "text/plain"
    return json.dumps(body).encode(), "application/json"


def _message(found: AmqpMessage) -> BrokerMessage:
    properties = found.properties
    headers = properties.get("headers")
    return BrokerMessage(
        body=found.body, exchange=found.exchange, routing_key=found.routing_key,
        redelivered=found.redelivered, persistent=properties.get("delivery_mode") == PERSISTENT,
        content_type=str(properties.get("content_type") or ""),
        headers=headers if isinstance(headers, dict) else {},
    )  # fmt: skip
