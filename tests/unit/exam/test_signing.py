"""Cookies and tokens: found in answers, and told by the key that signed them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from grader.exam.signing import Token, common_key, signed_anew, signed_in, unsigned, verifies


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


def starlette_cookie(key: str, **session: object) -> str:
    """A session cookie as Starlette makes it (starlette.middleware.sessions)."""
    data = base64.b64encode(json.dumps(session).encode())
    return TimestampSigner(key).sign(data).decode()


def cookie(value: str) -> Token:
    return Token(value=value, cookie="session")


TOKENS = [
    cookie(flask_cookie("kéy", a=1)),
    cookie(flask_cookie("kéy", b="x" * 3000)),
    cookie(starlette_cookie("kéy", user="ada")),
    Token(value=jwt("kéy")),
    cookie(flask_cookie(hashlib.sha256("kéy".encode()).hexdigest(), derived=True)),
    cookie(starlette_cookie(hashlib.md5("kéy".encode()).hexdigest(), user="ada")),
    Token(value=jwt(base64.b64encode(hashlib.sha512("kéy".encode()).digest()).decode())),
]


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_verifies_with_its_own_key_only(token: Token) -> None:
    """Flask's, short and compressed, Starlette's, and JWT; also with a digest of the key."""
    assert verifies(token, "kéy")
    assert not verifies(token, "other")
    last = "A" if token.value[-1] != "A" else "B"
    assert not verifies(Token(value=token.value[:-1] + last, cookie=token.cookie), "kéy")


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_of_any_second_is_signed_anew(
    token: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the app signed it in the second that ours would name."""
    now = time.time()
    for later in range(5):
        monkeypatch.setattr(time, "time", lambda later=later: now + later)
        assert signed_anew(token, "kéy", "kéy").value != token.value


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_that_we_sign_differs_and_verifies(token: Token) -> None:
    """With the same key and with another; it says what the app's own says."""
    ours = signed_anew(token, "kéy", "kéy")
    assert ours.value != token.value
    assert verifies(ours, "kéy")
    assert not verifies(signed_anew(token, "kéy", "other"), "kéy")
    assert verifies(signed_anew(token, "kéy", "other"), "other")


def test_what_we_sign_is_read_by_the_libraries() -> None:
    """Flask's serializer and Starlette's signer take it for their own."""
    flask = signed_anew(cookie(flask_cookie("k", a=1)), "k", "k").value
    serializer = URLSafeTimedSerializer(
        "k", salt="cookie-session",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha1},
    )  # fmt: skip
    assert serializer.loads(flask, max_age=60) == {"a": 1}
    starlette = signed_anew(cookie(starlette_cookie("k", a=1)), "k", "k").value
    data = TimestampSigner("k").unsign(starlette, max_age=60)
    assert json.loads(base64.b64decode(data)) == {"a": 1}


def test_a_jwt_without_a_signature_says_the_same() -> None:
    """Algorithm none, the payload kept; there is no such form of a cookie."""
    made = unsigned(Token(value=jwt("k")))
    assert made is not None
    head, payload, signature = made.value.split(".")
    assert json.loads(base64.urlsafe_b64decode(head + "==="))["alg"] == "none"
    assert payload == jwt("k").split(".")[1]
    assert signature == ""
    assert unsigned(cookie(flask_cookie("k", a=1))) is None


def test_a_common_key_is_told() -> None:
    """The keys of tutorials."""
    assert common_key(cookie(flask_cookie("dev", a=1))) == "dev"
    assert common_key(Token(value=jwt("secret"))) == "secret"
    assert common_key(Token(value=jwt("f3Kx91QmZp7LwT2v"))) == ""


def test_another_algorithm_is_not_taken_for_hs256() -> None:
    """A header that claims `none` proves nothing."""
    assert not verifies(Token(value=jwt("key", alg="none")), "key")


def test_tokens_are_found_in_cookies_and_bodies() -> None:
    """Once each; what only looks alike, or says nothing of who somebody is, is left alone."""
    made, token = flask_cookie("k", a=1), jwt("k")
    found = signed_in(
        [f"session={made}; HttpOnly; Path=/", "theme=dark", f"session={made}", "=;;=",
         f"csrf={made}"],
        [f'{{"access": "{token}"}}', "eyJ.nothing.here", ""],
    )  # fmt: skip
    assert found == [cookie(made), Token(value=token)]
    assert found[0].headers == {"Cookie": f"session={made}"}
    assert found[1].headers == {"Authorization": f"Bearer {token}"}


BEGUN = (
    "eyJ" * 90_000,
    "eyJ" * 150 + "." + "eyJ" * 90_000,
    ("eyJ" * 160 + "." + "eyJ" * 2600) * 30,
)


@pytest.mark.slow
@pytest.mark.parametrize("body", BEGUN, ids=["alone", "behind a dot", "again and again"])
def test_beginnings_of_tokens_take_no_time(body: str) -> None:
    """A page may hold a hundred thousand of them."""
    begun = time.process_time()
    assert signed_in([], [body]) == []
    assert time.process_time() - begun < 2
