"""The base of all tables, and the kinds of column that they share."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Enum, Identity, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints, so that migrations can name them."""

WORDS = Enum(
    enum.Enum,
    native_enum=False,
    create_constraint=False,
    length=32,
    values_callable=lambda kind: [one.value for one in kind],
)
"""Enumerations are kept as their words: a new one needs no migration."""

Key = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
WHEN = DateTime(timezone=True)


class TableBase(DeclarativeBase):
    """The base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own
        enum.Enum: WORDS,
        datetime: WHEN,
        dict[str, Any]: JSONB,
        list[str]: JSONB,
        str: Text,
    }


def utc_now() -> datetime:
    """Return the time; the one clock of the portal's processes."""
    return datetime.now(UTC)
