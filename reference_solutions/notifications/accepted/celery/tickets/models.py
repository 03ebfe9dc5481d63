"""The tables. `python -m tickets.models` makes them."""

import os
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, create_engine, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, sessionmaker

engine = create_engine(
    os.environ["DATABASE_URL"], pool_pre_ping=True, connect_args={"connect_timeout": 3}
)
Session = sessionmaker(engine)


class Base(DeclarativeBase):
    pass


class Event(Base):
    __tablename__ = "events"
    __table_args__ = (CheckConstraint("sold <= seats"),)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    title: Mapped[str]
    seats: Mapped[int]
    sold: Mapped[int] = mapped_column(default=0)


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    email: Mapped[str]
    seats: Mapped[int]
    key: Mapped[str | None] = mapped_column(unique=True)
    asked: Mapped[str]
    event: Mapped[Event] = relationship()
    job: Mapped["Job"] = relationship(back_populates="order")


class Job(Base):
    __tablename__ = "jobs"
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), unique=True)
    state: Mapped[str] = mapped_column(default="pending", index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    due: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    """When a task for it should be at work; overdue, it is published again."""
    order: Mapped[Order] = relationship(back_populates="job")


if __name__ == "__main__":
    Base.metadata.create_all(engine)
