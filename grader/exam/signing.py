"""Cookies and tokens that an app has signed, and with which key.

Flask's session cookie is itsdangerous' URLSafeTimedSerializer: HMAC-SHA1 over payload and time,
with a key derived from SECRET_KEY (flask.sessions.SecureCookieSessionInterface). A JWT of
algorithm HS256 is HMAC-SHA256 over header and payload (RFC 7515).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie

FLASK = re.compile(r"\.?[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{5,8}\.[A-Za-z0-9_-]{27}")
JWT = re.compile(r"eyJ[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}")
COMMON_KEYS = (
    "dev", "secret", "secret-key", "secret_key", "secretkey", "mysecret", "mysecretkey",
    "my-secret-key", "supersecret", "super-secret", "super_secret", "supersecretkey",
    "super-secret-key", "super secret key", "your-secret-key", "your_secret_key", "your secret key",
    "changeme", "change-me", "change_me", "development", "development key", "dev-secret",
    "dev-secret-key", "dev_key", "devkey", "test", "testing", "key", "flask", "flask-secret",
    "password", "123456", "12345", "abc123", "admin", "this-is-a-secret", "thisisasecret", "hello",
    "you-will-never-guess", "hard to guess string", '_5#y2L"F4Q8z\n\xec]/',
    "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf", "any random string",
    "not-so-secret", "s3cr3t", "top-secret", "default", "random",
)  # fmt: skip
"""Keys of tutorials, documentation and lists of passwords."""


def signed_in(cookies: Iterable[str], bodies: Iterable[str]) -> list[str]:
    """Every Flask session and every JWT in `cookies` (values of Set-Cookie) and in `bodies`."""
    found: dict[str, None] = {}
    for header in cookies:
        try:
            values = [morsel.value for morsel in SimpleCookie(header).values()]
        except CookieError:
            continue
        found |= dict.fromkeys(
            value for value in values if FLASK.fullmatch(value) or JWT.fullmatch(value)
        )
    for body in bodies:
        found |= dict.fromkeys(JWT.findall(body))
    return list(found)


def verifies(token: str, key: str) -> bool:
    """Whether `token`, one of those that `signed_in` gives, was signed with `key`."""
    signed, _, signature = token.rpartition(".")
    if JWT.fullmatch(token):
        return _is_hs256(signed) and hmac.compare_digest(
            _mac(key.encode(), signed, "sha256"), signature
        )
    derived = hmac.digest(key.encode(), b"cookie-session", "sha1")
    return hmac.compare_digest(_mac(derived, signed, "sha1"), signature)


def common_key(token: str) -> str:
    """The key of `COMMON_KEYS` that `token` was signed with; empty where it was none of them."""
    return next((key for key in COMMON_KEYS if verifies(token, key)), "")


def _mac(key: bytes, text: str, digest: str) -> str:
    raw = hmac.digest(key, text.encode(), digest)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _is_hs256(signed: str) -> bool:
    head = signed.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, binascii.Error):
        return False
    return isinstance(header, dict) and header.get("alg") == "HS256"
