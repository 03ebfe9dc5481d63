"""The connection to the portal's database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

# every table has to be known before the first of them is used
from grader.portal.data import (  # noqa: F401
    exams,
    notifications,
    operations,
    people,
    regrades,
    work,
)
from grader.portal.errors import DatabaseAway

SCHEMES = ("postgresql://", "postgres://", "postgresql+psycopg://")
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 30


def sqlalchemy_url(url: str) -> str:
    """Return `url` as SQLAlchemy names it. Raises `DatabaseAway` where it names no PostgreSQL."""
    for scheme in SCHEMES:
        if url.startswith(scheme):
            return f"postgresql+psycopg://{url.removeprefix(scheme)}"
    msg = "The address of the database has to begin with postgresql://, like postgresql://USER@HOST/NAME."
    raise DatabaseAway(msg)


def libpq_url(url: str) -> str:
    """Return `url` as psycopg takes it."""
    return sqlalchemy_url(url).replace("postgresql+psycopg://", "postgresql://", 1)


class PortalDatabase:
    """Sessions on the portal's database, from several threads."""

    def __init__(self, url: str, *, connections: int = 10, more: int | None = None) -> None:
        """Up to `connections` stay open; `more`, as many again by default, come and go."""
        self.url = url
        self._engine = create_engine(
            sqlalchemy_url(url),
            pool_size=connections,
            max_overflow=connections if more is None else more,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": CONNECT_SECONDS,
                "options": f"-c statement_timeout={STATEMENT_SECONDS * 1000}"
                " -c idle_in_transaction_session_timeout=60000 -c timezone=UTC",
            },
        )
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)

    @property
    def engine(self) -> Engine:
        """SQLAlchemy's engine, for migrations."""
        return self._engine

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a session; what it did is committed at the end, or nothing of it is.

        Raises `DatabaseAway` where the database does not answer.
        """
        try:
            with self._sessions.begin() as session:
                yield session
        except OperationalError as error:
            raise away() from error

    def check(self) -> None:
        """Ask the database for an answer. Raises `DatabaseAway`."""
        with self.transaction() as session:
            session.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def away() -> DatabaseAway:
    """Return what is raised where the database does not answer."""
    return DatabaseAway(
        "The portal's database does not answer. Nothing that was confirmed is lost: try again in a "
        "minute; the operator finds the reason in the database's log."
    )
