"""Cookies and tokens: found in answers, and told by the key that signed them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from itsdangerous import URLSafeTimedSerializer

from grader.exam.signing import common_key, signed_in, verifies


def flask_cookie(key: str, **session: object) -> str:
    """A session cookie as Flask makes it (flask.sessions.SecureCookieSessionInterface)."""
    signer = URLSafeTimedSerializer(
        key,
        salt="cookie-session",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha1},
    )
    made = signer.dumps(session)
    return made.decode() if isinstance(made, bytes) else made


def jwt(key: str, alg: str = "HS256") -> str:
    def part(value: dict[str, object]) -> str:
        raw = json.dumps(value).encode()
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    signed = f"{part({'alg': alg, 'typ': 'JWT'})}.{part({'sub': 1})}"
    mac = hmac.digest(key.encode(), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


@pytest.mark.parametrize("token", [flask_cookie("kéy", a=1), flask_cookie("kéy", b="x" * 3000),
                                   jwt("kéy")])  # fmt: skip
def test_a_token_verifies_with_its_own_key_only(token: str) -> None:
    """Short, compressed, and JWT."""
    assert verifies(token, "kéy")
    assert not verifies(token, "other")
    assert not verifies(token[:-1] + ("A" if token[-1] != "A" else "B"), "kéy")


def test_a_common_key_is_told() -> None:
    """The keys of tutorials."""
    assert common_key(flask_cookie("dev", a=1)) == "dev"
    assert common_key(jwt("secret")) == "secret"
    assert common_key(jwt("f3Kx91QmZp7LwT2v")) == ""


def test_another_algorithm_is_not_taken_for_hs256() -> None:
    """A header that claims `none` proves nothing."""
    assert not verifies(jwt("key", alg="none"), "key")


def test_tokens_are_found_in_cookies_and_bodies() -> None:
    """Once each; what only looks alike is left alone."""
    cookie, token = flask_cookie("k", a=1), jwt("k")
    found = signed_in(
        [f"session={cookie}; HttpOnly; Path=/", "theme=dark", f"session={cookie}", "=;;="],
        [f'{{"access": "{token}"}}', "eyJ.nothing.here", ""],
    )
    assert found == [cookie, token]
