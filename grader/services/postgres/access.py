"""What a run has of a PostgreSQL server, and what it is to those who administer it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Protocol

from grader.services.base import Account, Address, Tenant

ALIAS = "postgres"
"""The server's name on its network."""
PORT = 5432
ADMIN = "postgres"
"""The administrator, and the one database where it looks at anything."""
LOCAL = frozenset({"[local]", "127.0.0.1", "::1"})
"""What its log calls its own container."""


@dataclass(frozen=True, kw_only=True)
class PostgresAccess:
    """A database of one app's, with random names and passwords."""

    database: str
    app: Account
    reader: Account | None = None
    """The grader's own role, which may only read the database; a guest has none."""

    @classmethod
    def draw(cls, *, reader: bool) -> PostgresAccess:
        """Return new ones. Not from the seed: nobody may foresee a password."""
        return cls(
            database=f"exam_{secrets.token_hex(4)}", app=Account.draw("student"),
            reader=Account.draw("reader") if reader else None,
        )  # fmt: skip

    @property
    def tenant(self) -> Tenant:
        """What the app is told."""
        return Tenant(
            user=self.app.user,
            values={
                "host": ALIAS, "port": str(PORT), "database": self.database,
                "user": self.app.user, "password": self.app.password,
            },
        )  # fmt: skip


class AdministeredPostgres(Protocol):
    """A PostgreSQL server, as its roles, its observers and its reuse see it."""

    admin: Account
    """For what touches no student's object."""
    access: PostgresAccess
    """The run's, once it is admitted."""
    guest_access: tuple[PostgresAccess, ...]
    """What apps alongside the examined one have of it."""
    writer: Account | None
    """The grader's role that may also change rows, once one is made."""

    def begin(self, access: PostgresAccess) -> None:
        """Make it the run's with `access`."""

    def greet(self, address: Address) -> None:
        """Connect once as the run's reader. Raises `NotAnswering`."""

    def entries(self) -> list[str]:
        """Return the lines of its log that are this run's."""
