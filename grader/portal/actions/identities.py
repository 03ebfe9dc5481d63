"""Whose account an identity of a provider's is: linked once, found by issuer and subject."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.portal.actions.audit import record
from grader.portal.actions.roster import ADDRESS
from grader.portal.data.people import User, UserIdentity
from grader.portal.errors import ActionRefused
from grader.portal.openid.identity import ProvenIdentity
from grader.portal.openid.settings import ProviderSettings
from grader.text import clean, clip

LOCK = 7351208
"""First sign-ins come one after the other: two tabs make one account."""


def account_of(session: Session, who: ProvenIdentity, provider: ProviderSettings) -> User:
    """Return the account of `who`; the first sign-in links or makes one, where that is allowed.

    Raises `ActionRefused`.
    """
    user = _linked(session, who)
    if user is None:
        session.execute(select(func.pg_advisory_xact_lock(LOCK)))
        user = _linked(session, who) or _first(session, who, provider)
    if not user.active:
        msg = "Your account is closed. Ask your instructor if that is a mistake."
        raise ActionRefused(msg)
    return user


def _linked(session: Session, who: ProvenIdentity) -> User | None:
    return session.scalar(
        select(User)
        .join(UserIdentity, UserIdentity.user_id == User.id)
        .where(UserIdentity.issuer == who.issuer, UserIdentity.subject == who.subject)
    )


def _first(session: Session, who: ProvenIdentity, provider: ProviderSettings) -> User:
    """Link an account by its address, or make one. Raises `ActionRefused`."""
    if not (provider.link or provider.create):
        raise _nobody(provider)
    if not who.verified or not ADDRESS.fullmatch(who.email):
        msg = (
            f"{provider.name} does not vouch for an e-mail address of yours, so no account here "
            f"can be found by it. Confirm your address at {provider.name}, then sign in again."
        )
        raise ActionRefused(msg)
    found = session.scalar(select(User).where(func.lower(User.email) == who.email.lower()))
    if found is not None:
        _require_linkable(session, found, who, provider)
        action = "link identity"
    elif provider.create:
        found, action = User(email=who.email, name=_name(who)), "create account"
        session.add(found)
        session.flush()
    else:
        raise _nobody(provider)
    session.add(UserIdentity(user_id=found.id, issuer=who.issuer, subject=who.subject))
    session.flush()
    record(session, found, action, f"user/{found.id}", issuer=who.issuer)
    return found


def _require_linkable(
    session: Session, user: User, who: ProvenIdentity, provider: ProviderSettings
) -> None:
    """Raise `ActionRefused` where an address is not enough to have this account."""
    if not provider.link:
        msg = (
            "There is an account with your e-mail address already, and this portal links none by "
            "its address. Ask the portal's operator to link it."
        )
        raise ActionRefused(msg)
    if user.administrator:
        # otherwise whoever runs the provider could make themselves one
        msg = "Administrators sign in with their password. Use it below."
        raise ActionRefused(msg)
    other = select(UserIdentity.id).where(
        UserIdentity.user_id == user.id, UserIdentity.issuer == who.issuer
    )
    if session.scalar(other) is not None:
        # an address that was given to somebody else is no way into the account before
        msg = (
            f"The account with your e-mail address belongs to somebody else at {provider.name}, "
            "who had the address before. Ask your instructor."
        )
        raise ActionRefused(msg)


def _nobody(provider: ProviderSettings) -> ActionRefused:
    return ActionRefused(
        f"You are signed in at {provider.name}, but have no account here. Ask your instructor to "
        f"add you to the course with the e-mail address that {provider.name} has of you."
    )


def _name(who: ProvenIdentity) -> str:
    return clip(clean(who.name), 200).replace("\n", " ").strip() or who.email
