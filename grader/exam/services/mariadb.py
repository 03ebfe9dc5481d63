"""The `db` fixture on MariaDB: what it can do on MySQL it can do here."""

from __future__ import annotations

from grader.exam.services.mysql import Database


class MariaDatabase(Database):
    """The submission's database on MariaDB."""

    product = "MariaDB"
