"""What a run has of a MySQL server, and what the server is to those who administer it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Protocol

from grader.services.base import Account


@dataclass(frozen=True, kw_only=True)
class MySqlAccess:
    """Random names and passwords that exist for one run only."""

    database: str
    user: str
    password: str
    root_password: str
    admin: str = "root"
    """The server's administrator, with `root_password`: for what touches no student's object."""
    reader: Account | None = None
    """The grader's own account for this run, which may only read the schema."""

    @classmethod
    def draw(cls) -> MySqlAccess:
        """Return new ones. Not from the seed: nobody may foresee a password."""
        return cls(
            database=f"exam_{secrets.token_hex(4)}",
            user=f"student_{secrets.token_hex(4)}",
            password=secrets.token_urlsafe(18),
            root_password=secrets.token_urlsafe(24),
        )


class AdministeredMySql(Protocol):
    """A MySQL or MariaDB server, as its accounts, its observers and its reuse see it."""

    access: MySqlAccess
    """The run's, with the administrator's password."""
    guest_access: tuple[MySqlAccess, ...]
    """What apps alongside the examined one have of it."""
    writer: Account | None
    """The grader's account that may also change rows, once one is made."""
    own: bool
    """Whether the submission brought it itself."""

    @property
    def title(self) -> str:
        """What sentences call it."""

    def begin(self, access: MySqlAccess) -> None:
        """Make it another run's, with `access`."""

    def greet(self) -> None:
        """Connect once as the run's reading account. Raises `NotAnswering`."""
