"""Foreign keys; what refers to nothing goes."""

from alembic import op

revision = "keys"
down_revision = "first"

KEYS = (
    ("fk_posts_author", "posts", "author_id", "users"),
    ("fk_comments_post", "comments", "post_id", "posts"),
    ("fk_comments_author", "comments", "author_id", "users"),
)


def upgrade():
    for name, table, column, other in KEYS:
        op.execute(f"DELETE FROM {table} WHERE {column} NOT IN (SELECT id FROM {other})")
        op.create_foreign_key(name, table, other, [column], ["id"], ondelete="CASCADE")


def downgrade():
    for name, table, _, _ in reversed(KEYS):
        op.drop_constraint(name, table, type_="foreignkey")
        op.drop_index(name, table_name=table)  # MySQL has made it for the key
