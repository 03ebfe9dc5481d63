"""ID tokens: a true one that verifies, and one lie of each kind that is wrong in that alone."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import RSAKey

from grader.services.identity.tokens import ALGORITHM, Signer, claims_of

ISSUER, CLIENT, NONCE = "http://identity:12112", "client_1", "n-1"


@pytest.fixture(scope="module")
def signer() -> Signer:
    """One with a key, which takes its time to be made."""
    return Signer()


def verified(signer: Signer, token: str) -> dict[str, Any]:
    """Return the claims of a token whose signature is the provider's."""
    key = RSAKey.import_key(signer.public)
    return dict(jwt.decode(token, key, algorithms=[ALGORITHM]).claims)


def header(token: str) -> dict[str, Any]:
    """Return what a token says of itself."""
    first = token.partition(".")[0]
    found = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    assert isinstance(found, dict)
    return found


def claims() -> dict[str, Any]:
    return claims_of(ISSUER, CLIENT, "ada", NONCE)


def test_a_true_token_verifies_with_what_the_jwks_tells(signer: Signer) -> None:
    token = signer.token(claims(), "")
    found = verified(signer, token)
    assert (found["iss"], found["aud"], found["sub"], found["nonce"]) == (
        ISSUER, CLIENT, "ada", NONCE
    )  # fmt: skip
    assert found["iat"] <= time.time() < found["exp"]
    assert header(token)["kid"] == signer.public["kid"]
    assert "d" not in signer.public, "nobody else may sign"


def test_an_app_that_asked_for_no_nonce_gets_none() -> None:
    assert "nonce" not in claims_of(ISSUER, CLIENT, "ada", "")


@pytest.mark.parametrize(
    ("lie", "wrong"),
    [
        ("nonce", {"nonce"}), ("audience", {"aud"}), ("issuer", {"iss"}),
        ("expired", {"iat", "exp"}),
    ],
)  # fmt: skip
def test_a_lie_is_wrong_in_its_claim_alone(signer: Signer, lie: str, wrong: set[str]) -> None:
    """An app that checks everything but this takes it; its signature is right."""
    told = claims()
    found = verified(signer, signer.token(told, lie))
    assert {name for name in told if found[name] != told[name]} == wrong
    if lie == "expired":
        assert found["exp"] < time.time()


def test_a_signature_of_another_key_names_this_one(signer: Signer) -> None:
    """Who looks at the header alone takes it."""
    told = claims()
    token = signer.token(told, "signature")
    assert header(token) == header(signer.token(told, ""))
    with pytest.raises(BadSignatureError):
        verified(signer, token)


def test_a_token_without_a_signature_says_so(signer: Signer) -> None:
    token = signer.token(claims(), "algorithm")
    assert header(token)["alg"] == "none"
    assert token.endswith(".")
    with pytest.raises(JoseError):
        verified(signer, token)
