"""A PostgreSQL server for runs, from an image whose data folder was initialised beforehand."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from typing import Any

from grader.deadline import dial
from grader.sandbox.engine import Engine
from grader.services.base import (
    Account,
    Address,
    Hide,
    NotAnswering,
    Operations,
    Refusal,
    Reusable,
    ServerPlacement,
    Tenant,
)
from grader.services.container import AwaitedServer, ContainerServer, placed
from grader.services.postgres.access import ADMIN, ALIAS, LOCAL, PostgresAccess

ATTEMPT = 2.0
"""Seconds that one attempt to connect may take."""
MEMORY = 1024 * 1024 * 1024
SSL_REQUEST = b"\0\0\0\x08\x04\xd2\x16\x2f"
"""What a PostgreSQL server answers before anything else, with one byte."""
REFUSED = re.compile(
    r"\S+ \S+ \S+ (?P<host>\S+) authentication FATAL:  (?:password authentication failed for user|"
    r"role) \"(?P<user>.*?)\"(?: does not exist)?"
)
"""A log-in that failed. No statement of an app's can make the log say `authentication` there."""


class PostgresServer(AwaitedServer):
    """A PostgreSQL server in a container, whoever made that."""

    title = "PostgreSQL"

    def __init__(self, engine: Engine, admin: Account, access: PostgresAccess) -> None:
        AwaitedServer.__init__(self, engine)
        self.admin = admin
        """For what touches no student's object."""
        self.access = access
        """The run's, once it is admitted."""
        self.guest_access: tuple[PostgresAccess, ...] = ()
        self.writer: Account | None = None
        """The grader's role that may also change rows of the run's database, once one is made."""

    def begin(self, access: PostgresAccess) -> None:
        """From now on it is the run's with `access`: what it has logged so far is not told."""
        self.begin_log()
        self.access = access
        self.guest_access = ()
        self.writer = None

    @property
    def tenant(self) -> Tenant:
        """The run's database and role."""
        return self.access.tenant

    @property
    def guests(self) -> tuple[Tenant, ...]:  # type: ignore[override]
        """What apps alongside the examined one have of it."""
        return tuple(one.tenant for one in self.guest_access)

    def secrets(self) -> dict[str, str]:
        """Return its passwords by names."""
        access = self.access
        found = {"DB_PASSWORD": access.app.password, "POSTGRES_PASSWORD": self.admin.password}
        return found | ({"READER_PASSWORD": access.reader.password} if access.reader else {})

    def told(self, address: Address) -> dict[str, Any]:
        """Return what the suite's fixture is given: address, the reader, and the app's role."""
        access = self.access
        assert access.reader is not None
        return {
            "host": address[0], "port": address[1], "user": access.reader.user,
            "password": access.reader.password, "database": access.database,
            "account": access.app.user,
        }  # fmt: skip

    def refusals(self) -> tuple[Refusal, ...]:
        """Return the log-ins that it has refused in this run, its own container's left out."""
        return self.of_clients(refusals_in(self.entries()))

    def prepare(self, address: Address) -> None:
        """Make the run's database and roles."""
        from grader.services.postgres.accounts import admit

        admit(self, address)

    def admit_guest(self, address: Address) -> Tenant:
        """Make one more database and role, for an app alongside the examined one."""
        from grader.services.postgres.accounts import admit_guest

        return admit_guest(self, address).tenant

    def operations(self, address: Address, hide: Hide) -> Operations:
        """Return what a suite may ask for beyond stop, start and restart, by name."""
        from grader.services.postgres.operations import operations_of

        return operations_of(self, address, hide)

    def notes(self, address: Address) -> tuple[str, ...]:
        """Return what the database holds alongside tables, as none of it counts as data."""
        from grader.services.postgres.observe import noted_objects

        return noted_objects(self, address)

    def reusable(self, address: Address) -> Reusable:
        """Return what lends it to one run after another."""
        from grader.services.postgres.reuse import ReusedPostgres

        return ReusedPostgres(self, address)

    def greet(self, address: Address) -> None:
        """Connect once as the run's reader. Raises `NotAnswering`."""
        assert self.access.reader is not None
        if failure := _attempt(address, self.access.reader, self.access.database):
            msg = f"PostgreSQL refused an account that the grader has just made: {failure}"
            raise NotAnswering(msg)

    def attempt(self, address: Address) -> str:
        """Log in as the administrator; empty where that succeeds, else why it does not."""
        return _attempt(address, self.admin, ADMIN)


class Postgres(PostgresServer, ContainerServer):
    """A PostgreSQL server on a run's network, made from an image through testcontainers."""

    def __init__(self, within: ServerPlacement, container: Any, admin_password: str) -> None:
        """`container` is testcontainers', not started yet."""
        admin = Account(user=ADMIN, password=admin_password)
        PostgresServer.__init__(self, within.engine, admin, PostgresAccess.draw(reader=True))
        self._container = container

    @classmethod
    def placed(cls, image: str, within: ServerPlacement) -> Postgres:
        """Return one that is not started yet, with a new password of its administrator's."""
        password = secrets.token_urlsafe(24)
        container = placed(image, {"POSTGRES_PASSWORD": password}, ALIAS, MEMORY, within)
        return cls(within, container, password)

    def answers(self) -> bool:
        """Return whether a PostgreSQL server answers where it was found."""
        try:
            with dial(self._address, ATTEMPT) as connection:
                connection.sendall(SSL_REQUEST)
                return bool(connection.recv(1))
        except OSError:
            return False


def _attempt(address: Address, account: Account, database: str) -> str:
    import psycopg

    from grader.deadline.postgres import open_postgres

    try:
        connection = open_postgres(
            address, login=ATTEMPT, user=account.user, password=account.password, database=database
        )
    except psycopg.Error as error:
        return str(error)
    connection.abort()
    return ""


def refusals_in(lines: Iterable[str]) -> tuple[Refusal, ...]:
    """Return the log-ins that the `lines` of a server's log say it has refused.

    Those from localhost are left out. An app that gives no password ends the conversation
    itself, and the server says nothing of it: what is here was tried with one.
    """
    return tuple(
        Refusal(user=found["user"], host=found["host"], guessed=True, line=line)
        for line in lines
        if (found := REFUSED.match(line)) and found["host"] not in LOCAL
    )
