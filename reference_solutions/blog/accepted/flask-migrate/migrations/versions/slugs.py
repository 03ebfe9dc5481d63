"""Addresses for posts."""

import sqlalchemy as sa
from alembic import op

revision = "slugs"
down_revision = "keys"

SLUG = sa.String(80, collation="utf8mb4_0900_bin")


def upgrade():
    op.add_column("posts", sa.Column("slug", SLUG, nullable=True))
    op.execute("UPDATE posts SET slug = CONCAT('post-', id)")
    op.alter_column("posts", "slug", existing_type=SLUG, nullable=False)
    op.create_unique_constraint("uq_posts_slug", "posts", ["slug"])


def downgrade():
    op.drop_constraint("uq_posts_slug", "posts", type_="unique")
    op.drop_column("posts", "slug")
