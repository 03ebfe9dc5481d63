"""Virtual hosts of a RabbitMQ server and their users, which exist for one run only.

- the app's user may do all within its virtual host, and nothing of the server's own;
- the grader's reader may count what waits in a queue, and neither take nor publish;
- the grader's writer, made where a suite publishes or takes, may do that and declare nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

ADMIN = "practical-exam-grader"
"""The administrator, whom the server is started with."""
NOTHING, ALL = "^$", ".*"
QUEUE_BYTES = 16 * 1024 * 1024
QUEUE_MESSAGES = 20_000
"""What waits in one queue of an app's."""
MOST_QUEUES = 100
"""Queues of an app's."""
MOST_CONNECTIONS = 100
MOST_CHANNELS = 500
"""What the app's user may have open at a time."""


@dataclass(frozen=True, kw_only=True)
class RabbitUser:
    """A user of a RabbitMQ server."""

    name: str
    password: str = field(repr=False)
    configure: str = NOTHING
    write: str = NOTHING
    read: str = NOTHING
    """Patterns of the names that it may declare, publish to and take from."""
    limits: tuple[tuple[str, int], ...] = ()
    """What it may have open at a time."""

    @classmethod
    def draw(cls, kind: str, **rights: Any) -> RabbitUser:
        """Return a new one whose name begins with `kind`. Nobody may foresee its password."""
        name = f"{kind}_{secrets.token_hex(4)}"
        return cls(name=name, password=secrets.token_urlsafe(24), **rights)


@dataclass(frozen=True, kw_only=True)
class RabbitAccess:
    """What one app has of a server: a virtual host, and the users that see it."""

    vhost: str
    app: RabbitUser
    reader: RabbitUser | None = None
    """The grader's own; a guest has none."""

    @classmethod
    def draw(cls, kind: str = "student", *, reader: bool) -> RabbitAccess:
        """Return new ones, the app's user called after `kind`."""
        limits = (("max-connections", MOST_CONNECTIONS), ("max-channels", MOST_CHANNELS))
        return cls(
            vhost=f"exam_{secrets.token_hex(4)}",
            app=RabbitUser.draw(kind, configure=ALL, write=ALL, read=ALL, limits=limits),
            reader=RabbitUser.draw("reader") if reader else None,
        )

    @property
    def users(self) -> tuple[RabbitUser, ...]:
        """The users, the app's first."""
        return (self.app, self.reader) if self.reader else (self.app,)


def draw_writer() -> RabbitUser:
    """Return a new user of the grader's that publishes and takes."""
    return RabbitUser.draw("writer", write=ALL, read=ALL)
