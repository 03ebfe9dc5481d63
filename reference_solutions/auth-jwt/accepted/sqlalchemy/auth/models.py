"""What is kept in MySQL."""

import time
import uuid

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, String
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from .passwords import hash_password


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)
Name = String(30, collation="utf8mb4_bin")
Identity = String(36, collation="utf8mb4_bin")
TABLE = {"mysql_charset": "utf8mb4"}


def new_id():
    return str(uuid.uuid4())


class User(db.Model):
    __table_args__ = TABLE

    id: Mapped[str] = mapped_column(Identity, primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(Name, unique=True)
    password: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(10), default="reader")

    def as_dict(self):
        return {"id": self.id, "username": self.username, "role": self.role}


class Session(db.Model):
    """A login and all that comes of it. `refresh` is the jti of the one token that is not used."""

    __table_args__ = TABLE

    id: Mapped[str] = mapped_column(Identity, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey(User.id))
    refresh: Mapped[str] = mapped_column(Identity, default=new_id)
    over: Mapped[bool] = mapped_column(default=False)
    user: Mapped[User] = relationship()


class Article(db.Model):
    __table_args__ = TABLE

    id: Mapped[str] = mapped_column(Identity, primary_key=True, default=new_id)
    title: Mapped[str] = mapped_column(String(200))
    author_id: Mapped[str] = mapped_column(ForeignKey(User.id))
    author: Mapped[User] = relationship(lazy="joined")

    def as_dict(self):
        return {"id": self.id, "title": self.title, "author": self.author.username}


def create_tables(admin, password, patience=25):
    """Create what is missing, trying again for `patience` seconds while MySQL is not ready."""
    end = time.monotonic() + patience
    while True:
        try:
            db.create_all()
            break
        except OperationalError:  # not ready, or another worker has just made a table
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
    if db.session.scalar(db.select(User).filter_by(username=admin)):
        return
    db.session.add(User(username=admin, password=hash_password(password), role="admin"))
    try:
        db.session.commit()
    except IntegrityError:  # another worker was faster
        db.session.rollback()
