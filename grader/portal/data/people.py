"""People, their courses, and how they sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from grader.portal.data.base import Key, TableBase, utc_now
from grader.portal.rules.roles import CourseRole


class User(TableBase):
    """A person."""

    __tablename__ = "user_account"
    __table_args__ = (Index("ux_user_account_email", text("lower(email)"), unique=True),)

    id: Mapped[Key]
    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str | None]
    """Argon2id; None where the person has set no password."""
    administrator: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    mail: Mapped[bool] = mapped_column(default=True)
    """Whether the person is told by e-mail as well."""


class UserIdentity(TableBase):
    """A person as an identity provider knows them (OpenID Connect, later LTI)."""

    __tablename__ = "user_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    issuer: Mapped[str]
    subject: Mapped[str]


class Course(TableBase):
    """A course: people, assignments, and a share of the workers."""

    __tablename__ = "course"

    id: Mapped[Key]
    title: Mapped[str]
    weight: Mapped[int] = mapped_column(default=1)
    """Its share of busy workers, compared with other courses."""
    last_tag: Mapped[int] = mapped_column(BigInteger, default=0)
    """Where its last grading ends in the queue's virtual time."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    archived_at: Mapped[datetime | None]


class Membership(TableBase):
    """A person in a course."""

    __tablename__ = "membership"

    course_id: Mapped[int] = mapped_column(
        ForeignKey("course.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[CourseRole]
    number: Mapped[str] = mapped_column(default="")
    """What the school's systems know the person by."""
    last_tag: Mapped[int] = mapped_column(BigInteger, default=0)
    """Where the person's last grading ends in the queue's virtual time."""


class SignInLink(TableBase):
    """A link by which a person signs in once, and sets a password."""

    __tablename__ = "sign_in_link"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WebSession(TableBase):
    """A browser that is signed in. A new one is made at each sign-in."""

    __tablename__ = "web_session"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    seen_at: Mapped[datetime] = mapped_column(default=utc_now)


class AccessToken(TableBase):
    """A token of the API: only its digest is kept."""

    __tablename__ = "access_token"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    name: Mapped[str]
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
