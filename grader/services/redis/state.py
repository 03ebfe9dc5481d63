"""All of a Redis server that outlives a run's users and keys, to be compared.

What a run has used is a process of its own: after each run the server is killed, its files are
removed, and it is started as if for the first time. So what is held in memory alone (scripts, keys,
subscriptions, counters) cannot reach the next run. What is compared before that tells whether an
app has had rights that it should not have; what is compared after it, that the server is as new.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader.services.redis.administered import AdministeredRedis
from grader.services.redis.connection import RedisAdmin

OWN_FILES = ("/var/lib/grader-redis", "/run", "/var/run", "/proc")
"""Where the server's data and accounts are, which are removed, and what the engine makes."""
CACHED = re.compile(rb"number_of_(?:cached_scripts|functions|libraries):\d+")
HELD = re.compile(r"(db\d+):keys=(\d+)")
NOTED = 8
"""Databases that a note names."""


def _lines(pattern: re.Pattern[bytes]) -> Callable[[Any], Any]:
    return lambda answer: sorted(pattern.findall(answer))


def _pairs(answer: Any) -> Any:
    """Names with their values, in order: the server lists them in one that changes."""
    return sorted(zip(answer[::2], answer[1::2], strict=True))


def _peers(answer: Any) -> Any:
    """Return what ROLE tells but for the offset, which counts the bytes written."""
    return [one for at, one in enumerate(answer) if at != 1]


def _others(answer: Any) -> Any:
    """Return the sessions of CLIENT LIST that are not the one which asks."""
    sessions = [line for line in answer.splitlines() if b" cmd=client" not in line]
    counted = (b"flags=", b"user=")
    return sorted(
        b" ".join(field for field in one.split(b" ") if field.startswith(counted))
        for one in sessions
    )


@dataclass(frozen=True, kw_only=True)
class StatePart:
    """One part of the state: the command that gives it, and what counts of the answer."""

    command: tuple[str | int, ...]
    counts: Callable[[Any], Any] = repr
    lasting: bool = True
    """Whether no app can change it with what it may do: it is compared before the server is killed
    as well."""


PARTS = {
    "settings": StatePart(command=("CONFIG", "GET", "*"), counts=_pairs),
    "accounts": StatePart(command=("ACL", "LIST"), counts=sorted),
    "functions": StatePart(command=("FUNCTION", "LIST", "WITHCODE")),
    "modules": StatePart(command=("MODULE", "LIST")),
    "replication": StatePart(command=("ROLE",), counts=_peers),
    "sessions": StatePart(command=("CLIENT", "LIST"), counts=_others),
    "slow log": StatePart(command=("SLOWLOG", "GET", 10)),
    "keys": StatePart(command=("INFO", "keyspace"), lasting=False),
    "scripts": StatePart(command=("INFO", "memory"), counts=_lines(CACHED), lasting=False),
    "channels": StatePart(command=("PUBSUB", "CHANNELS"), lasting=False),
    "refused log-ins": StatePart(command=("ACL", "LOG"), lasting=False),
}
"""A command for each part of the state, by what the part is called."""
FILES = "files"
"""What the part is called that the engine tells: files outside of the server's own folder."""


@dataclass(frozen=True)
class RedisState:
    """What each part of a server came to."""

    parts: dict[str, str]


def state(server: AdministeredRedis, *, lasting: bool = False) -> RedisState:
    """Return the state of a server; with `lasting`, of what no app can change.

    Raises `PlatformError`.
    """
    chosen = {what: one for what, one in PARTS.items() if one.lasting or not lasting}
    answers = server.admin.ask_each([one.command for one in chosen.values()])
    parts = {
        what: repr(one.counts(answer))
        for (what, one), answer in zip(chosen.items(), answers, strict=True)
    }
    changed = [path for path in server.changed_files() if not path.startswith(OWN_FILES)]
    return RedisState({**parts, FILES: repr(sorted(changed))})


def difference(before: RedisState, after: RedisState) -> str:
    """Return what parts of `after` differ, and no value; empty where none does."""
    return ", ".join(what for what, found in after.parts.items() if before.parts[what] != found)


def noted_databases(admin: RedisAdmin) -> tuple[str, ...]:
    """Return a sentence on databases with keys that no suite looks into; none where there are none.

    Raises `PlatformError`.
    """
    held = HELD.findall(admin.ask("INFO", "keyspace").decode("utf-8", "replace"))
    others = [f"{name} ({keys} keys)" for name, keys in held if name != "db0"]
    if not others:
        return ()
    more = [f"{len(others) - NOTED} more"] * (len(others) > NOTED)
    named = ", ".join([*others[:NOTED], *more])
    return (f"The app keeps keys in other databases of Redis than 0: {named}. None of it counts.",)
