"""The identity provider's program and the suite's side of it: signing in, tokens, and lies."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import time
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from grader.exam.client import Client
from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.reply import Reply
from grader.exam.services.identity import LIES, IdentityProvider
from grader.services.double import admission
from grader.services.identity import provider, registrations, tokens
from grader.services.identity.provider import IdentityProgram
from tests.unit.services.programs import PASSWORD, RunningProgram, ask, exchange, free_port

CALLBACK = "http://app:5000/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")
BASIC = {"Authorization": "Basic " + base64.b64encode(b"client_1:secret-1").decode()}
REQUEST = {
    "client_id": "client_1", "response_type": "code", "redirect_uri": CALLBACK,
    "scope": "openid email", "state": "s-1", "nonce": "n-1",
}  # fmt: skip
PKCE = {"code_challenge": CHALLENGE.decode(), "code_challenge_method": "S256"}


make_key = RSAKey.generate_key


@cache
def key(number: int) -> RSAKey:
    """Return a key that takes its time to be made; no test needs more than a few at once."""
    return make_key(tokens.BITS, {"use": "sig", "alg": tokens.ALGORITHM}, private=True)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningProgram]:
    numbers = itertools.count()
    monkeypatch.setattr(RSAKey, "generate_key", lambda *_, **__: key(next(numbers)))
    monkeypatch.setattr(admission, "ANYWHERE", "127.0.0.1")
    port = free_port()
    running = RunningProgram(IdentityProgram(PASSWORD, port), port)
    reset(running)
    yield running
    running.close()


def reset(server: RunningProgram, **more: Any) -> None:
    told = {"user": "client_1", "password": "secret-1", "host": "identity", **more}
    server.order("reset", callback="/callback", **told)


def issuer(server: RunningProgram) -> str:
    return f"http://identity:{server.port}"


@pytest.fixture
def identity(server: RunningProgram) -> IdentityProvider:
    return IdentityProvider(server.call, server.told | {"issuer": issuer(server)})


def sent(server: RunningProgram, where: str = "", **query: str | None) -> Reply:
    """What an app answers that sends a browser to the provider."""
    asked = {name: value for name, value in (REQUEST | query).items() if value is not None}
    location = where or f"{issuer(server)}/authorize?{urlencode(asked)}"
    client = Client(("127.0.0.1", 1), shown="http://app:5000", deadline=1, body_cap=1)
    return Reply(
        status=302, headers={"Location": location}, body=b"", seconds=0, curl="curl", client=client
    )


def came_back(path: str) -> dict[str, str]:
    parts = urlsplit(path)
    assert parts.path == "/callback"
    return dict(parse_qsl(parts.query))


def redeemed(
    server: RunningProgram, code: str, *, headers: Any = BASIC, **more: str
) -> tuple[int, Any]:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **more}
    said = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    return ask(server.port, "POST", "/token", urlencode(form).encode(), said)


def signed_in(server: RunningProgram, identity: IdentityProvider, **query: str) -> dict[str, Any]:
    """The tokens of somebody who has signed in."""
    status, answer = redeemed(
        server, came_back(identity.sign_in(sent(server, **query), "ada"))["code"]
    )
    assert status == 200
    return dict(answer)


def keys(server: RunningProgram) -> KeySet:
    return KeySet.import_key_set(ask(server.port, "GET", "/jwks")[1])


# -- signing in --------------------------------------------------------------------------------


def test_discovery_leads_to_everything(server: RunningProgram) -> None:
    status, found = ask(server.port, "GET", "/.well-known/openid-configuration")
    assert (status, found["issuer"]) == (200, issuer(server))
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
        assert found[name].startswith(f"{issuer(server)}/")


def test_who_signs_in_gets_tokens_that_hold(
    server: RunningProgram, identity: IdentityProvider
) -> None:
    back = came_back(identity.sign_in(sent(server, **PKCE), "ada", name="Ada L."))
    assert back["state"] == "s-1"
    status, answer = redeemed(server, back["code"], code_verifier=VERIFIER)
    assert (status, answer["token_type"]) == (200, "Bearer")
    token = jwt.decode(answer["id_token"], keys(server), algorithms=["RS256"])
    claims = token.claims
    assert (claims["iss"], claims["aud"]) == (issuer(server), "client_1")
    assert (claims["sub"], claims["nonce"], claims["name"]) == ("ada", "n-1", "Ada L.")
    assert claims["iat"] <= time.time() < claims["exp"]
    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    told = ask(server.port, "GET", "/userinfo", None, bearer)[1]
    assert (told["sub"], told["email"]) == ("ada", "ada@example.org")
    (asked,) = identity.requests()
    assert (asked.state, asked.nonce, asked.redirect_uri) == ("s-1", "n-1", CALLBACK)
    assert (asked.scope, asked.code_challenge_method) == ("openid email", "S256")
    (request,) = identity.token_requests()
    assert (request.how, request.error, request.verifier) == ("basic", "", True)


def test_a_code_is_good_for_once(server: RunningProgram, identity: IdentityProvider) -> None:
    code = came_back(identity.sign_in(sent(server)))["code"]
    assert redeemed(server, code)[0] == 200
    assert redeemed(server, code) == (400, {"error": "invalid_grant"})
    assert [one.error for one in identity.token_requests()] == ["", "invalid_grant"]


@pytest.mark.parametrize(
    "more", [{"redirect_uri": f"{CALLBACK}?x"}, {"code": "x"}, {"code_verifier": "x" * 43}]
)
def test_a_code_is_good_for_its_request(
    more: dict[str, str], server: RunningProgram, identity: IdentityProvider
) -> None:
    code = came_back(identity.sign_in(sent(server, **PKCE)))["code"]
    given = {"code_verifier": VERIFIER} | more
    assert redeemed(server, given.pop("code", code), **given)[1] == {"error": "invalid_grant"}


def test_a_code_and_a_token_are_no_others(
    server: RunningProgram, identity: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = came_back(identity.sign_in(sent(server)))["code"]
    for said in (code, "", "x"):
        bearer = {"Authorization": f"Bearer {said}"}
        assert ask(server.port, "GET", "/userinfo", None, bearer)[0] == 401
    access = redeemed(server, code)[1]["access_token"]
    assert redeemed(server, access)[0] == 400
    monkeypatch.setattr(provider, "CODE_SECONDS", -1)
    late = came_back(identity.sign_in(sent(server)))["code"]
    assert redeemed(server, late)[0] == 400


@pytest.mark.parametrize(
    ("headers", "form", "guessed"),
    [
        ({}, {}, False), ({}, {"client_id": "client_1", "client_secret": "wrong"}, True),
        ({"Authorization": "Basic %%%"}, {}, False),
        ({"Authorization": "Basic " + base64.b64encode(b"other:secret-1").decode()}, {}, False),
    ],
)  # fmt: skip
def test_a_client_without_its_secret_is_refused(
    headers: dict[str, str], form: dict[str, str], guessed: bool,
    server: RunningProgram, identity: IdentityProvider,
) -> None:  # fmt: skip
    code = came_back(identity.sign_in(sent(server)))["code"]
    assert redeemed(server, code, headers=headers, **form) == (401, {"error": "invalid_client"})
    (refusal,) = server.order("refusals")["refusals"]
    assert (refusal["user"], refusal["guessed"]) == ("client_1", guessed)


def test_a_secret_comes_by_the_form_too(server: RunningProgram, identity: IdentityProvider) -> None:
    code = came_back(identity.sign_in(sent(server)))["code"]
    form = {"client_id": "client_1", "client_secret": "secret-1"}
    assert redeemed(server, code, headers={}, **form)[0] == 200
    assert identity.token_requests()[0].how == "post"


def test_somebody_does_not_sign_in(server: RunningProgram, identity: IdentityProvider) -> None:
    assert came_back(identity.deny(sent(server))) == {"error": "access_denied", "state": "s-1"}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"client_id": "other"}, "client_id is not the one"),
        ({"client_id": None}, "client_id is not the one"),
        ({"redirect_uri": "http://app:5000/other"}, "'/callback' is registered"),
        ({"redirect_uri": "/callback"}, "no whole address"),
        ({"redirect_uri": "http://[::1/callback"}, "no address"),
        ({"redirect_uri": f"{CALLBACK}#x"}, "no whole address"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "email"}, "invalid_scope"),
        ({"code_challenge": "x", "code_challenge_method": "plain"}, "invalid_request"),
        ({"state": "x" * 3000}, "too long"),
    ],
)
def test_a_request_that_is_none_is_the_app_s_loss(
    query: dict[str, str], said: str, server: RunningProgram, identity: IdentityProvider
) -> None:
    with pytest.raises(Mismatch, match=said):
        identity.sign_in(sent(server, **query))
    assert len(identity.requests()) == 1


@pytest.mark.parametrize(
    "where",
    [
        "http://elsewhere.example/authorize?x", "file:///etc/passwd", "//[::1/authorize", "/me",
        "http://identity:1/authorize", "http://identity@169.254.169.254/authorize", "\x1b[2J\r\n",
    ],
)  # fmt: skip
def test_an_app_that_sends_elsewhere_is_told(
    where: str, server: RunningProgram, identity: IdentityProvider
) -> None:
    with pytest.raises(Mismatch, match="It should send the browser to") as lost:
        identity.sign_in(sent(server, where))
    assert "\x1b" not in str(lost.value)


def test_pkce_is_required_where_the_exam_says_so(
    server: RunningProgram, identity: IdentityProvider
) -> None:
    reset(server, pkce=True)
    with pytest.raises(Mismatch, match="invalid_request"):
        identity.sign_in(sent(server))
    assert came_back(identity.sign_in(sent(server, **PKCE)))["code"]


def test_nobody_signs_in_without_the_suite(server: RunningProgram) -> None:
    status, headers, text = exchange(
        server.port, "GET", f"/authorize?{urlencode(REQUEST)}&user=admin&prompt=none"
    )
    assert status == 200
    assert "Location" not in headers
    assert b"nobody else can" in text
    order = {"do": "sign_in", "query": urlencode(REQUEST), "claims": {"sub": "x"}, "error": ""}
    for said in ("Grader ", "Grader secret-1", BASIC["Authorization"]):
        assert ask(server.port, "POST", "/-grader", order, {"Authorization": said})[0] == 404


# -- lies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("about", [one for one in LIES if one not in {"state", "subject"}])
def test_an_id_token_has_the_lie(
    about: str, server: RunningProgram, identity: IdentityProvider
) -> None:
    identity.lie(about)
    text = signed_in(server, identity)["id_token"]
    header, body = (json.loads(base64.urlsafe_b64decode(one + "==")) for one in text.split(".")[:2])
    held = True
    try:
        jwt.decode(text, keys(server), algorithms=["RS256"])
    except (JoseError, ValueError):
        held = False
    assert held == (about not in {"signature", "algorithm"})
    if about == "signature":  # nothing but the signature tells
        assert header["kid"] == ask(server.port, "GET", "/jwks")[1]["keys"][0]["kid"]
    assert (header["alg"] == "none") == (about == "algorithm")
    true = {
        "nonce": body["nonce"] == "n-1", "audience": body["aud"] == "client_1",
        "issuer": body["iss"] == issuer(server), "expired": body["exp"] > time.time(),
    }  # fmt: skip
    assert {name for name, holds in true.items() if not holds} == {about} & {*true}
    identity.begin_test()  # what one test asks for is not the next one's
    now = signed_in(server, identity)["id_token"]
    assert jwt.decode(now, keys(server), algorithms=["RS256"]).claims["nonce"] == "n-1"


def test_the_way_back_has_another_state(server: RunningProgram, identity: IdentityProvider) -> None:
    identity.lie("state")
    back = came_back(identity.sign_in(sent(server)))
    assert back["state"] not in {"", "s-1"}


def test_userinfo_tells_of_somebody_else(
    server: RunningProgram, identity: IdentityProvider
) -> None:
    access = signed_in(server, identity)["access_token"]
    identity.lie("subject")
    bearer = {"Authorization": f"Bearer {access}"}
    assert ask(server.port, "GET", "/userinfo", None, bearer)[1]["sub"] != "ada"


def test_a_suite_that_has_it_lie_otherwise_is_told(identity: IdentityProvider) -> None:
    with pytest.raises(AssertionError, match="audience"):
        identity.lie("age")


def test_a_new_key_takes_the_old_one_s_place(
    server: RunningProgram, identity: IdentityProvider
) -> None:
    old = keys(server)
    identity.rotate()
    token = signed_in(server, identity)["id_token"]
    assert jwt.decode(token, keys(server), algorithms=["RS256"])
    with pytest.raises((JoseError, ValueError)):
        jwt.decode(token, old, algorithms=["RS256"])


def test_tokens_fail_and_take_their_time(
    server: RunningProgram, identity: IdentityProvider
) -> None:
    code = came_back(identity.sign_in(sent(server)))["code"]
    identity.fail(1, code=502)
    identity.delay(0.2)
    began = time.monotonic()
    assert redeemed(server, code)[0] == 502
    assert time.monotonic() - began >= 0.2
    assert redeemed(server, code)[0] == 200


# -- bounds, tenants, outages ------------------------------------------------------------------


def test_more_than_is_kept_is_the_app_s_loss(
    server: RunningProgram, identity: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registrations, "KEPT", 2)
    first = signed_in(server, identity)["access_token"]
    for _ in range(2):
        identity.sign_in(sent(server))
    bearer = {"Authorization": f"Bearer {first}"}
    assert ask(server.port, "GET", "/userinfo", None, bearer)[0] == 401  # the oldest went
    with pytest.raises(Mismatch, match="more than the exam keeps"):
        identity.requests()


def test_a_reset_leaves_nothing(server: RunningProgram, identity: IdentityProvider) -> None:
    access, old = signed_in(server, identity)["access_token"], keys(server)
    code = came_back(identity.sign_in(sent(server)))["code"]
    identity.lie("audience")
    reset(server)
    assert redeemed(server, code)[0] == 400
    bearer = {"Authorization": f"Bearer {access}"}
    assert ask(server.port, "GET", "/userinfo", None, bearer)[0] == 401
    assert identity.requests() == []
    token = signed_in(server, identity)["id_token"]
    assert jwt.decode(token, keys(server), algorithms=["RS256"]).claims["aud"] == "client_1"
    with pytest.raises((JoseError, ValueError)):
        jwt.decode(token, old, algorithms=["RS256"])


def test_a_guest_has_a_provider_of_its_own(
    server: RunningProgram, identity: IdentityProvider
) -> None:
    told = {"user": "client_2", "password": "secret-2", "host": "identity", "callback": "/callback"}
    port = server.order("guest", **told)["port"]
    found = ask(port, "GET", "/.well-known/openid-configuration")[1]
    assert found["issuer"] == f"http://identity:{port}"
    code = came_back(identity.sign_in(sent(server)))["code"]
    form = urlencode({"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK})
    basic = {"Authorization": "Basic " + base64.b64encode(b"client_2:secret-2").decode()}
    assert ask(port, "POST", "/token", form.encode(), basic)[0] == 400
    assert ask(port, "GET", "/jwks")[1] != ask(server.port, "GET", "/jwks")[1]


def test_it_is_stopped_and_started(server: RunningProgram, identity: IdentityProvider) -> None:
    code = came_back(identity.sign_in(sent(server)))["code"]
    server.stop()
    with pytest.raises(PlatformFault, match="did not answer"):
        identity.requests()
    server.do(server.program.listen())
    assert redeemed(server, code)[0] == 200
