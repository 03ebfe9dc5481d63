"""Redis as a service: when it is ready, what accounts may do, and when it is not used again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from grader.deadline.redis import RedisConnection, RedisError, open_redis
from grader.errors import PlatformError
from grader.model import ServiceSpec
from grader.run.environment.layout import Environment, EnvironmentSpec
from grader.run.environment.pool import EnvironmentPool
from grader.services.base import NotClean, OutOfTime
from grader.services.redis.access import RedisUser
from grader.services.redis.observe import CommandMonitor
from grader.services.redis.reuse import ReusedRedis
from grader.services.redis.server import PORT, RedisServer
from grader.services.redis.state import FILES, PARTS, difference, state
from grader.services.redis.users import admit_writer
from tests.docker.pace import slowness

pytestmark = pytest.mark.alone

PLAN = EnvironmentSpec(
    routes=((5000, "app:5000"), (PORT, f"redis:{PORT}")),
    services=(ServiceSpec(name="redis", image="redis:7"),),
)
READY_SECONDS = 1.0


def redis_of(place: Environment) -> RedisServer:
    """The Redis server that the environment has."""
    server = place.service("redis").server
    assert isinstance(server, RedisServer)
    return server


def reused(environments: EnvironmentPool, place: Environment) -> ReusedRedis:
    (found,) = environments._used[place.gateway.container].servers
    assert isinstance(found, ReusedRedis)
    return found


@pytest.fixture
def place(environments: EnvironmentPool) -> Iterator[Environment]:
    taken = environments.take(PLAN)
    yield taken
    environments.give_back(taken, sound=True)


@contextmanager
def connected(place: Environment, user: RedisUser) -> Iterator[RedisConnection]:
    connection = open_redis(
        place.address(PORT), user=user.name, password=user.password, login=5, statement=5
    )
    try:
        yield connection
    finally:
        connection.close()


def ask(place: Environment, user: RedisUser, *words: str | int) -> Any:
    with connected(place, user) as connection:
        return connection.ask(*words)


def refused(place: Environment, user: RedisUser, command: str) -> bool:
    """Whether `user` has no right to a command."""
    try:
        ask(place, user, *command.split())
    except RedisError as error:
        return "no permission" in str(error) or "not allowed" in str(error)
    return False


SERVERS_OWN = (
    "CONFIG GET *", "CONFIG SET maxmemory 1", "ACL LIST", "ACL SETUSER x", "ACL LOG", "CLIENT LIST",
    "CLIENT KILL TYPE normal", "CLIENT PAUSE 1", "MONITOR", "DEBUG SLEEP 0", "SHUTDOWN", "SAVE",
    "REPLICAOF no one", "MODULE LIST", "FUNCTION FLUSH", "SCRIPT FLUSH", "SCRIPT KILL",
    "SLOWLOG RESET", "LATENCY RESET", "MIGRATE x 1 y 0 1", "BGREWRITEAOF", "FAILOVER",
)  # fmt: skip
"""Commands that are nobody's but the administrator's."""
CHANGES = ("SET a b", "DEL a", "FLUSHALL", "EXPIRE a 1", "LPUSH l x")


def test_it_is_ready_at_once(environments: EnvironmentPool, place: Environment) -> None:
    """A server that was stopped, and one that is emptied, answer again in under a second."""
    server, address = redis_of(place), place.address(PORT)
    server.stop()
    with pytest.raises(PlatformError):
        server.admin.ask("PING")
    began = time.monotonic()
    server.start_again(address, threading.Event())
    took = time.monotonic() - began
    assert took < READY_SECONDS * slowness()
    assert server.admin.ask("PING") == b"PONG"


def test_what_was_answered_outlasts_a_kill(place: Environment) -> None:
    """Transactions, too: Redis 7.0 runs them again with the rights of its default user."""
    server, app = redis_of(place), redis_of(place).access.app
    with connected(place, app) as connection:
        connection.ask_each([("MULTI",), ("SET", "a", "b"), ("LPUSH", "l", "x"), ("EXEC",)])
        connection.ask("SET", "c", "d", "EX", 60)
    server.restart(place.address(PORT), threading.Event())
    assert ask(place, app, "MGET", "a", "c") == [b"b", b"d"]
    assert ask(place, app, "LRANGE", "l", 0, -1) == [b"x"]


def test_accounts_may_do_what_they_are_for(place: Environment) -> None:
    server = redis_of(place)
    access, writer = server.access, admit_writer(server)
    assert admit_writer(server) is writer
    for command in SERVERS_OWN:
        for user in (access.app, access.reader, writer):
            assert refused(place, user, command), (user.name, command)
    for command in CHANGES:
        assert refused(place, access.reader, command), command
        assert not refused(place, access.app, command), command
    for command in ("EVAL return 0", "FLUSHALL", "BLPOP l 1", "SUBSCRIBE x"):
        assert refused(place, writer, command), command
    assert ask(place, writer, "SET", "a", "b") == b"OK"
    assert ask(place, access.reader, "GET", "a") == b"b"
    assert ask(place, access.app, "EVAL", "return redis.call('GET', 'a')", 0) == b"b"


def test_nobody_comes_in_without_a_password(place: Environment) -> None:
    server = redis_of(place)
    nobody = RedisUser(name="default", password="", rules=())
    with pytest.raises(RedisError):
        ask(place, nobody, "PING")
    wrong = RedisUser(name=server.access.app.name, password="a guess", rules=())
    empty = RedisUser(name=server.access.app.name, password="", rules=())
    known = len(server.refusals())
    for user, guessed in ((wrong, True), (empty, False)):
        with pytest.raises(RedisError):
            ask(place, user, "PING")
        *_, found = server.refusals()
        assert (found.user, found.guessed) == (server.access.app.name, guessed)
    assert len(server.refusals()) == known + 2
    assert len({one.line for one in server.refusals()}) == known + 2
    with pytest.raises(RedisError):
        ask(place, wrong, "PING")
    server.restart(place.address(PORT), threading.Event())
    assert len(server.refusals()) == known + 3


def test_a_guest_has_a_server_of_its_own(place: Environment) -> None:
    """What it refuses is told under the guest's name."""
    server = redis_of(place)
    ask(place, server.access.app, "SET", "mine", "x")
    guest = server.admit_guest(place.address(PORT))
    assert guest.values["port"] != str(PORT)
    assert guest in server.guests
    port, password = guest.values["port"], guest.values["password"]
    assert as_app(server, port, guest.user, password, "DBSIZE") == "0"
    as_app(server, port, guest.user, password, "SET", "x", "y")
    assert ask(place, server.access.app, "DBSIZE") == 1
    assert refused_by(as_app(server, port, guest.user, password, "CONFIG", "GET", "*"))
    assert server.refusals() == ()
    as_app(server, port, guest.user, "a guess", "PING")
    (found,) = server.refusals()
    assert (found.user, found.guessed) == (guest.user, True)


def refused_by(said: str) -> bool:
    return "NOPERM" in said


def as_app(server: RedisServer, port: str, user: str, password: str, *command: str) -> str:
    """What a client answers that comes over the submission's network, as an app does."""
    api: Any = server.api
    words = ["redis-cli", "-h", "redis", "-p", port, "--user", user, "--pass", password]
    made = api.exec_create(server.id, [*words, "--no-auth-warning", *command])
    said: bytes = api.exec_start(made["Id"])
    return said.decode().strip()


def test_commands_of_others_are_noted(place: Environment) -> None:
    """In the order in which they came, with what a script ran, and without log-ins."""
    server = redis_of(place)
    monitor = CommandMonitor(server.admin)
    app = server.access.app
    monitor.begin()
    as_app(server, str(PORT), app.name, app.password, "SET", "a", 'say "b"')
    as_app(server, str(PORT), app.name, app.password, "EVAL", "redis.call('DEL', 'a')", "0")
    ask(place, server.access.reader, "GET", "a")
    told = monitor.end()
    assert told["complete"]
    assert [(one["words"], one["script"]) for one in told["commands"]] == [
        (("SET", "a", 'say "b"'), False),
        (("EVAL", "redis.call('DEL', 'a')", "0"), False),
        (("DEL", "a"), True),
    ]


def test_a_run_sees_nothing_of_the_one_before(environments: EnvironmentPool) -> None:
    """No key, user, script, function, session or refusal, on the same server."""
    containers, users = set(), list[RedisUser]()
    for _ in range(3):
        place = environments.take(PLAN)
        server = redis_of(place)
        containers.add(server.id)
        app = server.access.app
        assert ask(place, app, "KEYS", "*") == []
        assert ask(place, app, "SCRIPT", "EXISTS", SCRIPT) == [0]
        assert server.refusals() == ()
        for old in users:
            with pytest.raises(RedisError):
                ask(place, old, "PING")
        for number in range(16):
            with connected(place, app) as connection:
                connection.ask("SELECT", number)
                connection.ask("SET", "left", "behind")
        ask(place, app, "SCRIPT", "LOAD", "return 1")
        server.admit_guest(place.address(PORT))
        with pytest.raises(RedisError):
            ask(place, RedisUser(name="x", password="y", rules=()), "PING")
        users += [app, server.access.reader]
        environments.give_back(place, sound=True)
    assert len(containers) == 1


SCRIPT = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"
"""The name of the script `return 1`."""
CHANGED: dict[str, tuple[tuple[str, ...], ...]] = {
    "settings": (("CONFIG", "SET", "maxmemory", "77mb"),),
    "accounts": (("ACL", "SETUSER", "stranger", "on", "nopass", "+@all"),),
    "functions": (
        ("FUNCTION", "LOAD",
         "#!lua name=f\nredis.register_function('f', function() return 1 end)"),
    ),
    "replication": (("REPLICAOF", "127.0.0.1", "1"),),
    "slow log": (
        ("CONFIG", "SET", "slowlog-max-len", "5"),
        ("CONFIG", "SET", "slowlog-log-slower-than", "0"),
        ("PING",),
    ),
    "keys": (("SET", "a", "b"),),
    "scripts": (("SCRIPT", "LOAD", "return 1"),),
}  # fmt: skip
"""For each part of the state, an administrator's commands that change it."""


@pytest.mark.parametrize("what", CHANGED)
def test_each_change_of_a_server_is_seen(environments: EnvironmentPool, what: str) -> None:
    """By the name of the part that differs; one that no app can make ends the server's use."""
    place = environments.take(PLAN)
    server = redis_of(place)
    before = state(server)
    for command in CHANGED[what]:
        server.admin.ask(*command)
    assert what in difference(before, state(server))
    if PARTS[what].lasting:
        with pytest.raises(NotClean, match=what):
            reused(environments, place).clean()
    container = server.id
    environments.give_back(place, sound=True)
    another = environments.take(PLAN)
    assert (redis_of(another).id != container) == PARTS[what].lasting
    environments.give_back(another, sound=True)


def test_every_part_of_the_state_has_such_a_change() -> None:
    """But for what a server without modules cannot be made to load, and what other tests show."""
    elsewhere = {"modules", "sessions", "channels", "refused log-ins"}
    assert {*PARTS} == {*CHANGED} | elsewhere
    assert FILES not in PARTS


def test_a_server_that_a_script_keeps_busy_is_not_used_again(environments: EnvironmentPool) -> None:
    """One that has written cannot be ended; one that has not is."""
    place = environments.take(PLAN)
    server = redis_of(place)
    for script, ends in (("while true do end", True),
                         ("redis.call('SET', 'a', 'b') while true do end", False)):  # fmt: skip
        with connected(place, server.access.app) as connection:
            with pytest.raises(RedisError):
                connection.ask("EVAL", script, 0, seconds=1.5)
            began = time.monotonic()
            if ends:
                assert server.admin.ask("PING") == b"PONG"
                assert isinstance(server.admin.ask("CLIENT", "ID"), int)
            else:
                with pytest.raises(OutOfTime, match="script"):
                    server.admin.ask("CLIENT", "ID")
            assert time.monotonic() - began < 6
    with pytest.raises(NotClean):
        reused(environments, place).clean()
    environments.give_back(place, sound=False)
