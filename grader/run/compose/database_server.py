"""The database server of a Compose project as the grader sees it, with accounts of its own."""

from __future__ import annotations

from typing import Any

from grader.errors import PlatformError
from grader.run.compose.project_roles import ComposeRoles
from grader.run.context import RunContext
from grader.sandbox.compose import Compose
from grader.services.base import Account, Address, Hide, Operations, ServerEnded
from grader.services.container import AwaitedServer
from grader.services.mysql.access import MySqlAccess
from grader.services.mysql.server import MySqlServer
from grader.services.postgres.access import PostgresAccess
from grader.services.postgres.server import ATTEMPT, PostgresServer
from grader.text import clean, clip

ACCOUNT = "practical-exam-grader"
"""The account that the database's image makes for us, whatever the student's are called."""
WRITER = f"{ACCOUNT}-writer"
"""The one that may change rows too, where the first may only read."""


class ComposedServer(AwaitedServer):
    """The server of a project; its container changes with each `down` and `up`."""

    own = True

    def __init__(self, compose: Compose, service: str) -> None:
        self._compose = compose
        self._service = service

    @property
    def id(self) -> str:
        """The container's id; empty where there is none at present."""
        return self._compose.container(self._service)

    def _start_server(self) -> None:
        from docker.errors import APIError

        try:
            super()._start_server()
        except PlatformError as error:
            if not isinstance(error.__cause__, APIError):
                raise
            self._compose.confirm()
            msg = f"It cannot be started again: {clip(clean(str(error)), 300)}"
            raise ServerEnded(msg) from error


class ComposedMySql(ComposedServer, MySqlServer):
    """The MySQL server of a project."""

    def __init__(
        self, context: RunContext, compose: Compose, service: str, access: MySqlAccess
    ) -> None:
        MySqlServer.__init__(self, context.resources.engine, access)
        ComposedServer.__init__(self, compose, service)


class ComposedMariaDb(ComposedMySql):
    """The MariaDB server of a project: what it has in common with MySQL is MySQL's."""

    title = "MariaDB"
    early_seconds = 0.0


class ComposedPostgres(ComposedServer, PostgresServer):
    """The PostgreSQL server of a project, of which the grader reads all data and changes rows."""

    def __init__(
        self, context: RunContext, compose: Compose, service: str, *, database: str, password: str
    ) -> None:
        """`database` is the one that its image makes, `password` that of the grader's accounts."""
        reader = Account(user=ACCOUNT, password=password)
        access = PostgresAccess(database=database, app=Account(user="", password=""), reader=reader)
        PostgresServer.__init__(self, context.resources.engine, reader, access)
        ComposedServer.__init__(self, compose, service)

    def attempt(self, address: Address) -> str:
        """Log in as the reader; empty where the server answers, whatever it says.

        An account, a database or a connection that is not to be had says nothing of the server.
        """
        import psycopg

        from grader.deadline.postgres import open_postgres, refused

        try:
            connection = open_postgres(
                address, login=ATTEMPT, user=self.admin.user, password=self.admin.password,
                database=self.access.database,
            )  # fmt: skip
        except psycopg.Error as error:
            return "" if refused(error) else str(error)
        except Exception as error:  # noqa: BLE001 - the driver takes what comes for well-formed
            return f"what answers is no PostgreSQL server: {error}"
        connection.abort()
        return ""

    def told(self, address: Address) -> dict[str, Any]:
        """Return what the suite's fixture is given; the app's account is the student's to make."""
        return {**super().told(address), "own": self.own}

    def notes(self, address: Address) -> tuple[str, ...]:
        """Return what the database holds alongside tables. Raises `PlatformError`."""
        try:
            return super().notes(address)
        except (ValueError, LookupError, TypeError, AssertionError) as error:
            msg = f"what answers is no PostgreSQL server: {error}"
            raise PlatformError(msg) from error

    def operations(self, address: Address, hide: Hide) -> Operations:
        """Return what a suite may ask for: an account that changes rows.

        Statements are counted by a module that the student's server does not load, and its log is
        the student's to set.
        """
        del address, hide
        return {"writer": lambda: {"user": WRITER, "password": self.admin.password}}


def composed_server(
    context: RunContext, compose: Compose, roles: ComposeRoles, *, database: str, password: str
) -> ComposedMySql | ComposedPostgres:
    """Return the database's server of a project.

    `database` is the one that its image makes, `password` that of the grader's own accounts.
    """
    if roles.database_kind == "postgres":
        return ComposedPostgres(
            context, compose, roles.database_name, database=database, password=password
        )
    access = MySqlAccess(
        database=database, user="", password="", root_password=password, admin=ACCOUNT
    )
    kind = ComposedMariaDb if roles.is_mariadb else ComposedMySql
    return kind(context, compose, roles.database_name, access)
