"""A MariaDB server for one run after another: as MySQL's, with a state of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.services.mariadb.state import STATEMENTS
from grader.services.mysql.reuse import ReusedServer
from grader.services.mysql.state import ServerState, state

if TYPE_CHECKING:
    from pymysql import Connection


class ReusedMariaDb(ReusedServer):
    """A server with what it was like when it was new."""

    def _state(self, connection: Connection[Any]) -> ServerState:
        return state(connection, STATEMENTS)
