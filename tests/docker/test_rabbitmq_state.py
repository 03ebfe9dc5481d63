"""RabbitMQ as a service: when it is ready, what users may do, and when it is not used again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from pika import spec

from grader.deadline.amqp import (
    AmqpBlocked,
    AmqpConnection,
    AmqpError,
    AmqpRefused,
    open_amqp,
)
from grader.errors import PlatformError
from grader.model import ServiceSpec
from grader.run.environment.layout import Environment, EnvironmentSpec
from grader.run.environment.pool import EnvironmentPool
from grader.services.base import NotClean
from grader.services.rabbitmq.access import MOST_CONNECTIONS, MOST_QUEUES, RabbitUser
from grader.services.rabbitmq.admin import AdminRequest, path_of
from grader.services.rabbitmq.reuse import ReusedRabbit
from grader.services.rabbitmq.server import PORT, RabbitServer
from grader.services.rabbitmq.state import FILES, PARTS, SESSIONS_PART, difference, state
from grader.services.rabbitmq.users import admit_writer
from grader.waiting import wait_until
from tests.docker.pace import slowness

pytestmark = pytest.mark.alone

PLAN = EnvironmentSpec(
    routes=((5000, "app:5000"), (PORT, f"rabbitmq:{PORT}")),
    services=(ServiceSpec(name="rabbitmq", image="rabbitmq:3"),),
)
READY_SECONDS = 6.0
LASTING = {"delivery_mode": 2}


def rabbit_of(place: Environment) -> RabbitServer:
    """The RabbitMQ server that the environment has."""
    server = place.service("rabbitmq").server
    assert isinstance(server, RabbitServer)
    return server


def reused(environments: EnvironmentPool, place: Environment) -> ReusedRabbit:
    (found,) = environments._used[place.gateway.container].servers
    assert isinstance(found, ReusedRabbit)
    return found


@pytest.fixture
def place(environments: EnvironmentPool) -> Iterator[Environment]:
    taken = environments.take(PLAN)
    yield taken
    environments.give_back(taken, sound=True)


def opened(place: Environment, user: RabbitUser, vhost: str = "") -> AmqpConnection:
    return open_amqp(
        place.address(PORT), user=user.name, password=user.password,
        vhost=vhost or rabbit_of(place).access.vhost, login=5, statement=5,
    )  # fmt: skip


@contextmanager
def connected(place: Environment, user: RabbitUser, vhost: str = "") -> Iterator[AmqpConnection]:
    with closing(opened(place, user, vhost)) as connection:
        yield connection


def asked(connection: AmqpConnection, method: Any, answer: type[Any]) -> Any:
    """What a server answers to a method that the grader itself never sends."""
    connection._begin()
    return connection._call(1, method, answer)


def declare(connection: AmqpConnection, name: str, **options: Any) -> None:
    asked(connection, spec.Queue.Declare(queue=name, **options), spec.Queue.DeclareOk)


def refused(place: Environment, user: RabbitUser, method: Any, answer: type[Any]) -> bool:
    """Whether `user` has no right to that."""
    with connected(place, user) as connection:
        try:
            asked(connection, method, answer)
        except AmqpRefused as error:
            return error.code == 403
    return False


def test_it_is_ready_soon(place: Environment) -> None:
    """After a kill; while it is gone, its administrator is told that nobody answers."""
    server, address = rabbit_of(place), place.address(PORT)
    server.stop()
    with pytest.raises(PlatformError):
        server.get("whoami")
    began = time.monotonic()
    server.start_again(address, threading.Event())
    took = time.monotonic() - began
    assert took < READY_SECONDS * slowness()
    assert server.get("whoami")[0]["name"] == "practical-exam-grader"


def test_what_was_confirmed_outlasts_a_kill(place: Environment) -> None:
    """Where it is persistent, and its queue durable; the next start has the users as well."""
    server = rabbit_of(place)
    with connected(place, server.access.app) as connection:
        declare(connection, "kept", durable=True)
        for number in range(50):
            assert connection.publish("", "kept", b"%d" % number, LASTING)
        assert connection.publish("", "kept", b"lost", {})
    server.restart(place.address(PORT), threading.Event())
    with connected(place, server.access.app) as connection:
        found = [connection.get("kept") for _ in range(51)]
    assert [one and one.body for one in found] == [*(b"%d" % one for one in range(50)), None]


def test_users_may_do_what_they_are_for(place: Environment) -> None:
    server = rabbit_of(place)
    app, reader, writer = server.access.app, server.access.reader, admit_writer(server)
    assert reader is not None
    assert admit_writer(server) is writer
    with connected(place, app) as connection:
        declare(connection, "jobs")
    made = (spec.Queue.Declare(queue="x"), spec.Queue.DeclareOk)
    removed = (spec.Queue.Delete(queue="jobs"), spec.Queue.DeleteOk)
    taken = (spec.Basic.Get(queue="jobs"), spec.Basic.GetEmpty)
    own = (spec.Exchange.Declare(exchange="amq.mine"), spec.Exchange.DeclareOk)
    for user, what, right in (
        (reader, made, False), (reader, removed, False), (reader, taken, False),
        (writer, made, False), (writer, removed, False), (writer, taken, True),
        (app, own, False), (app, taken, True), (app, made, True), (app, removed, True),
    ):  # fmt: skip
        assert refused(place, user, *what) != right, (user.name, what)
    with connected(place, app) as connection:
        declare(connection, "jobs")
        assert connection.publish("", "jobs", b"x", {})
    with connected(place, reader) as connection:
        assert connection.counted("jobs") == (1, 0)
        with pytest.raises(AmqpRefused):
            connection.publish("", "jobs", b"x", {})


def test_an_app_reaches_one_door_alone(place: Environment) -> None:
    """Not that of the administrator, nor those of other nodes."""
    server = rabbit_of(place)
    with pytest.raises(AmqpError), connected(place, server.access.app, "/"):
        pass
    api: Any = server._api
    for port, is_open in ((PORT, True), (15672, False), (4369, False), (25672, False)):
        # from another container of the same network
        words = ["socat", "-u", "/dev/null", f"TCP:rabbitmq:{port},connect-timeout=2"]
        made = api.exec_create(place.gateway.container, words)
        api.exec_start(made["Id"])
        assert (api.exec_inspect(made["Id"])["ExitCode"] == 0) == is_open, port


def test_nobody_comes_in_without_a_password(place: Environment) -> None:
    server = rabbit_of(place)
    known, name = len(server.refusals()), server.access.app.name
    for user, guessed in (
        (RabbitUser(name=name, password="a guess"), True),
        (RabbitUser(name=name, password=""), False),
        (RabbitUser(name="guest", password="guest"), True),
    ):
        with pytest.raises(AmqpRefused), connected(place, user):
            pass
        found = server.refusals()[-1]
        assert (found.user, found.guessed) == (user.name, guessed)
    assert len(server.refusals()) == known + 3
    assert len({one.line for one in server.refusals()}) == known + 3


def test_a_guest_has_a_virtual_host_of_its_own(place: Environment) -> None:
    server = rabbit_of(place)
    guest = server.admit_guest(place.address(PORT))
    assert guest in server.guests
    user = server.guest_access[-1].app
    with connected(place, user, guest.values["vhost"]) as connection:
        declare(connection, "mine")
    with pytest.raises(AmqpError), connected(place, user):
        pass
    with pytest.raises(AmqpError), connected(place, server.access.app, guest.values["vhost"]):
        pass


def test_an_app_has_bounds(place: Environment) -> None:
    """On queues, connections, and what a queue and a message hold; the grader has none of them."""
    server = rabbit_of(place)
    app, reader = server.access.app, server.access.reader
    assert reader is not None
    with connected(place, app) as connection:
        declare(connection, "full")
        for _ in range(6):
            connection.publish("", "full", b"x" * 4_000_000, {})
        assert connection.counted("full")[0] == 4
        with pytest.raises(AmqpRefused, match="larger than"):
            connection.publish("", "full", b"x" * 5_000_000, {})
        for number in range(MOST_QUEUES - 1):
            declare(connection, f"queue-{number}")
        with pytest.raises(AmqpError, match="limit"):
            declare(connection, "one-more")
    held = list[AmqpConnection]()
    try:
        held += [opened(place, app) for _ in range(MOST_CONNECTIONS)]
        with pytest.raises(AmqpRefused, match="limit"):
            opened(place, app)
        with connected(place, reader) as connection:
            assert connection.counted("full")[0] == 4
    finally:
        for one in held:
            one.close()


def fill(connection: AmqpConnection) -> None:
    for number in range(200):
        connection.publish("", f"full-{number % 20}", b"x" * 4_000_000, LASTING)


def test_publishers_wait_before_its_disk_is_full(place: Environment) -> None:
    """Others are answered all the while, and it goes on once there is room."""
    server = rabbit_of(place)
    with connected(place, server.access.app) as connection:
        for number in range(20):
            declare(connection, f"full-{number}", durable=True)
        with pytest.raises(AmqpBlocked):
            fill(connection)
    reader = server.access.reader
    assert reader is not None
    with connected(place, reader) as connection:
        assert connection.counted("full-0")[0] > 0
    assert server.get("whoami")[0]["name"] == "practical-exam-grader"


def test_a_run_sees_nothing_of_the_one_before(environments: EnvironmentPool) -> None:
    """No queue, exchange, message, user, connection or refusal, on the same server."""
    containers, users = set(), list[RabbitUser]()
    held = list[AmqpConnection]()
    for _ in range(3):
        place = environments.take(PLAN)
        server = rabbit_of(place)
        containers.add(server.id)
        app = server.access.app
        assert server.get(path_of("queues", server.access.vhost)) == [[]]
        assert server.refusals() == ()
        for old in users:
            with pytest.raises(AmqpError), connected(place, old):
                pass
        known = server.refusals()
        assert {one.user for one in known} == {one.name for one in users}
        held.append(opened(place, app))
        declare(held[-1], "left", durable=True)
        held[-1].publish("", "left", b"behind", LASTING)
        admit_writer(server)
        server.admit_guest(place.address(PORT))
        users += [app]
        environments.give_back(place, sound=True)
    assert len(containers) == 1
    for one in held:
        one.close()


def put(path: str, body: Any) -> AdminRequest:
    return AdminRequest(method="PUT", path=path, body=body)


def changes(vhost: str) -> dict[str, tuple[AdminRequest, str]]:
    """For each part of the state, a request that changes it, and the path of what undoes it."""
    account = {"password": "x", "tags": "administrator"}
    rights = {"exchange": "amq.topic", "write": ".*", "read": ".*"}
    policy = {"pattern": "x", "definition": {"max-length": 1}}
    of_vhost = path_of(vhost)
    return {
        "accounts": (put("users/stranger", account), "users/stranger"),
        "virtual hosts": (put("vhosts/stranger", {}), "vhosts/stranger"),
        "permissions": (
            put(f"topic-permissions/{of_vhost}/practical-exam-grader", rights),
            f"topic-permissions/{of_vhost}/practical-exam-grader",
        ),
        "limits": (
            put(f"vhost-limits/{of_vhost}/max-connections", {"value": 7}),
            f"vhost-limits/{of_vhost}/max-connections",
        ),
        "policies": (put(f"policies/{of_vhost}/x", policy), f"policies/{of_vhost}/x"),
        "parameters": (put("global-parameters/x", {"value": 1}), "global-parameters/x"),
        "exchanges": (
            put(f"exchanges/{of_vhost}/x", {"type": "direct"}), f"exchanges/{of_vhost}/x",
        ),
        "queues": (put(f"queues/{of_vhost}/x", {"durable": True}), f"queues/{of_vhost}/x"),
    }  # fmt: skip


def test_each_change_of_a_server_is_seen(place: Environment) -> None:
    """By the name of the part that differs, and no longer once it is undone."""
    server = rabbit_of(place)
    before, wanted = state(server), changes(server.access.vhost)
    server.ask([change for change, _ in wanted.values()])
    # a queue is bound to the default exchange
    found = set(difference(before, state(server)).split(", "))
    assert found == {*wanted, "bindings"}
    server.ask([AdminRequest(method="DELETE", path=undone) for _, undone in wanted.values()])
    assert difference(before, state(server)) == ""
    with connected(place, server.access.app):
        assert difference(before, state(server)) == SESSIONS_PART


def test_every_part_of_the_state_has_such_a_change() -> None:
    """But for what no administrator changes by this door, which the test below does."""
    elsewhere = {"bindings", "feature flags", "settings and plugins", "alarms", "doors"}
    assert {*PARTS} == {*changes("x")} | elsewhere
    assert FILES not in PARTS


def test_a_server_whose_limits_were_changed_is_not_used_again(
    environments: EnvironmentPool,
) -> None:
    """By a command in its container, as none but the machine's owner can."""
    place = environments.take(PLAN)
    server = rabbit_of(place)
    home = {"HOME": "/var/lib/grader-rabbitmq", "RABBITMQ_NODENAME": "rabbit@localhost"}
    words = ["setpriv", "--reuid=rabbitmq", "--regid=rabbitmq", "--init-groups", "rabbitmqctl"]
    api: Any = server._api
    made = api.exec_create(
        server.id, [*words, "set_disk_free_limit", "60MB"], environment=home, user="root"
    )
    said = api.exec_start(made["Id"])
    assert api.exec_inspect(made["Id"])["ExitCode"] == 0, said
    kept = reused(environments, place)
    # told every five seconds
    assert wait_until(lambda: "settings" in difference(kept._new, state(server)), within=10)
    with pytest.raises(NotClean, match="settings"):
        kept.clean()
    environments.give_back(place, sound=True)
