"""The tables, and a session for each request."""

import os
import time

from flask import g
from sqlalchemy import URL, CHAR, String, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    __table_args__ = {"mysql_charset": "utf8mb4"}


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    category: Mapped[str] = mapped_column(String(30))
    description: Mapped[str] = mapped_column(String(500), server_default=text("''"))
    price_cents: Mapped[int]
    stock: Mapped[int]


class ApiKey(Base):
    __tablename__ = "api_keys"

    key_hash: Mapped[str] = mapped_column(CHAR(64), primary_key=True)
    client: Mapped[str] = mapped_column(String(80))


def open_engine():
    """An engine whose tables are there; MySQL may need longer to start than the app does."""
    url = URL.create(
        "mysql+pymysql",
        username=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"],
        host=os.environ["DB_HOST"],
        port=int(os.environ["DB_PORT"]),
        database=os.environ["DB_NAME"],
        query={"charset": "utf8mb4"},
    )
    engine = create_engine(
        url, pool_size=8, pool_pre_ping=True, isolation_level="READ COMMITTED",
        connect_args={"connect_timeout": 2, "ssl_disabled": True},
    )  # fmt: skip
    end = time.monotonic() + 25
    while True:
        try:
            Base.metadata.create_all(engine)
            return engine
        except OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def init_app(app):
    engine = open_engine()

    @app.before_request
    def begin():
        g.session = Session(engine)

    @app.teardown_request
    def end(_error):
        if "session" in g:
            g.pop("session").close()
