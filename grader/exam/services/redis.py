"""The `cache` fixture: the grader's own look into the submission's Redis.

It reads with a user that may read keys and nothing else, and changes keys with another one, which
is made when it is first asked for. What takes an administrator (restarts, the commands that come)
the grader's own process does. It looks into database 0, which the placeholder `url` names.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from grader.deadline.redis import (
    Lost,
    NoPermissionError,
    RedisConnection,
    RedisError,
    ResponseError,
    Word,
    open_redis,
    ran_out,
)
from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.protocol import Caller
from grader.exam.service_fixture import ServiceFixture
from grader.exam.services.redis_losses import loss_in

CONNECT_SECONDS = 5.0
COMMAND_SECONDS = 5.0
"""How long one command may take."""
TEST_SECONDS = 15.0
"""How long all commands of one test may take together."""
MOST_BYTES = 16 * 1024 * 1024
"""Bytes of one answer."""
MOST_KEYS = 100_000
"""Keys, and members of one key, that are read."""
AT_ONCE = 1000
"""Keys that one command is asked for."""
SLOW = (
    "The grader's look into your Redis took longer than it may ({0:.0f} s for one command, {1:.0f} "
    "s for all of a test). Scripts that run for long and very large values do that."
)
TOO_MUCH = (
    "Your Redis gives more than the grader reads: {0} keys or members, or {1} MiB in one answer."
)
Keys = set[bytes]
READS = {
    "string": ("GET",), "list": ("LRANGE", 0, -1), "set": ("SMEMBERS",), "hash": ("HGETALL",),
    "zset": ("ZRANGE", 0, -1, "WITHSCORES"), "stream": ("XRANGE", "-", "+"),
}  # fmt: skip
"""The command that reads a key of each type, its key left out."""
COUNTS = {"list": "LLEN", "set": "SCARD", "hash": "HLEN", "zset": "ZCARD", "stream": "XLEN"}
"""The command that counts the members of a key of each type."""


@dataclass(frozen=True, kw_only=True)
class CacheCommand:
    """A command that Redis got."""

    name: str
    """In capitals, such as `SETEX`."""
    arguments: tuple[str, ...]
    """At most 1000 characters of each; bytes that are no UTF-8 are U+FFFD."""
    database: int
    """The number of the database that it was sent to."""
    script: bool
    """Whether a script of the app's ran it."""


@dataclass
class CacheCommands:
    """The commands that Redis got within a block, but for log-ins and the grader's own."""

    commands: list[CacheCommand] = field(default_factory=list)
    """Filled in at the block's end, in the order in which they came."""

    def named(self, *names: str) -> list[CacheCommand]:
        """Return those of one of the `names`."""
        wanted = {name.upper() for name in names}
        return [one for one in self.commands if one.name in wanted]

    def about(self, key: str) -> list[CacheCommand]:
        """Return those that have `key` among their arguments."""
        return [one for one in self.commands if key in one.arguments]


class Cache(ServiceFixture):
    """The submission's Redis; what is read is what any other client sees."""

    fixture = "cache"

    def __init__(self, caller: Caller, told: dict[str, Any]) -> None:
        """`told`: `host`, `port`, `user`, `password` and `account`."""
        super().__init__(caller, told)
        self._reader: RedisConnection | None = None
        self._writer: RedisConnection | None = None
        self._waited = self._test = 0.0

    def begin_test(self) -> None:
        """Forget what the test before has done, and how long its commands took."""
        super().begin_test()
        self._test = 0.0

    @property
    def waited(self) -> float:
        """Seconds that Redis has taken to answer, so far."""
        return self._waited

    @property
    def account(self) -> str:
        """The name of the app's user on Redis."""
        return str(self._told["account"])

    # -- reading ---------------------------------------------------------------------------

    def keys(self, pattern: str = "*") -> list[str]:
        """Return the keys that match `pattern` (`user:*`), sorted.

        Bytes that are no UTF-8 are U+FFFD, here and wherever text is returned.
        """
        return sorted(map(_text, self._keys(pattern)))

    def exists(self, key: str) -> bool:
        """Return whether there is such a key."""
        return bool(self._ask("EXISTS", key))

    def type(self, key: str) -> str:
        """Return `string`, `list`, `set`, `hash`, `zset` or `stream`; `none` for no key."""
        return _text(self._ask("TYPE", key))

    def ttl(self, key: str) -> float | None:
        """Return the seconds that a key has left; None where it never expires.

        0.0 where there is no such key (any more).
        """
        left = int(self._ask("PTTL", key))
        return None if left == -1 else max(left, 0) / 1000

    def get(self, key: str) -> str | None:
        """Return the text that a key of type string holds; None where there is no such key."""
        found = self._ask("GET", key)
        return None if found is None else _text(found)

    def hash(self, key: str) -> dict[str, str]:
        """Return the fields of a key of type hash; empty where there is no such key."""
        words = [_text(one) for one in self._members(key, "hash")]
        return dict(zip(words[::2], words[1::2], strict=True))

    def items(self, key: str) -> list[str]:
        """Return the items of a key of type list, in order; empty where there is no such key."""
        return [_text(one) for one in self._members(key, "list")]

    def members(self, key: str) -> frozenset[str]:
        """Return the members of a key of type set; empty where there is no such key."""
        return frozenset(_text(one) for one in self._members(key, "set"))

    def scores(self, key: str) -> dict[str, float]:
        """Return the members of a key of type sorted set with their scores, the lowest first."""
        words = self._members(key, "zset")
        return {
            _text(one): float(score) for one, score in zip(words[::2], words[1::2], strict=True)
        }

    def find(self, text: str) -> list[str]:
        """Return the keys that hold `text` in their value, whatever their type, sorted."""
        wanted = text.encode()
        keys = sorted(self._keys("*"))
        found = []
        for at in range(0, len(keys), AT_ONCE):
            some = keys[at : at + AT_ONCE]
            kinds = [_text(one) for one in self._ask_each([("TYPE", key) for key in some])]
            for key, kind in zip(some, kinds, strict=True):
                if kind in READS and _holds(self._value(key, kind), wanted):
                    found.append(_text(key))
        return found

    # -- changing --------------------------------------------------------------------------

    def set(self, key: str, value: str | bytes | float, ttl: float | None = None) -> None:
        """Have a key of type string hold `value`, for `ttl` seconds or for ever."""
        expiry: tuple[Word, ...] = () if ttl is None else ("PX", max(1, round(ttl * 1000)))
        self._change("SET", key, value, *expiry)

    def delete(self, *keys: str) -> int:
        """Remove keys; return how many there were."""
        return int(self._change("DEL", *keys)) if keys else 0

    def clear(self) -> None:
        """Remove every key, as if the cache had been lost."""
        self._change("FLUSHDB")

    # -- watching --------------------------------------------------------------------------

    @contextmanager
    def monitor(self) -> Iterator[CacheCommands]:
        """Note the commands that Redis gets within the block, the grader's own left out.

        At most 10 000 of them, for two minutes: more fail the criterion.
        """
        found = CacheCommands()
        self._call("cache.alone")
        self._call("cache.begin_monitor")
        try:
            yield found
        finally:
            told = self._call("cache.end_monitor")
        found.commands = [_command(one) for one in told["commands"]]
        if not told["complete"]:
            msg = "Your app sends Redis more commands than the grader notes (10 000, or 8 MiB)."
            raise Mismatch(msg)

    # -- connections -----------------------------------------------------------------------

    def close(self) -> None:
        """Close the connections; the next command opens a new one."""
        for connection in (self._reader, self._writer):
            if connection:
                connection.close()
        self._reader = self._writer = None

    def _keys(self, pattern: str) -> Keys:
        found, cursor = Keys(), b"0"
        while True:
            cursor, some = self._ask("SCAN", cursor, "MATCH", pattern, "COUNT", AT_ONCE)
            found.update(some)
            if len(found) > MOST_KEYS:
                raise too_much()
            if cursor == b"0":
                return found

    def _members(self, key: str, kind: str) -> Any:
        held = self.type(key)
        if held not in {kind, "none"}:
            msg = f"The key {key!r} of your Redis is a {held}, and a {kind} was looked for."
            raise Mismatch(msg)
        return self._value(key, kind)

    def _value(self, key: Word, kind: str) -> Any:
        """Return the answer to the command that reads a key of that type."""
        if kind in COUNTS and int(self._ask(COUNTS[kind], key)) > MOST_KEYS:
            raise too_much()
        command, *rest = READS[kind]
        return self._ask(command, key, *rest)

    def _ask(self, *words: Word) -> Any:
        return self._ask_each([words])[0]

    def _ask_each(self, commands: Sequence[Sequence[Word]]) -> list[Any]:
        return self._run(self._reading, commands)

    def _change(self, *words: Word) -> Any:
        return self._run(self._writing, [words])[0]

    def _reading(self) -> RedisConnection:
        if self._reader is None:
            self._reader = self._open(self._told["user"], self._told["password"])
        return self._reader

    def _writing(self) -> RedisConnection:
        if self._writer is None:
            made = self._call("cache.writer")
            self._writer = self._open(made["user"], made["password"])
        return self._writer

    def _open(self, user: str, password: str) -> RedisConnection:
        """Connect: the one place where the suite does."""
        return open_redis(
            (self._told["host"], self._told["port"]), user=user, password=password,
            login=CONNECT_SECONDS, statement=COMMAND_SECONDS, most=MOST_BYTES,
        )  # fmt: skip

    def _run(self, connection: Any, commands: Sequence[Sequence[Word]]) -> list[Any]:
        if self._test > TEST_SECONDS:
            raise too_slow()
        started = time.monotonic()
        try:
            try:
                return list(connection().ask_each(commands))
            except Lost as error:  # the server was restarted since
                if ran_out(error):
                    raise
                self.close()
                return list(connection().ask_each(commands))
        except RedisError as error:
            self.close()
            raise self._judged(error) from error
        finally:
            taken = time.monotonic() - started
            self._test, self._waited = self._test + taken, self._waited + taken

    def _judged(self, error: RedisError) -> Exception:
        """Return whose fault it is that Redis did not do what it was asked."""
        said = str(error)
        if loss := loss_in(said):
            return loss
        if ran_out(error):
            # an answer that is too large, and one that does not come
            return too_much() if "more than" in said else too_slow()
        if isinstance(error, ResponseError) and not isinstance(error, NoPermissionError):
            return Mismatch(f"Redis refused the grader's look into your data: {said}.")
        try:
            self._call("cache.require_running")
        except Mismatch as mismatch:
            return mismatch
        return PlatformFault(f"the grader's own connection to Redis failed: {said}")


def too_slow() -> Mismatch:
    """Return the loss of a student whose Redis does not answer in time."""
    return Mismatch(SLOW.format(COMMAND_SECONDS, TEST_SECONDS))


def too_much() -> Mismatch:
    """Return the loss of a student whose Redis answers with more than is read."""
    return Mismatch(TOO_MUCH.format(MOST_KEYS, MOST_BYTES >> 20))


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _holds(value: Any, wanted: bytes) -> bool:
    if isinstance(value, list):
        return any(_holds(one, wanted) for one in value)
    return isinstance(value, bytes) and wanted in value


def _command(told: dict[str, Any]) -> CacheCommand:
    name, *arguments = told["words"]
    return CacheCommand(
        name=name.upper(), arguments=tuple(arguments), database=told["database"],
        script=told["script"],
    )  # fmt: skip
