"""What a provider knows of one app: its registration, who has signed in, and what was asked."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from grader.services.double.tenants import ProgramTenant
from grader.services.identity.tokens import Signer

KEPT = 1000
"""Codes, access tokens, and requests of a kind."""
LONG = 2000
"""Characters that a parameter may have."""
CODE_SECONDS = 60.0
LONGEST_DELAY = 60.0


@dataclass(kw_only=True)
class TokenOrders:
    """What becomes of the requests that come next."""

    lie: str = ""
    fail: int = 0
    """How many token requests are answered with `code`; -1: all."""
    code: int = 503
    delay: float = 0.0
    """Seconds before each answer to a token request."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Somebody who has signed in for the app."""

    claims: Mapping[str, Any]
    """`sub`, and what userinfo tells."""
    redirect_uri: str
    """Of the request; empty where an access token stands for it, and no code."""
    nonce: str
    challenge: str
    """Of PKCE; empty where the app gave none."""
    at: float


@dataclass(kw_only=True)
class SignInRecords:
    """What the app has asked, for the suite."""

    authorizations: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[dict[str, Any]] = field(default_factory=list)
    full: bool = False
    """Whether there was more than is kept."""

    def keep(self, kind: list[dict[str, Any]], told: dict[str, Any]) -> None:
        """Keep a request."""
        if len(kind) < KEPT:
            kind.append({"at": time.time(), **told})
        else:
            self.full = True


@dataclass(kw_only=True)
class Registration(ProgramTenant):
    """All of one app; its user is its client id, its password the client's secret."""

    issuer: str = ""
    callback: str = ""
    """The path that browsers are sent back to."""
    pkce: bool = False
    """Whether PKCE is required."""
    signer: Signer = field(default_factory=Signer)
    orders: TokenOrders = field(default_factory=TokenOrders)
    records: SignInRecords = field(default_factory=SignInRecords)
    grants: dict[str, Grant] = field(default_factory=dict)
    """By the codes and access tokens that stand for them."""

    def issue(self, grant: Grant) -> str:
        """Return a new code, or a new access token, for `grant`."""
        while len(self.grants) >= KEPT:
            del self.grants[next(iter(self.grants))]
        made = secrets.token_urlsafe(24)
        self.grants[made] = grant
        return made

    def fault(self, asked: Mapping[str, str]) -> str:
        """Return why no browser is sent back for this request; empty where one is."""
        if any(len(value) > LONG for value in asked.values()):
            return "a parameter is too long"
        if asked.get("client_id") != self.user or not self.user:
            return "client_id is not the one that the app was given"
        try:
            back = urlsplit(asked.get("redirect_uri", ""))
        except ValueError:
            return "redirect_uri is no address"
        if back.scheme not in {"http", "https"} or not back.netloc or back.fragment:
            return "redirect_uri is no whole address"
        if back.path != self.callback:
            return f"redirect_uri leads to {back.path[:100]!r}; {self.callback!r} is registered"
        return ""

    def refusal(self, asked: Mapping[str, str]) -> str:
        """Return the error that a browser is sent back with; empty where there is none."""
        if asked.get("response_type") != "code":
            return "unsupported_response_type"
        if "openid" not in asked.get("scope", "").split():
            return "invalid_scope"
        challenge, method = asked.get("code_challenge"), asked.get("code_challenge_method")
        if (challenge and method != "S256") or (self.pkce and not challenge):
            return "invalid_request"
        return ""


def verifies(verifier: str, challenge: str) -> bool:
    """Whether the verifier of PKCE fits the challenge (S256); without a challenge there is none."""
    if not challenge:
        return not verifier
    digest = hashlib.sha256(verifier.encode("utf-8", "replace")).digest()
    made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return secrets.compare_digest(made.encode(), challenge.encode("utf-8", "replace"))
