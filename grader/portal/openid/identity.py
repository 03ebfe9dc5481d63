"""Who somebody is by the word of a provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ProvenIdentity:
    """Who somebody is by the word of the provider, which was checked."""

    issuer: str
    subject: str
    email: str = ""
    verified: bool = False
    """Whether the provider vouches for the e-mail address."""
    name: str = ""


def identity_of(issuer: str, subject: str, claims: Mapping[str, Any]) -> ProvenIdentity:
    """Return what `claims` say of `subject`."""
    email, verified = claims.get("email"), claims.get("email_verified")
    names = [claims.get(one) for one in ("name", "preferred_username")]
    return ProvenIdentity(
        issuer=issuer,
        subject=subject,
        email=email.strip() if isinstance(email, str) else "",
        verified=verified is True or verified == "true",  # some providers write a word
        name=next((one for one in names if isinstance(one, str) and one.strip()), ""),
    )
