"""ID tokens, signed by joserfc, and what a provider that lies has in their place."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.jwk import RSAKey

if TYPE_CHECKING:
    from joserfc.jwk import KeyParameters  # newer releases name it

ALGORITHM = "RS256"
BITS = 2048
LIFETIME = 300
LIES = (
    "state", "nonce", "audience", "issuer", "signature", "algorithm", "expired", "subject",
)  # fmt: skip
"""What can be wrong: of the redirect, of the ID token, of what userinfo says."""


class Signer:
    """The provider's key, made when it is first needed."""

    def __init__(self) -> None:
        self._key: RSAKey | None = None
        self._kid = secrets.token_hex(8)

    @property
    def public(self) -> dict[str, Any]:
        """What the JWKS tells of it."""
        return {**self._made().as_dict(private=False), "kid": self._kid}

    def signed(self, claims: Mapping[str, Any], kid: str = "") -> str:
        """Return a token of `claims`, whose header names the key, or another one by its id."""
        header = {"alg": ALGORITHM, "kid": kid or self._kid}
        return jwt.encode(header, dict(claims), self._made(), algorithms=[ALGORITHM])

    def token(self, claims: Mapping[str, Any], lie: str) -> str:
        """Return an ID token of `claims`, with the lie that is asked for."""
        told = dict(claims)
        match lie:
            case "nonce":
                told["nonce"] = secrets.token_urlsafe(12)
            case "audience":
                told["aud"] = "another-client"
            case "issuer":
                told["iss"] = "http://another-provider.example"
            case "expired":
                told |= {"iat": told["iat"] - 4 * LIFETIME, "exp": told["iat"] - 2 * LIFETIME}
            case "signature":
                return Signer().signed(told, self._kid)
            case "algorithm":
                return unsigned(told)
        return self.signed(told)

    def _made(self) -> RSAKey:
        if self._key is None:
            use: KeyParameters = {"use": "sig", "alg": ALGORITHM}
            self._key = RSAKey.generate_key(BITS, use, private=True)
        return self._key


def claims_of(issuer: str, client: str, subject: str, nonce: str) -> dict[str, Any]:
    """Return what an ID token claims that is true."""
    now = int(time.time())
    claims = {"iss": issuer, "aud": client, "sub": subject, "iat": now, "exp": now + LIFETIME}
    return claims | ({"nonce": nonce} if nonce else {})


def unsigned(claims: Mapping[str, Any]) -> str:
    """Return a token whose header says that it has no signature (`alg: none`)."""
    parts = [{"alg": "none", "typ": "JWT"}, claims]
    coded = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in parts]
    return b".".join([*coded, b""]).decode()
