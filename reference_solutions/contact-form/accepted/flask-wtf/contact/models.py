"""What is kept in MySQL."""

import time

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Integer, String, Text, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, mapped_column

db = SQLAlchemy()


class Message(db.Model):
    __tablename__ = "inbox"
    __table_args__ = {"mysql_charset": "utf8mb4"}

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(255))
    body: Mapped[str] = mapped_column(Text)


def prepare(seconds=25):
    """Wait for MySQL, and make the table; of several workers one is the first."""
    end = time.monotonic() + seconds
    while True:
        try:
            db.session.execute(text("SELECT 1"))
            break
        except OperationalError:
            db.session.rollback()
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
    try:
        db.create_all()
    except OperationalError:  # another worker has just made it
        db.session.rollback()
