"""The message as it is in the database."""

import time
from datetime import UTC, datetime

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import String, func
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


def utc_now():
    # MySQL's DATETIME knows no time zones and, by default, whole seconds only.
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


class Message(db.Model):
    __tablename__ = "messages"
    __table_args__ = {"mysql_charset": "utf8mb4"}

    id: Mapped[int] = mapped_column(primary_key=True)
    author: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    @classmethod
    def newest(cls, count=50):
        return db.session.scalars(db.select(cls).order_by(cls.created_at.desc(), cls.id).limit(count)).all()

    @classmethod
    def total(cls):
        return db.session.scalar(db.select(func.count(cls.id)))

    @classmethod
    def add(cls, author, text):
        message = cls(author=author, text=text)
        db.session.add(message)
        db.session.commit()
        return message

    def as_dict(self):
        return {
            "id": self.id,
            "author": self.author,
            "text": self.text,
            "created_at": f"{self.created_at.isoformat()}Z",
        }


def create_tables():
    """Create the table unless it is there; wait for MySQL, which may need longer to start."""
    while True:
        try:
            return db.create_all()
        except OperationalError as error:
            current_app.logger.warning("MySQL is not there yet: %s", error.orig)
            time.sleep(1)
