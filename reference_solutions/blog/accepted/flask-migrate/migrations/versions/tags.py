"""Tags, many to many."""

import sqlalchemy as sa
from alembic import op

revision = "tags"
down_revision = "slugs"


def upgrade():
    op.create_table(
        "tag",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(30, collation="utf8mb4_0900_bin"), nullable=False, unique=True),
    )
    op.create_table(
        "tagging",
        sa.Column(
            "tag_id", sa.Integer(), sa.ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column(
            "post_id", sa.Integer(), sa.ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
        ),
    )


def downgrade():
    op.drop_table("tagging")
    op.drop_table("tag")
