"""The database server of a Compose project, MySQL or MariaDB, as its administrator sees it."""

from __future__ import annotations

from grader.errors import PlatformError
from grader.run.context import RunContext
from grader.sandbox.compose import Compose
from grader.services.base import ServerEnded
from grader.services.mysql.server import MySqlAccess, MySqlServer
from grader.text import clean, clip


class ComposedMySql(MySqlServer):
    """The MySQL server of a project; its container changes with each `down` and `up`."""

    own = True

    def __init__(
        self, context: RunContext, compose: Compose, service: str, access: MySqlAccess
    ) -> None:
        super().__init__(context.resources.engine, access)
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


class ComposedMariaDb(ComposedMySql):
    """The MariaDB server of a project: what it has in common with MySQL is MySQL's."""

    title = "MariaDB"
    early_seconds = 0.0
