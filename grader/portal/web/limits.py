"""How often something may be tried, counted in this process."""

from __future__ import annotations

from flask import g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address


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
SIGN_IN_ACCOUNT = "10 per 15 minutes"
"""For each account, wherever it is tried from."""
HAND_IN = "20 per minute"


def account_key() -> str:
    """Return the account that a sign-in is about."""
    return f"account:{request.form.get('email', '').strip().lower()[:200]}"
