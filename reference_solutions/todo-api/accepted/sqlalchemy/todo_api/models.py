"""The todo as it is in the database."""

import time
from datetime import UTC, date, datetime

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import String
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


def utc_now():
    # MySQL's DATETIME knows no time zones and, by default, whole seconds only.
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


class Todo(db.Model):
    __table_args__ = {"mysql_charset": "utf8mb4"}

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(1000), default="")
    done: Mapped[bool] = mapped_column(default=False)
    due_date: Mapped[date | None] = mapped_column(default=None)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    def as_dict(self):
        return {
            "id": self.id,
            "title": self.title,
            "description": self.description,
            "done": self.done,
            "due_date": self.due_date and self.due_date.isoformat(),
            "created_at": f"{self.created_at.isoformat()}Z",
        }


def create_tables(patience=25):
    """Create what is missing, trying again for `patience` seconds while MySQL is not ready."""
    end = time.monotonic() + patience
    while True:
        try:
            return db.create_all()
        except OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
