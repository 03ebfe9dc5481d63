"""The tables, and the pool."""

import os
import time
from datetime import datetime

from sqlalchemy import (
    URL,
    CheckConstraint,
    DateTime,
    ForeignKey,
    SmallInteger,
    String,
    create_engine,
    func,
    text,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    scoped_session,
    sessionmaker,
)

OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4"}
Session = scoped_session(sessionmaker())


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "authors"
    __table_args__ = OPTIONS

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), unique=True)
    since: Mapped[datetime] = mapped_column(DateTime, server_default=func.now())
    entries: Mapped[list["Entry"]] = relationship(
        back_populates="author",
        passive_deletes="all",
        order_by="Entry.written_at.desc(), Entry.id.desc()",
    )


class Entry(Base):
    __tablename__ = "entries"
    __table_args__ = (CheckConstraint("rating >= 1 AND rating <= 5"), OPTIONS)

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id", ondelete="CASCADE"))
    message: Mapped[str] = mapped_column(String(500))
    rating: Mapped[int] = mapped_column(SmallInteger)
    written_at: Mapped[datetime] = mapped_column(DateTime, server_default=func.now(), index=True)
    author: Mapped[Author] = relationship(back_populates="entries", lazy="joined", innerjoin=True)


def prepare(seconds=25):
    """Reach MySQL, and make the tables, one worker after the other."""
    env = os.environ
    engine = create_engine(
        URL.create(
            "mysql+pymysql", username=env["DB_USER"], password=env["DB_PASSWORD"],
            host=env["DB_HOST"], port=int(env["DB_PORT"]), database=env["DB_NAME"],
            query={"charset": "utf8mb4"},
        ),
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        pool_size=4,
        max_overflow=4,
    )  # fmt: skip
    end = time.monotonic() + seconds
    while True:
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT GET_LOCK('guestbook', 20)"))
                Base.metadata.create_all(connection)
                connection.commit()
                connection.execute(text("SELECT RELEASE_LOCK('guestbook')"))
            break
        except OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
    engine.dispose()
    Session.configure(bind=engine)
