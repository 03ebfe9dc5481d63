"""The table."""

import time
from datetime import date

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import String, Text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

START_SECONDS = 25


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Product(db.Model):
    __tablename__ = "products"
    __table_args__ = {"mysql_charset": "utf8mb4"}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    category: Mapped[str] = mapped_column(String(40))
    description: Mapped[str] = mapped_column(Text)
    price_cents: Mapped[int]
    added_on: Mapped[date]


def create_tables():
    """Create what is missing; wait for MySQL, which may need longer to start than the app does."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            db.create_all()
            return
        except OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def newest(*conditions, limit=None):
    """The products that fit all conditions, newest first."""
    chosen = db.select(Product).where(*conditions)
    return db.session.scalars(
        chosen.order_by(Product.added_on.desc(), Product.id.desc()).limit(limit)
    ).all()


def categories():
    """The names of all categories, each once."""
    column = Product.category
    return db.session.scalars(db.select(column).distinct().order_by(column)).all()
