"""Bring a database to the tables of this grader."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config

if TYPE_CHECKING:
    from grader.portal.data.database import PortalDatabase

FOLDER = Path(__file__).parent / "migrations"


def migrate(database: PortalDatabase, *, to: str = "head") -> None:
    """Apply all migrations up to `to` that `database` lacks. Two processes at once: one waits."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with database.engine.begin() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7351203)")
        config.attributes["connection"] = connection
        command.upgrade(config, to)
