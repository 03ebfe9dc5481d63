"""A MariaDB server for one run after another: as MySQL's, with a state of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.services.mariadb.server import MariaDb
from grader.services.mariadb.state import FILES, STATEMENTS, lasting_files
from grader.services.mysql.reuse import ReusedServer
from grader.services.mysql.state import ServerState, state

if TYPE_CHECKING:
    from pymysql import Connection


class ReusedMariaDb(ReusedServer):
    """A server with what it was like when it was new."""

    def _state(self, connection: Connection[Any]) -> ServerState:
        found = state(connection, STATEMENTS)
        assert isinstance(self.server, MariaDb)
        files = frozenset((path,) for path in lasting_files(self.server.added_files()))
        return ServerState({**found.parts, FILES: files})
