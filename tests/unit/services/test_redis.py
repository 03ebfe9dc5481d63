"""What is read of a Redis server's answers, and what its users may do."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.exam.services.redis import CacheCommand, CacheCommands
from grader.exam.services.redis_losses import loss_in
from grader.sandbox.images.recipes import ASSETS, Recipe
from grader.sandbox.images.references import ImageReference, counterpart
from grader.service_catalogue import built_in
from grader.services.base import NotClean, OutOfTime, Refusal, Reusable, Server, Service
from grader.services.redis import reuse
from grader.services.redis.access import KEYS_READ, RedisAccess, RedisUser, draw_writer
from grader.services.redis.administered import AdministeredRedis
from grader.services.redis.connection import RedisAdmin, translated_error
from grader.services.redis.guests import ENTRYPOINT
from grader.services.redis.observe import MonitoredCommand, command_in
from grader.services.redis.operations import operations_of
from grader.services.redis.refusals import MOST, password_length, read_refusals, refusal_of
from grader.services.redis.reuse import ReusedRedis
from grader.services.redis.server import PORT, RedisServer, tenant_of
from grader.services.redis.service import RedisService
from grader.services.redis.state import FILES, PARTS, RedisState, difference

CLIENT = "id=3 addr=172.18.0.3:41234 laddr=172.18.0.2:6379 fd=8 name= argv-mem={} multi-mem=0"


def test_users_are_told_apart_and_their_passwords_hidden() -> None:
    """Each has a name and a password of its own; a command and a text show only its hash."""
    one, other = RedisAccess.draw(), RedisAccess.draw()
    users = [one.app, one.reader, other.app, other.reader, draw_writer()]
    assert len({user.name for user in users}) == len({user.password for user in users}) == 5
    for user in users:
        assert user.password not in " ".join(user.command)
        assert user.password not in repr(user)
    assert one.reader.rules[: len(KEYS_READ)] == KEYS_READ


def test_a_line_of_accounts_is_what_the_command_makes() -> None:
    user = RedisUser(name="guest", password="x", rules=("~*", "+@all"))
    assert user.line.startswith("user guest on #2d711642b726b04401627ca9fbac32f5c8530fb1")
    assert user.line.endswith(" ~* +@all")


def test_what_an_app_is_given_leads_to_its_user() -> None:
    user = RedisUser(name="student", password="word", rules=())
    values = tenant_of(user).values
    assert values["url"] == f"redis://student:word@redis:{PORT}/0"
    assert tenant_of(user, 6380).values["port"] == "6380"


@pytest.mark.parametrize(
    ("command", "user", "size", "length"),
    [
        ("AUTH", "ada", 4 + 3 + 8, 8),
        ("auth", "ada", 4 + 3, 0),
        ("AUTH", "default", 4 + 5, 5),
        ("HELLO", "ada", 5 + 1 + 4 + 3 + 6, 6),
        ("HELLO", "ada", 5 + 1 + 4 + 3, 0),
        ("RESET", "ada", 20, None),
    ],
)
def test_a_refused_password_is_known_by_its_length(
    command: str, user: str, size: int, length: int | None
) -> None:
    """Whoever gave none has not guessed."""
    assert password_length(command, user, CLIENT.format(size)) == length


def test_refusals_tell_who_came_from_where() -> None:
    """Those from within the container are left out, and refused commands."""
    entry = {"reason": "auth", "object": "AUTH", "username": "ada"}
    found = refusal_of({**entry, "client-info": CLIENT.format(15)}, 7)
    assert found == Refusal(
        user="ada", host="172.18.0.3", guessed=True, line="7: AUTH ada from 172.18.0.3"
    )
    local = CLIENT.format(15).replace("addr=172.18.0.3", "addr=127.0.0.1", 1)
    assert refusal_of({**entry, "client-info": local}, 7) is None
    denied = {**entry, "reason": "command", "client-info": CLIENT.format(15)}
    assert refusal_of(denied, 7) is None


def test_refusals_are_read_in_one_packet_and_in_their_order() -> None:
    """Without MULTI, which a server whose memory is full refuses; those read before are kept."""
    asked: list[Any] = []
    log = [
        [b"reason", b"auth", b"object", b"AUTH", b"username", name, b"client-info", client]
        for client in [CLIENT.format(15).encode()]
        for name in (b"last", b"first")
    ]

    def ask_each(commands: list[tuple[Any, ...]]) -> list[Any]:
        asked.append(commands)
        return [log, b"OK"]

    server: Any = SimpleNamespace(admin=SimpleNamespace(ask_each=ask_each), refused=[])
    assert [one.user for one in read_refusals(server)] == ["first", "last"]
    assert [one.line[:2] for one in read_refusals(server)] == ["0:", "1:", "2:", "3:"]
    assert asked == [[("ACL", "LOG", MOST), ("ACL", "LOG", "RESET")]] * 2


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('17.5 [0 172.18.0.3:41] "SET" "a" "b c"', ("SET", "a", "b c")),
        (r'17.5 [2 172.18.0.3:41] "GET" "say \"x\" \\"', ("GET", 'say "x" \\')),
        (r'17.5 [0 lua] "GET" "\xc3\xa4\n\xff"', ("GET", "ä\n\ufffd")),
        ("OK", None),
        ("17.5 [0 172.18.0.3:41] ", None),
    ],
)
def test_lines_of_monitor_are_commands(line: str, words: tuple[str, ...] | None) -> None:
    found = command_in(line)
    assert (found and found.words) == words
    assert found is None or isinstance(found, MonitoredCommand)


def test_commands_are_found_by_name_and_by_key() -> None:
    one = CacheCommand(name="GET", arguments=("a",), database=0, script=False)
    other = CacheCommand(name="SET", arguments=("a", "b"), database=0, script=True)
    seen = CacheCommands(commands=[one, other])
    assert seen.named("get") == [one]
    assert seen.about("a") == [one, other]
    assert seen.about("b") == [other]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("BUSY Redis is busy running a script.", "keeps Redis busy"),
        ("max number of clients reached", "every connection"),
        ("command not allowed when used memory > 'maxmemory'.", "memory"),
        ("WRONGTYPE Operation against a key", "another type"),
    ],
)
def test_what_an_app_does_to_redis_is_its_loss(said: str, told: str) -> None:
    loss = loss_in(said)
    assert loss is not None
    assert told in str(loss)
    assert loss_in("ERR unknown command") is None


def test_what_an_app_holds_up_is_no_fault_of_the_platform() -> None:
    """The administrator's error says which it was."""
    assert isinstance(translated_error(ValueError("BUSY script"), late=False), OutOfTime)
    assert isinstance(translated_error(ValueError("slow"), late=True), OutOfTime)
    full = translated_error(ValueError("max number of clients reached"), late=False)
    assert isinstance(full, OutOfTime)
    assert not isinstance(translated_error(ValueError("ERR x"), late=False), OutOfTime)


def test_a_difference_names_parts_and_no_values() -> None:
    before = RedisState({**dict.fromkeys(PARTS, "x"), FILES: "[]"})
    after = RedisState({**before.parts, "settings": "secret", FILES: "['/tmp/x']"})
    assert difference(before, after) == "settings, files"
    assert difference(before, before) == ""


def test_sessions_of_others_are_told_by_user_and_kind() -> None:
    """The one that asks is left out."""
    lines = (
        b"id=3 addr=1.2.3.4:5 flags=N db=0 cmd=client|list user=admin resp=2\n"
        b"id=4 addr=1.2.3.4:6 flags=P db=0 cmd=subscribe user=student resp=2\n"
    )
    assert PARTS["sessions"].counts(lines) == [b"flags=P user=student"]


def test_a_suite_may_ask_for_a_writer_and_for_commands() -> None:
    """Each is made when it is asked for: nothing is said to a server before."""
    server: Any = SimpleNamespace(admin=RedisAdmin("password"))
    found = operations_of(server, lambda hidden: None)
    assert set(found) == {"writer", "begin_monitor", "end_monitor"}


def test_redis_is_a_service_whose_servers_can_be_lent() -> None:
    assert issubclass(RedisService, Service)
    assert issubclass(ReusedRedis, Reusable)
    assert issubclass(RedisServer, Server)
    assert (ASSETS / "redis" / Path(ENTRYPOINT).name.removeprefix("redis-")).is_file()


def test_the_server_has_what_its_users_and_its_reuse_ask_of_it() -> None:
    asked = {name for name in vars(AdministeredRedis) if not name.startswith("_")}
    assert {"begin", "signal", "api"} <= asked <= {*dir(RedisServer)}


@pytest.mark.parametrize(
    ("image", "made"),
    [
        ("redis", "grader/redis:trixie"),
        ("redis:7", "grader/redis:bookworm"),
        ("redis:7.4-alpine", "grader/redis:bookworm"),
        ("redis:6.2", "grader/redis:bookworm"),
        ("redis:8.2", "grader/redis:trixie"),
        ("redis:99", "grader/redis:trixie"),
        ("valkey/valkey:8", "grader/valkey:trixie"),
        ("docker.io/valkey/valkey", "grader/valkey:trixie"),
    ],
)
def test_each_image_has_a_counterpart(image: str, made: str) -> None:
    """The version that is asked for, else the nearest newer, else the newest."""
    found = counterpart(ImageReference.parse(image))
    assert isinstance(found, Recipe)
    assert found.tag == made


@pytest.mark.parametrize(
    ("image", "taken"),
    [
        ("redis:7", True), ("redis:7.4-alpine", True), ("redis", True), ("redis:alpine", True),
        ("valkey/valkey:8", True), ("redis:6.2", False), ("redis:6", False), ("mysql:8", False),
    ],
)  # fmt: skip
def test_images_without_accounts_are_refused(image: str, taken: bool) -> None:
    """Redis 6 has no users whose rights end at reading."""
    pattern = built_in()["redis"].options["properties"]["image"]["pattern"]
    assert bool(re.search(pattern, image)) == taken


def a_lent(*processes: bytes, others: tuple[bytes, ...] = ()) -> Any:
    """A server of which each look at its process, and at its sessions, gives the next answer."""
    asked: list[Any] = []
    named, listed = iter(processes), iter(others)

    def ask(*words: str) -> bytes:
        asked.append(words)
        return b"run_id:" + next(named) if words[0] == "INFO" else next(listed)

    admin = SimpleNamespace(ask=ask, ask_each=asked.extend, close=lambda: None)
    lent = object.__new__(ReusedRedis)
    lent.server = cast("Any", SimpleNamespace(
        admin=admin, signal=asked.append, await_ready=lambda *_, **__: None,
    ))  # fmt: skip
    lent._address = ("127.0.0.1", 1)
    return SimpleNamespace(lent=lent, asked=asked)


def test_a_server_is_used_again_once_its_process_is_another() -> None:
    one = a_lent(b"1", b"1", b"1", b"2")
    one.lent._start_as_new()
    assert one.asked.count("SIGHUP") == 1


def test_a_server_whose_process_stays_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reuse, "NEW_SECONDS", 0.0)
    with pytest.raises(NotClean, match="was not started again in 0 s"):
        a_lent(b"1", b"1").lent._start_as_new()


def test_sessions_of_others_are_ended_until_none_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    line = b"id=4 addr=127.0.0.1:2 flags=N user=student\n"
    one = a_lent(others=(line, b""))
    one.lent._await_alone()
    assert ("CLIENT", "KILL", "TYPE", "pubsub") in one.asked
    monkeypatch.setattr(reuse, "ENDING_SECONDS", 0.0)
    with pytest.raises(NotClean, match="did not end in 0 s"):
        a_lent(others=(line,)).lent._await_alone()
