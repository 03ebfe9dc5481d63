"""Alembic's environment: migrations run on the connection that `migrate` gives."""

from __future__ import annotations

from alembic import context

from grader.portal.data.base import TableBase

QUEUE = "procrastinate_"
"""The prefix of the queue's own tables, which it brings itself."""


def included(thing: object, name: str | None, kind: str, *more: object) -> bool:
    """Return whether a table is the portal's own."""
    del thing, more
    return not (kind == "table" and (name or "").startswith(QUEUE))


def run() -> None:
    """Run the migrations."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=TableBase.metadata,
        include_object=included,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
