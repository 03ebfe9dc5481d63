"""Tokens of the API: drawn once, kept as digests, with scopes and an end."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.portal.actions.audit import record
from grader.portal.actions.signing_in import digest
from grader.portal.data.people import AccessToken, User
from grader.portal.errors import ActionRefused, NotFound
from grader.text import clean, clip

PREFIX = "grader_"
"""So that whoever finds one in a repository knows what it opens."""
MOST_DAYS = 366
SHOWN = 16
"""Characters of a digest by which a token is named."""


class Scope(StrEnum):
    """What a token may do."""

    READ = "read"
    """See one's own assignments, submissions and reports."""
    SUBMIT = "submit"
    """Hand in."""


def new_access_token(
    session: Session,
    user: User,
    now: datetime,
    *,
    name: str,
    scopes: Collection[str],
    days: int,
) -> str:
    """Return a new token of `user`'s. Raises `ActionRefused`."""
    known = sorted({one for one in scopes if one in list(Scope)})
    shown = clip(clean(name).strip(), 100)
    if not known or not shown or not 1 <= days <= MOST_DAYS:
        msg = f"A token has a name, at least one scope, and from 1 to {MOST_DAYS} days."
        raise ActionRefused(msg)
    token = PREFIX + secrets.token_urlsafe(32)
    session.add(
        AccessToken(
            token_hash=digest(token), user_id=user.id, name=shown, scopes=known, created_at=now,
            expires_at=now + timedelta(days=days),
        )
    )  # fmt: skip
    record(session, user, "make token", f"user/{user.id}", name=shown, scopes=known)
    return token


def tokens_of(session: Session, user_id: int) -> list[AccessToken]:
    """Return the tokens of a person that are not revoked, the newest first."""
    return list(
        session.scalars(
            select(AccessToken)
            .where(AccessToken.user_id == user_id, AccessToken.revoked_at.is_(None))
            .order_by(AccessToken.created_at.desc())
        )
    )


def revoke(session: Session, user: User, shown: str, now: datetime) -> None:
    """End the token whose digest begins with `shown`. Raises `NotFound`."""
    for one in tokens_of(session, user.id):
        if one.token_hash[:SHOWN] == shown:
            one.revoked_at = now
            record(session, user, "revoke token", f"user/{user.id}", name=one.name)
            return
    msg = "There is no such token."
    raise NotFound(msg)


def token_owner(session: Session, token: str, now: datetime) -> tuple[User, list[str]] | None:
    """Return whose token it is and its scopes; None where it is not valid (any more)."""
    found = session.get(AccessToken, digest(token)) if token.startswith(PREFIX) else None
    if found is None or found.revoked_at is not None:
        return None
    if found.expires_at is not None and found.expires_at < now:
        return None
    user = session.get_one(User, found.user_id)
    return (user, found.scopes) if user.active else None
