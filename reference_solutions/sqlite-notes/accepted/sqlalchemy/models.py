"""Books and the entries in them."""

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, String, Text, func, select
from sqlalchemy.orm import Mapped, column_property, mapped_column

db = SQLAlchemy()


class Entry(db.Model):
    __tablename__ = "entry"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text, default="")
    made: Mapped[str] = mapped_column(String(32))
    changed: Mapped[str] = mapped_column(String(32))

    def shown(self):
        return {
            "id": self.id,
            "notebook": self.book_id,
            "title": self.title,
            "body": self.body,
            "created_at": self.made,
            "updated_at": self.changed,
        }


class Book(db.Model):
    __tablename__ = "book"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    made: Mapped[str] = mapped_column(String(32))

    def shown(self):
        return {"id": self.id, "name": self.name, "notes": self.entries, "created_at": self.made}


Book.entries = column_property(
    select(func.count(Entry.id)).where(Entry.book_id == Book.id).scalar_subquery()
)
