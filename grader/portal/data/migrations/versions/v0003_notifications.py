"""Add notifications, and whether a person wants them by e-mail, too."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "v0003"
down_revision = "v0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; everybody gets e-mail until they say otherwise."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
