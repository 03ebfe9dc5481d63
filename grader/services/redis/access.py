"""Users of a Redis server, with passwords that exist for one run only, and what each may do.

- the app's: all commands on data, scripts included, and nothing of the server's own;
- the grader's reader: commands that read keys, and nothing else;
- the grader's writer, made where a suite changes keys: commands that read and write them. Neither
  of the two runs a script or waits for anything.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

ADMIN = "practical-exam-grader"
"""The administrator, whom the image's entrypoint makes."""
APP_RULES = (
    "~*", "&*", "+@all", "-@admin", "-@dangerous",
    # of those that Redis calls dangerous, what concerns data alone
    "+flushdb", "+flushall", "+keys", "+sort", "+sort_ro", "+info", "+swapdb", "+restore",
    # functions and the cache of scripts are the server's; a script of the app's own is not
    "-function", "-fcall", "-fcall_ro", "-script", "+script|load", "+script|exists", "-acl",
    "+acl|whoami",
)  # fmt: skip
KEYS_READ = ("%R~*", "+@read", "-@dangerous", "-@blocking", "-@scripting")
KEYS_WRITTEN = ("~*", "+@read", "+@write", "-@dangerous", "-@blocking", "-@scripting", "+flushdb")
SESSION = ("+auth", "+hello", "+ping", "+select")
"""What each connection needs."""
FIRST_PORT = 6380
"""The first port of guests' servers."""


@dataclass(frozen=True, kw_only=True)
class RedisUser:
    """A user of a Redis server."""

    name: str
    password: str = field(repr=False)
    rules: tuple[str, ...]
    """What it may do, as ACL SETUSER takes it."""

    @classmethod
    def draw(cls, kind: str, *rules: str) -> RedisUser:
        """Return a new one whose name begins with `kind`. Nobody may foresee its password."""
        return cls(
            name=f"{kind}_{secrets.token_hex(4)}", password=secrets.token_urlsafe(24), rules=rules
        )

    @property
    def line(self) -> str:
        """How a file of accounts has it."""
        return " ".join(("user", *self.command[2:3], *self.command[4:]))

    @property
    def command(self) -> tuple[str, ...]:
        """The command that makes it; its password stands there as a hash."""
        digest = hashlib.sha256(self.password.encode()).hexdigest()
        return ("ACL", "SETUSER", self.name, "reset", "on", f"#{digest}", *self.rules)


@dataclass(frozen=True, kw_only=True)
class RedisAccess:
    """The users of one run."""

    app: RedisUser
    reader: RedisUser

    @classmethod
    def draw(cls) -> RedisAccess:
        """Return new ones."""
        return cls(app=draw_app("student"), reader=RedisUser.draw("reader", *KEYS_READ, *SESSION))


def draw_app(kind: str) -> RedisUser:
    """Return a new user for an app."""
    return RedisUser.draw(kind, *APP_RULES)


def draw_writer() -> RedisUser:
    """Return a new user for the grader's changes."""
    return RedisUser.draw("writer", *KEYS_WRITTEN, *SESSION)


@dataclass
class GuestServers:
    """The servers of one run's guests, in the container of its server."""

    users: tuple[tuple[RedisUser, int], ...] = ()
    """Whom each is for, and its port."""
    ports: Iterator[int] = field(default_factory=lambda: count(FIRST_PORT))
    """Those that no server in the container has."""

    def forget(self) -> None:
        """From now on they are another run's; a port is given once."""
        self.users = ()
