"""What the `broker` fixture says of a RabbitMQ, and whose fault it is where none answers."""

from __future__ import annotations

from typing import Any

import pytest

from grader.deadline.amqp import AmqpBlocked, AmqpError, AmqpLost, AmqpMessage, AmqpRefused
from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.services import rabbitmq as exam_rabbitmq
from grader.exam.services.rabbitmq import Broker

TOLD = {
    "host": "127.0.0.1", "port": 5672, "user": "reader", "password": "x", "vhost": "exam_1",
    "account": "student_1", "title": "RabbitMQ",
}  # fmt: skip
MESSAGE = AmqpMessage(
    body=b'{"a": 1}', exchange="", routing_key="jobs", redelivered=False, left=0,
    properties={"delivery_mode": 2, "headers": {"x": 1}, "content_type": "application/json"},
)  # fmt: skip


class Rabbit:
    """A RabbitMQ, and the grader's process that lists its queues."""

    def __init__(self) -> None:
        self.ready: dict[str, list[AmqpMessage]] = {"jobs": []}
        self.unacknowledged: dict[str, list[int]] = {}
        """What the next looks at a queue find."""
        self.errors: list[AmqpError] = []
        """What the next calls raise."""
        self.ended = ""
        """Why it has ended, for what the app has done."""
        self.opened: list[str] = []
        self.published: list[tuple[str, str, bytes, dict[str, Any]]] = []
        self.routed = True

    def call(self, name: str, **_: Any) -> Any:
        if name == "broker.queues":
            return [
                {
                    "name": queue, "durable": True, "messages_ready": len(found),
                    "messages_unacknowledged": (self.unacknowledged.get(queue) or [0]).pop(),
                }
                for queue, found in self.ready.items()
            ]  # fmt: skip
        if name == "broker.require_running" and self.ended:
            raise Mismatch(self.ended)
        return {"user": "writer", "password": "y"} if name == "broker.writer" else None

    def open(self, address: tuple[str, int], *, user: str, vhost: str, **_: Any) -> Any:
        assert vhost == "exam_1"
        self.opened.append(user)
        return Connection(self)


class Connection:
    def __init__(self, rabbit: Rabbit) -> None:
        self._rabbit = rabbit

    def _fail(self) -> None:
        if self._rabbit.errors:
            raise self._rabbit.errors.pop(0)

    def counted(self, queue: str) -> tuple[int, int]:
        self._fail()
        return len(self._rabbit.ready[queue]), 1

    def get(self, queue: str) -> AmqpMessage | None:
        self._fail()
        found = self._rabbit.ready[queue]
        return found.pop(0) if found else None

    def purge(self, queue: str) -> int:
        self._fail()
        found, self._rabbit.ready[queue] = len(self._rabbit.ready[queue]), []
        return found

    def publish(self, exchange: str, key: str, body: bytes, properties: dict[str, Any]) -> bool:
        self._fail()
        self._rabbit.published.append((exchange, key, body, properties))
        return self._rabbit.routed

    def close(self) -> None:
        pass


@pytest.fixture
def rabbit(monkeypatch: pytest.MonkeyPatch) -> Rabbit:
    made = Rabbit()
    monkeypatch.setattr(exam_rabbitmq, "open_amqp", made.open)
    return made


@pytest.fixture
def broker(rabbit: Rabbit) -> Broker:
    return Broker(rabbit.call, TOLD)


def test_it_looks_with_one_user_and_changes_with_another(rabbit: Rabbit, broker: Broker) -> None:
    assert (broker.account, broker.vhost) == ("student_1", "exam_1")
    assert broker.queues() == ["jobs"]
    assert (broker.depth("jobs"), broker.consumers("jobs")) == (0, 1)
    assert broker.durable("jobs")
    assert rabbit.opened == ["reader"]
    broker.publish("jobs", {"a": 1})
    assert broker.take("jobs") is None
    assert rabbit.opened == ["reader", "writer"]


@pytest.mark.parametrize(
    ("body", "raw", "kind"),
    [
        ({"a": 1}, b'{"a": 1}', "application/json"),
        ([1], b"[1]", "application/json"),
        ("ä", "ä".encode(), "text/plain"),
        (b"\xff", b"\xff", "application/octet-stream"),
    ],
)
def test_what_is_published_is_sent_as_what_it_is(
    rabbit: Rabbit, broker: Broker, body: Any, raw: bytes, kind: str
) -> None:
    broker.publish("jobs", body, headers={"x": 1})
    broker.publish("jobs", body, exchange="topic", persistent=False)
    (_, _, first, lasting), (exchange, key, _, lost) = rabbit.published
    assert (first, lasting["content_type"]) == (raw, kind)
    assert (lasting["delivery_mode"], lasting["headers"]) == (2, {"x": 1})
    assert (exchange, key) == ("topic", "jobs")
    assert "delivery_mode" not in lost


def test_a_message_is_what_it_was_sent_as(rabbit: Rabbit, broker: Broker) -> None:
    rabbit.ready["jobs"] = [
        MESSAGE,
        AmqpMessage(**{**vars(MESSAGE), "body": b"\xff", "properties": {}}),
    ]
    first, second = broker.take("jobs"), broker.take("jobs")
    assert first is not None
    assert second is not None
    assert (first.json(), first.persistent, first.headers) == ({"a": 1}, True, {"x": 1})
    assert (second.text, second.persistent) == ("\ufffd", False)
    with pytest.raises(Mismatch, match="no JSON"):
        second.json()
    rabbit.ready["jobs"] = [MESSAGE]
    assert broker.clear("jobs") == 1


def test_what_no_queue_gets_is_a_loss(rabbit: Rabbit, broker: Broker) -> None:
    rabbit.routed = False
    with pytest.raises(Mismatch, match="No queue takes a message that is published to 'jobs'"):
        broker.publish("jobs", "x")
    with pytest.raises(Mismatch, match="to the exchange 'e' with the key 'jobs'"):
        broker.publish("jobs", "x", exchange="e")


def test_a_queue_that_is_not_there_is_a_loss(rabbit: Rabbit, broker: Broker) -> None:
    rabbit.ready["\x1b[31mred"] = []
    with pytest.raises(Mismatch) as found:
        broker.unacknowledged("none")
    assert "There is no queue 'none'; there is" in str(found.value)
    assert "\x1b" not in str(found.value)


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ([AmqpBlocked("low on disk")], "filled the memory or the disk"),
        ([AmqpRefused(404, "NOT_FOUND")], "There is no queue 'jobs'"),
        ([AmqpRefused(405, "RESOURCE_LOCKED")], "is exclusive"),
        ([AmqpRefused(406, "PRECONDITION_FAILED")], "PRECONDITION_FAILED"),
        ([AmqpRefused(0, "full")], "is full"),
        ([AmqpLost("slow", late=True)], "took longer than it may"),
    ],
)
def test_what_an_app_has_done_to_its_broker_is_its_loss(
    rabbit: Rabbit, broker: Broker, errors: list[AmqpError], said: str
) -> None:
    rabbit.errors = errors
    with pytest.raises(Mismatch, match=said):
        broker.depth("jobs")


def test_a_lost_connection_is_opened_again_once(rabbit: Rabbit, broker: Broker) -> None:
    """A second loss is the platform's, unless the app has ended the server."""
    rabbit.errors = [AmqpLost("gone")]
    assert broker.depth("jobs") == 0
    rabbit.errors = [AmqpLost("gone"), AmqpLost("gone")]
    with pytest.raises(PlatformFault):
        broker.depth("jobs")
    rabbit.errors, rabbit.ended = [AmqpLost("gone"), AmqpLost("gone")], "killed for its memory"
    with pytest.raises(Mismatch, match="killed for its memory"):
        broker.depth("jobs")


def test_a_refused_account_of_the_graders_is_a_fault(rabbit: Rabbit, broker: Broker) -> None:
    rabbit.errors = [AmqpRefused(403, "ACCESS_REFUSED")]
    with pytest.raises(PlatformFault):
        broker.depth("jobs")


def test_what_is_waited_for_is_told(rabbit: Rabbit, broker: Broker) -> None:
    rabbit.ready["jobs"] = [MESSAGE]
    broker.wait_for("jobs")
    with pytest.raises(Mismatch, match=r"2 messages should wait in .jobs."):
        broker.wait_for("jobs", 2, within=0.1)
    with pytest.raises(Mismatch, match="A message should wait in 'none'"):
        broker.wait_for("none", within=0.1)
    with pytest.raises(Mismatch, match="should take what is in 'jobs'"):
        broker.wait_until_taken("jobs", within=0.1)
    with pytest.raises(Mismatch, match="1 wait and 0 are not acknowledged"):
        broker.wait_until_done("jobs", within=0.1)
    rabbit.ready["jobs"], rabbit.unacknowledged["jobs"] = [], [0, 1, 1]
    broker.wait_until_taken("jobs", within=0.1)
    broker.wait_until_done("jobs", within=5)
    assert broker.waited > 0


def test_a_test_has_a_time_for_all_of_its_calls(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is waited for is not counted."""
    broker.wait_for("jobs", 0)
    monkeypatch.setattr(exam_rabbitmq, "TEST_SECONDS", -1.0)
    with pytest.raises(Mismatch, match="took longer"):
        broker.depth("jobs")
