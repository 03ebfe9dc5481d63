"""A MySQL server for one run, through testcontainers, from a pre-initialised image.

It has no published port (the gateway leads there), and is ready when it answers a log-in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, ClassVar

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
from grader.services.mysql.access import MySqlAccess

ALIAS = "mysql"
"""The server's name on its network."""
PORT = 3306
ATTEMPT = 2.0
"""Seconds that one attempt to connect may take, greeting and log-in included."""
MEMORY = 1024 * 1024 * 1024
TOO_MANY = 1040
"""MySQL's error for a server that has all the connections that it takes."""
REFUSED = re.compile(
    r"Access denied for user '(?P<user>.{0,400})'@'(?!localhost|127\.|::1)(?P<host>[^']*)' "
    r"\(using password: (?P<given>\w+)"
)
"""A log-in from elsewhere that failed, in MySQL's log."""


class MySqlServer(AwaitedServer):
    """A MySQL server in a container, whoever made that."""

    title = "MySQL"
    alias: ClassVar[str] = ALIAS
    """Its name on its network."""
    own = False
    """Whether the submission brought it itself."""
    early_seconds = 0.3

    def __init__(self, engine: Engine, access: MySqlAccess) -> None:
        AwaitedServer.__init__(self, engine)
        self.access = access
        self.guest_access: tuple[MySqlAccess, ...] = ()
        """What apps alongside the examined one have of it."""
        self.writer: Account | None = None
        """The grader's account that may also change rows of the run's schema, once one is made."""

    def begin(self, access: MySqlAccess) -> None:
        """From now on it is another run's, with `access`: what it has logged so far is not told."""
        self.begin_log()
        self.access = access
        self.guest_access = ()
        self.writer = None

    @property
    def tenant(self) -> Tenant:
        """The run's database and account."""
        return self._tenant(self.access)

    @property
    def guests(self) -> tuple[Tenant, ...]:  # type: ignore[override]
        """What apps alongside the examined one have of it."""
        return tuple(map(self._tenant, self.guest_access))

    def secrets(self) -> dict[str, str]:
        """Return its passwords by names."""
        access = self.access
        found = {"DB_PASSWORD": access.password, "MYSQL_ROOT_PASSWORD": access.root_password}
        return found | ({"READER_PASSWORD": access.reader.password} if access.reader else {})

    def told(self, address: Address) -> dict[str, Any]:
        """Return what the suite's fixture is given: address, account, schema, the app's account."""
        access = self.access
        used = access.reader or Account(user=access.admin, password=access.root_password)
        return {
            "host": address[0], "port": address[1], "user": used.user, "password": used.password,
            "database": access.database, "account": access.user, "own": self.own,
        }  # fmt: skip

    def refusals(self) -> tuple[Refusal, ...]:
        """Return the log-ins that it has refused in this run, its own container's left out."""
        return self.of_clients(refusals_in(self.entries()))

    def prepare(self, address: Address) -> None:
        """Make the grader's reading account, and bound the app's connections."""
        from grader.services.mysql.accounts import admit_reader

        admit_reader(self, address)

    def admit_guest(self, address: Address) -> Tenant:
        """Make one more schema and account, for an app alongside the examined one."""
        from grader.services.mysql.accounts import admit_guest

        return self._tenant(admit_guest(self, address))

    def operations(self, address: Address, hide: Hide) -> Operations:
        """Return what a suite may ask for beyond stop, start and restart, by name."""
        from grader.services.mysql.operations import operations_of

        return operations_of(self, address, hide)

    def notes(self, address: Address) -> tuple[str, ...]:
        """Return what its schema holds alongside tables, as none of it counts as data."""
        from grader.services.mysql.observe import noted_objects

        return noted_objects(self, address, self.access.database)

    def reusable(self, address: Address) -> Reusable:
        """Return what lends it to one run after another."""
        from grader.services.mysql.reuse import ReusedServer

        return ReusedServer(self, address)

    def greet(self) -> None:
        """Connect once as the run's reading account, where `await_ready` has found the server.

        Raises `NotAnswering`.
        """
        if failure := self.attempt(self._address):
            msg = f"{self.title} refused an account that the grader has just made: {failure}"
            raise NotAnswering(msg)

    def attempt(self, address: Address) -> str:
        """Log in; empty where that succeeds, else why it does not.

        It is asked as the account that the suite will use: the server then knows the password by
        its hash, and the suite's process need not load what encrypts one.
        """
        import pymysql

        from grader.deadline.mysql import open_mysql

        access = self.access
        known = access.reader or Account(user=access.admin, password=access.root_password)
        try:
            connection = open_mysql(
                address, login=ATTEMPT, statement=ATTEMPT,
                user=known.user, password=known.password,
            )  # fmt: skip
        except (pymysql.err.MySQLError, OSError) as error:
            # connections that the app holds say nothing about the server
            return "" if error.args[:1] == (TOO_MANY,) else str(error)
        except Exception as error:  # noqa: BLE001 - the driver takes what comes for well-formed
            return f"what answers is no {self.title} server: {error}"
        connection.close()
        return ""

    def _tenant(self, access: MySqlAccess) -> Tenant:
        return Tenant(
            user=access.user,
            values={
                "host": self.alias, "port": str(PORT), "database": access.database,
                "user": access.user, "password": access.password,
            },
        )  # fmt: skip


class MySql(MySqlServer, ContainerServer):
    """A MySQL server on a run's network, made from an image through testcontainers."""

    def __init__(self, within: ServerPlacement, container: Any, access: MySqlAccess) -> None:
        """`container` is testcontainers', not started yet."""
        MySqlServer.__init__(self, within.engine, access)
        self._container = container

    @classmethod
    def placed(cls, image: str, within: ServerPlacement, series: str = "") -> MySql:
        """Return one that is not started yet, with new names and passwords.

        It has the functions of the `series` that it may stand in for; with none, its own.
        """
        access = MySqlAccess.draw()
        environment = {
            "MYSQL_ROOT_PASSWORD": access.root_password, "MYSQL_DATABASE": access.database,
            "MYSQL_USER": access.user, "MYSQL_PASSWORD": access.password,
            "GRADER_MYSQL_SERIES": series,
        }  # fmt: skip
        return cls(within, placed(image, environment, ALIAS, MEMORY, within), access)

    def answers(self) -> bool:
        """Whether something at its address speaks first, as a MySQL server does."""
        try:
            with dial(self._address, ATTEMPT) as connection:
                return bool(connection.recv(1))
        except OSError:
            return False


def refusals_in(lines: Iterable[str]) -> tuple[Refusal, ...]:
    """Return the log-ins that the `lines` of a server's log say it has refused.

    Those from localhost are left out. What stands after an account's name is the server's: no
    client can choose it.
    """
    return tuple(
        Refusal(user=found["user"], host=found["host"], guessed=found["given"] == "YES", line=line)
        for line in lines
        for found in REFUSED.finditer(line)
    )
