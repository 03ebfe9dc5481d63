"""Sessions and tokens that an app has signed: with which key, and the same signed again.

Three forms are known. Flask's session cookie is itsdangerous' URLSafeTimedSerializer: HMAC-SHA1
over payload and time, with a key derived from SECRET_KEY (SecureCookieSessionInterface in
flask.sessions). Starlette's is itsdangerous' TimestampSigner over base64
(starlette.middleware.sessions). A JWT of algorithm HS256 is HMAC-SHA256 over header and payload
(RFC 7515). The key is what the app was given, or a digest of that.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie

TIMED = re.compile(r"\.?[A-Za-z0-9_+/=-]+\.[A-Za-z0-9_-]{5,8}\.[A-Za-z0-9_-]{27}")
JWT = re.compile(r"eyJ[A-Za-z0-9_-]{1,500}\.eyJ[A-Za-z0-9_-]{1,8000}\.[A-Za-z0-9_-]{43}")
"""Its parts have an end, as a page may hold `eyJ` a hundred thousand times."""
SESSION_NAME = re.compile("sess|auth|login|token|jwt", re.IGNORECASE)
"""In the names of cookies that say who somebody is."""
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

DIGESTS = ("sha256", "sha512", "sha1", "md5", "sha384", "sha224", "sha3_256", "blake2b", "blake2s")
"""Of a key, as apps make one of the length that they want."""


@dataclass(frozen=True, kw_only=True)
class Token:
    """A session or token that an app gave, and how it is sent back."""

    value: str
    cookie: str = ""
    """The cookie that it came in; empty for one of a body, which is sent as a bearer's."""

    @property
    def what(self) -> str:
        """What to call it in a sentence."""
        return "A session cookie" if self.cookie else "A token"

    @property
    def headers(self) -> dict[str, str]:
        """The request headers that hand it in."""
        if self.cookie:
            return {"Cookie": f"{self.cookie}={self.value}"}
        return {"Authorization": f"Bearer {self.value}"}

    @property
    def is_jwt(self) -> bool:
        """Whether it is a JSON Web Token."""
        return bool(JWT.fullmatch(self.value))


def signed_in(cookies: Iterable[str], bodies: Iterable[str]) -> list[Token]:
    """Every session and every JWT in `cookies` (values of Set-Cookie) and in `bodies`."""
    found: dict[Token, None] = {}
    for header in cookies:
        try:
            morsels = list(SimpleCookie(header).values())
        except CookieError:
            continue
        for one in morsels:
            if JWT.fullmatch(one.value) or (
                TIMED.fullmatch(one.value) and SESSION_NAME.search(one.key)
            ):
                found[Token(value=one.value, cookie=one.key)] = None
    for body in bodies:
        found |= {Token(value=value): None for value in JWT.findall(body)}
    return list(found)


def verifies(token: Token, key: str) -> bool:
    """Return whether `token` was signed with `key`."""
    signed, _, signature = token.value.rpartition(".")
    return any(hmac.compare_digest(one, signature) for one in _signatures(token, signed, key))


def common_key(token: Token) -> str:
    """Return the key of `COMMON_KEYS` that `token` was signed with.

    Empty where it was none of them.
    """
    return next((key for key in COMMON_KEYS if verifies(token, key)), "")


def signed_anew(token: Token, known: str, key: str) -> Token:
    """Return what `token` says, signed by ourselves with `key`.

    `known` is the key that it verifies with.

    Its time or the form of its header changes, so that it is none that the app has seen.
    """
    signed, _, signature = token.value.rpartition(".")
    forms = _signatures(token, signed, known)
    form = next((at for at, one in enumerate(forms) if one == signature), 0)
    if token.is_jwt:
        head, _, payload = signed.partition(".")
        signed = f"{_other_head(head)}.{payload}"
    else:
        payload, _, made = signed.rpartition(".")
        now = int(time.time())
        stamps = (_encoded((now - ago).to_bytes(4, "big")) for ago in (1, 2))
        signed = f"{payload}.{next(one for one in stamps if one != made)}"
    return replace(token, value=f"{signed}.{_signatures(token, signed, key)[form]}")


def unsigned(token: Token) -> Token | None:
    """Return a JWT with `token`'s payload, the algorithm `none` and no signature.

    None for other forms.
    """
    if not token.is_jwt:
        return None
    head = _encoded(json.dumps({"alg": "none", "typ": "JWT"}).encode())
    return replace(token, value=f"{head}.{token.value.split('.')[1]}.")


def _signatures(token: Token, signed: str, key: str) -> list[str]:
    """Return the signature of `signed` with `key` in each form that `token` may have."""
    secrets = _derived(key)
    if token.is_jwt:
        return [_mac(one, signed, "sha256") for one in secrets] if _is_hs256(signed) else []
    flask = [hmac.digest(one, b"cookie-session", "sha1") for one in secrets]
    starlette = [
        hashlib.sha1(b"itsdangerous.Signer" + b"signer" + one).digest()  # noqa: S324
        for one in secrets
    ]
    return [_mac(one, signed, "sha1") for one in (*flask, *starlette)]


@lru_cache(maxsize=256)
def _derived(key: str) -> tuple[bytes, ...]:
    """Return what an app may sign with that is given `key`: itself, and its digests."""
    raw = key.encode()
    digests = [hashlib.new(name, raw, usedforsecurity=False).digest() for name in DIGESTS]
    forms: tuple[Callable[[bytes], bytes], ...] = (
        bytes, binascii.hexlify, base64.b64encode, base64.urlsafe_b64encode,
    )  # fmt: skip
    return (raw, *(form(one) for one in digests for form in forms))


def _mac(key: bytes, text: str, digest: str) -> str:
    return _encoded(hmac.digest(key, text.encode(), digest))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _header(head: str) -> dict[str, object]:
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, binascii.Error):
        return {}
    return header if isinstance(header, dict) else {}


def _is_hs256(signed: str) -> bool:
    return _header(signed.partition(".")[0]).get("alg") == "HS256"


def _other_head(head: str) -> str:
    """Return the same header in other bytes."""
    forms = [json.dumps(_header(head), separators=form) for form in ((",", ":"), (", ", ": "))]
    return next(one for one in map(_encoded, (form.encode() for form in forms)) if one != head)
