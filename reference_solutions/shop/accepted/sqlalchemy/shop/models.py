"""The tables."""

import os
import time

from sqlalchemy import URL, BigInteger, CheckConstraint, ForeignKey, String, create_engine, text
from sqlalchemy.dialects.mysql import VARCHAR
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, sessionmaker

OPTIONS = {"mysql_charset": "utf8mb4"}
Session = sessionmaker()


def exact(length):
    """A text that is compared to the letter."""
    return VARCHAR(length, collation="utf8mb4_0900_bin")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"
    __table_args__ = (CheckConstraint("stock >= 0"), OPTIONS)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    price_cents: Mapped[int]
    stock: Mapped[int]

    def shown(self):
        return {
            "id": self.id, "name": self.name, "price_cents": self.price_cents, "stock": self.stock
        }  # fmt: skip


class Coupon(Base):
    __tablename__ = "coupons"
    __table_args__ = OPTIONS

    code: Mapped[str] = mapped_column(exact(40), primary_key=True)
    percent: Mapped[int]


class Cart(Base):
    __tablename__ = "baskets"
    __table_args__ = OPTIONS

    id: Mapped[str] = mapped_column(exact(64), primary_key=True)
    lines: Mapped[list["CartLine"]] = relationship(
        order_by="CartLine.place", cascade="all, delete-orphan"
    )


class CartLine(Base):
    __tablename__ = "basket_lines"
    __table_args__ = OPTIONS

    cart_id: Mapped[str] = mapped_column(ForeignKey("baskets.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    quantity: Mapped[int]
    place: Mapped[int] = mapped_column(BigInteger)


class Order(Base):
    __tablename__ = "sales"
    __table_args__ = OPTIONS

    id: Mapped[int] = mapped_column(primary_key=True)
    request_key: Mapped[str] = mapped_column(exact(200), unique=True)
    cart_id: Mapped[str] = mapped_column(exact(64))
    coupon: Mapped[str | None] = mapped_column(exact(40), unique=True)
    percent: Mapped[int]
    lines: Mapped[list["OrderLine"]] = relationship(order_by="OrderLine.place", lazy="selectin")


class OrderLine(Base):
    __tablename__ = "sales_lines"
    __table_args__ = OPTIONS

    order_id: Mapped[int] = mapped_column(ForeignKey("sales.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    product_id: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    price_cents: Mapped[int]
    quantity: Mapped[int]


def prepare(seconds=25):
    """Reach MySQL, and make the tables."""
    env = os.environ
    engine = create_engine(
        URL.create(
            "mysql+pymysql", username=env["DB_USER"], password=env["DB_PASSWORD"],
            host=env["DB_HOST"], port=int(env["DB_PORT"]), database=env["DB_NAME"],
            query={"charset": "utf8mb4"},
        ),
        pool_pre_ping=True,
        pool_size=8,
        isolation_level="READ COMMITTED",
    )  # fmt: skip
    end = time.monotonic() + seconds
    while True:
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
            break
        except OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
    with engine.connect() as connection:  # one worker after the other
        connection.execute(text("SELECT GET_LOCK('shop', 20)"))
        Base.metadata.create_all(connection)
        connection.commit()
        connection.execute(text("SELECT RELEASE_LOCK('shop')"))
    Session.configure(bind=engine)
