"""Make all tables, and the queue's own as Procrastinate brings them."""

from __future__ import annotations

from pathlib import Path

from alembic import op
from procrastinate.schema import SchemaManager

revision = "v0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    connection = op.get_bind()
    for text in (Path(__file__).with_suffix(".sql").read_text("utf-8"), SchemaManager.get_schema()):
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute(text)  # several statements at once
