"""A MariaDB server for runs, from an image whose data folder was initialised beforehand.

It speaks MySQL's protocol and knows its statements for accounts and schemas, so what it does is
what a MySQL server does. Its administrator, its log-ins and its state are its own.
"""

from __future__ import annotations

from dataclasses import replace

from grader.services.base import Address, Reusable, ServerPlacement
from grader.services.container import placed
from grader.services.mysql.access import MySqlAccess
from grader.services.mysql.server import MEMORY, MySql

ALIAS = "mariadb"
"""The server's name on its network."""
ADMIN = "practical-exam-grader"
"""The administrator, whom the image's entrypoint makes."""


class MariaDb(MySql):
    """A MariaDB server on a run's network."""

    title = "MariaDB"
    alias = ALIAS
    early_seconds = 0.0

    @classmethod
    def placed(cls, image: str, within: ServerPlacement, series: str = "") -> MariaDb:
        """Return one that is not started yet, with a new password of its administrator's.

        `series` is MySQL's alone.
        """
        assert not series, "MariaDB takes what other series of it take."
        access = replace(MySqlAccess.draw(), admin=ADMIN)
        environment = {"GRADER_PASSWORD": access.root_password}
        return cls(within, placed(image, environment, ALIAS, MEMORY, within), access)

    def secrets(self) -> dict[str, str]:
        """Return its passwords by names."""
        found = super().secrets()
        found["MARIADB_ADMIN_PASSWORD"] = found.pop("MYSQL_ROOT_PASSWORD")
        return found

    def prepare(self, address: Address) -> None:
        """Make the run's schema and accounts."""
        from grader.services.mysql.accounts import admit

        admit(self, address)

    def reusable(self, address: Address) -> Reusable:
        """Return what lends it to one run after another."""
        from grader.services.mariadb.reuse import ReusedMariaDb

        return ReusedMariaDb(self, address)
