"""How often something may be tried, counted in each process by itself."""

from __future__ import annotations

from flask import g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from grader.portal.web.state import state


def who() -> str:
    """Return who asks: the person, or the address of who is not signed in."""
    return f"user:{g.viewer.id}" if g.get("viewer") else get_remote_address()


limiter = Limiter(
    key_func=who,
    default_limits=["600 per minute"],
    storage_uri="memory://",
    strategy="moving-window",
)

SIGN_IN = "300 per minute"
"""For each address that people come from: a whole class may share one."""
SIGN_INS, SIGN_IN_MINUTES = 10, 15
"""For each account, wherever it is tried from, by all processes together."""
HAND_IN = "20 per minute"


def sign_in_account() -> str:
    """Return how often an account may be tried in this process."""
    return f"{max(SIGN_INS // state().config.processes, 1)} per {SIGN_IN_MINUTES} minutes"


def account_key() -> str:
    """Return the account that a sign-in is about."""
    return f"account:{request.form.get('email', '').strip().lower()[:200]}"
