"""Add regrades: previews of what another version of an exam comes to."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "v0002"
down_revision = "v0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; results that are there have counted since they were made."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
