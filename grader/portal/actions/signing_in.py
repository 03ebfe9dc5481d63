"""Passwords, sign-in links and sessions: only digests of their secrets are kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from grader.portal.actions.audit import record
from grader.portal.data.people import SignInLink, User, WebSession
from grader.portal.errors import ActionRefused

LINK_DAYS = 14
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
"""How long a session lasts at most, however busy it is."""
LEAST_PASSWORD = 12
MOST_PASSWORD = 256
"""Characters; NIST SP 800-63B: long ones, of any kind."""
NOBODY = (
    "There is no account with this e-mail address and password. Try again, or ask your instructor "
    "for a new link."
)
STALE_LINK = "This link was used before, or is too old. Ask your instructor for a new one."

_hasher = PasswordHasher()
_DECOY = _hasher.hash(secrets.token_hex(16))
"""Compared with where there is no account, so that both take as long."""


def digest(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_link(session: Session, user: User, now: datetime) -> str:
    """Return the token of a link by which `user` signs in once."""
    token = secrets.token_urlsafe(32)
    session.add(
        SignInLink(
            token_hash=digest(token), user_id=user.id, expires_at=now + timedelta(days=LINK_DAYS)
        )
    )
    return token


def link_owner(session: Session, token: str, now: datetime) -> User:
    """Return whose link it is. Raises `ActionRefused` where it is used or too old."""
    link = session.get(SignInLink, digest(token), with_for_update=True)
    if link is None or link.used_at is not None or link.expires_at < now:
        raise ActionRefused(STALE_LINK)
    return session.get_one(User, link.user_id)


def use_link(session: Session, token: str, password: str, now: datetime) -> User:
    """Set the password of the link's owner, who is signed in by it. Raises `ActionRefused`."""
    user = link_owner(session, token, now)
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        msg = f"A password has at least {LEAST_PASSWORD} characters; three or four words are good."
        raise ActionRefused(msg)
    session.get_one(SignInLink, digest(token)).used_at = now
    user.password_hash = _hasher.hash(password)
    session.execute(delete(WebSession).where(WebSession.user_id == user.id))
    record(session, user, "set password", f"user/{user.id}")
    return user


def check_password(session: Session, email: str, password: str) -> User:
    """Return whose address and password these are. Raises `ActionRefused`."""
    user = session.scalar(
        select(User).where(func.lower(User.email) == email.strip().lower(), User.active)
    )
    kept = user.password_hash if user and user.password_hash else _DECOY
    try:
        _hasher.verify(kept, password[:MOST_PASSWORD])
    except (Argon2Error, InvalidHashError):
        raise ActionRefused(NOBODY) from None
    if user is None or user.password_hash is None:
        raise ActionRefused(NOBODY)
    if _hasher.check_needs_rehash(kept):
        user.password_hash = _hasher.hash(password)
    return user


def begin_session(session: Session, user: User, now: datetime) -> str:
    """Return the token of a new session."""
    token = secrets.token_urlsafe(32)
    session.add(WebSession(token_hash=digest(token), user_id=user.id, created_at=now, seen_at=now))
    record(session, user, "sign in", f"user/{user.id}")
    return token


def end_session(session: Session, token: str) -> None:
    """End the session of that token."""
    session.execute(delete(WebSession).where(WebSession.token_hash == digest(token)))


def session_owner(session: Session, token: str, now: datetime) -> User | None:
    """Return who is signed in with `token`; None where the session is over."""
    row = session.execute(
        select(WebSession, User)
        .join(User, User.id == WebSession.user_id)
        .where(WebSession.token_hash == digest(token))
    ).one_or_none()
    if row is None:
        return None
    found, user = row
    if now - found.seen_at > IDLE or now - found.created_at > LONGEST:
        return None
    if now - found.seen_at > timedelta(minutes=1):
        found.seen_at = now
    return user if user.active else None
