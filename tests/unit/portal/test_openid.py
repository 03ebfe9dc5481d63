"""Signing in at a provider that may lie: who is believed, and what is said to people."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, jsonify, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from grader.portal.openid import attempts, client
from grader.portal.openid.client import OpenIdClient
from grader.portal.openid.refusals import SignInRefused
from grader.portal.openid.settings import CALLBACK
from grader.services.identity import provider as program
from grader.services.identity.tokens import Signer, claims_of
from tests.unit.portal.provider import (
    ADA,
    PORTAL,
    SECRET,
    SchoolProvider,
    query_of,
    school_provider,
)


@pytest.fixture
def school(tmp_path: Path) -> Iterator[SchoolProvider]:
    """A provider on loopback."""
    with school_provider(tmp_path) as found:
        yield found


class Said(logging.Handler):
    """What was logged, as `grader serve` has it: from INFO on."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(logging.Formatter().format(record))

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture
def said() -> Iterator[Said]:
    """The log."""
    handler, root = Said(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler
    root.setLevel(before)
    root.removeHandler(handler)


@pytest.fixture
def browser(school: SchoolProvider) -> FlaskClient:
    """A browser of an app that does nothing but sign in."""
    return app_of(school).test_client()


def app_of(school: SchoolProvider) -> Flask:
    """Make it."""
    app, signing = Flask(__name__), OpenIdClient(school.settings)
    app.config["SECRET_KEY"] = "k" * 32

    def refused(error: Exception) -> tuple[str, int]:
        assert isinstance(error, SignInRefused)
        return str(error), error.status

    def begin() -> Response:
        return signing.begin(request.args.get("next", ""))

    def back() -> Response:
        who, target = signing.finish()
        return jsonify(asdict(who) | {"target": target})

    app.register_error_handler(SignInRefused, refused)
    app.add_url_rule("/sign-in/openid", view_func=begin)
    app.add_url_rule(CALLBACK, view_func=back)
    return app


def begun(school: SchoolProvider, browser: FlaskClient, **more: Any) -> str:
    """The path that a browser is sent back to, once somebody has signed in."""
    return school.signed_in(browser.get("/sign-in/openid", base_url=PORTAL), ADA, **more)


def come_back(browser: FlaskClient, path: str) -> TestResponse:
    """Come back from the provider."""
    return browser.get(path, base_url=PORTAL)


# -- who is believed ---------------------------------------------------------------------------


def test_who_signs_in_is_who_the_provider_says(
    school: SchoolProvider, browser: FlaskClient
) -> None:
    """By the code flow, with PKCE, a state and a nonce; the secret is sent to nobody else."""
    answer = school.visit(browser, target="/assignments/1")
    assert answer.json == {
        "issuer": school.issuer, "subject": "ada-1", "email": "ada@school.example",
        "verified": True, "name": "Ada L.", "target": "/assignments/1",
    }  # fmt: skip
    [asked] = school.asked("authorizations")
    assert asked["redirect_uri"] == PORTAL + CALLBACK
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["code_challenge"]
    assert len(asked["state"]) >= 16
    assert len(asked["nonce"]) >= 16
    assert set(asked["scope"].split()) == {"openid", "email", "profile"}
    [token] = school.asked("tokens")
    assert (token["how"], token["error"], token["verifier"]) == ("basic", "", True)


def test_each_sign_in_has_secrets_of_its_own(school: SchoolProvider, browser: FlaskClient) -> None:
    """No state, nonce or challenge comes twice."""
    for _ in range(2):
        assert school.visit(browser).status_code == 200
    one, other = school.asked("authorizations")
    for name in ("state", "nonce", "code_challenge"):
        assert one[name] != other[name]


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        ("nonce", "belongs to another sign-in"),
        ("audience", "made for another application"),
        ("issuer", "from another provider"),
        ("expired", "has expired"),
        ("signature", "signature or its form"),
        ("algorithm", "signature or its form"),
    ],
)
def test_a_lie_in_the_id_token(
    school: SchoolProvider, browser: FlaskClient, said: Said, lie: str, why: str
) -> None:
    """Nobody is signed in, and people read why; once the lies are over, they are."""
    school.lie(lie)
    answer = school.visit(browser)
    assert answer.status_code == 502
    assert "is not to be trusted" in answer.text
    assert why in answer.text
    assert "Start again" in answer.text
    assert "an ID token is wrong" in said.text
    school.lie("")
    assert school.visit(browser).status_code == 200


def test_a_token_for_another_application_that_names_this_one(
    school: SchoolProvider, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`azp` makes no audience: Authlib alone would take it."""
    monkeypatch.setattr(
        program,
        "claims_of",
        lambda *args: claims_of(*args) | {"aud": "another", "azp": "the-portal"},
    )
    answer = school.visit(browser)
    assert answer.status_code == 502
    assert "made for another application" in answer.text


@pytest.mark.parametrize("missing", ["nonce", "exp", "iss", "aud", "sub"])
def test_a_token_without_what_it_has_to_have(
    school: SchoolProvider, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """What is not there proves nothing."""
    true = Signer.signed

    def signed(self: Signer, claims: dict[str, Any], kid: str = "") -> str:
        return true(self, {name: one for name, one in claims.items() if name != missing}, kid)

    monkeypatch.setattr(Signer, "signed", signed)
    assert school.visit(browser).status_code == 502


def test_no_id_token_at_all(
    school: SchoolProvider, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An access token says nothing of who somebody is."""
    true = program.IdentityProgram._redeemed

    def redeemed(self: Any, *args: Any) -> tuple[str, dict[str, Any]]:
        error, told = true(self, *args)
        told.pop("id_token", None)
        return error, told

    monkeypatch.setattr(program.IdentityProgram, "_redeemed", redeemed)
    assert school.visit(browser).status_code == 502


def test_a_new_key_is_asked_for(school: SchoolProvider, browser: FlaskClient) -> None:
    """A provider changes its key; who signs in then notices nothing."""
    assert school.visit(browser).status_code == 200
    school.running.order("rotate")
    assert school.visit(browser).status_code == 200


# -- the browser's part ------------------------------------------------------------------------


def test_a_state_is_good_for_once(school: SchoolProvider, browser: FlaskClient) -> None:
    """The same address again signs in nobody, and is not even asked about."""
    path = begun(school, browser)
    assert come_back(browser, path).status_code == 200
    again = come_back(browser, path)
    assert again.status_code == 401
    assert "was used before" in again.text
    assert len(school.asked("tokens")) == 1


def test_a_code_is_good_for_once(school: SchoolProvider, browser: FlaskClient) -> None:
    """With a new state of this browser's, too."""
    first, second = begun(school, browser), begun(school, browser)
    used, state = query_of(first)["code"], query_of(second)["state"]
    assert come_back(browser, first).status_code == 200
    answer = come_back(browser, f"{CALLBACK}?code={used}&state={state}")
    assert answer.status_code == 401
    assert "was used before, or is too old" in answer.text


def test_a_code_of_another_sign_in(school: SchoolProvider, browser: FlaskClient) -> None:
    """PKCE binds a code to who asked for it."""
    stolen = query_of(begun(school, app_of(school).test_client()))["code"]
    state = query_of(begun(school, browser))["state"]
    answer = come_back(browser, f"{CALLBACK}?code={stolen}&state={state}")
    assert answer.status_code == 401


def test_an_address_of_somebody_else(school: SchoolProvider, browser: FlaskClient) -> None:
    """Whoever is sent a link with a code and a state of another browser is not signed in by it."""
    path = begun(school, app_of(school).test_client())
    answer = come_back(browser, path)
    assert answer.status_code == 401
    assert "began in another browser" in answer.text
    assert not school.asked("tokens")


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?code=x&state=x", "?error=x"])
def test_an_address_that_nobody_was_sent_to(browser: FlaskClient, query: str) -> None:
    """A sentence, and no question to the provider."""
    assert come_back(browser, CALLBACK + query).status_code == 401


def test_a_provider_that_changes_the_state(school: SchoolProvider, browser: FlaskClient) -> None:
    """It is no answer to what was asked."""
    school.lie("state")
    assert school.visit(browser).status_code == 401


def test_who_takes_too_long(
    school: SchoolProvider, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Begins again."""
    path = begun(school, browser)
    later = time.time() + attempts.SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    answer = come_back(browser, path)
    assert answer.status_code == 401
    assert "longer than ten minutes" in answer.text


def test_a_few_tabs_at_once(school: SchoolProvider, browser: FlaskClient) -> None:
    """The latest three work, whichever comes first; the cookie stays small."""
    paths = [begun(school, browser) for _ in range(5)]
    cookie = browser.get_cookie("session", domain="127.0.0.1")
    assert cookie
    assert len(cookie.value) < 2500
    assert [come_back(browser, path).status_code for path in paths] == [401, 401, 200, 200, 200]


# -- what people read --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "status", "why"),
    [
        ("access_denied", 401, "has not let you in"),
        ("temporarily_unavailable", 503, "does not answer"),
        ("unauthorized_client", 502, "portal's operator"),
        ("<script>alert(1)</script>", 401, "has not signed you in"),
    ],
)
def test_a_provider_that_refuses(
    school: SchoolProvider, browser: FlaskClient, said: Said, error: str, status: int, why: str
) -> None:
    """What it says of itself is shown to nobody and logged only where it is a code."""
    path = begun(school, browser, error=error)
    answer = come_back(browser, path)
    assert answer.status_code == status
    assert "was used before" in come_back(browser, path).text
    assert why in answer.text
    assert "<script" not in answer.text + said.text


def test_a_provider_that_is_away_from_the_start(
    school: SchoolProvider, browser: FlaskClient, said: Said
) -> None:
    """Nobody waits; once it is back, the portal needs no new start."""
    school.running.stop()
    answer = browser.get("/sign-in/openid", base_url=PORTAL)
    assert answer.status_code == 503
    assert "School Login does not answer" in answer.text
    assert "the provider is away: ConnectionError" in said.text
    school.running.do(school.running.program.listen())
    assert school.visit(browser).status_code == 200


def test_a_provider_that_goes_away_meanwhile(school: SchoolProvider, browser: FlaskClient) -> None:
    """Between being asked and being asked for the token."""
    path = begun(school, browser)
    school.running.stop()
    assert come_back(browser, path).status_code == 503


def test_a_token_endpoint_that_fails(school: SchoolProvider, browser: FlaskClient) -> None:
    """It is away, too."""
    school.lie("", fail=-1, code=503)
    assert school.visit(browser).status_code == 503


def test_a_provider_that_hangs(
    school: SchoolProvider, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each conversation has an end, and there are so many at a time."""
    monkeypatch.setattr(client, "SECONDS", (1.0, 0.2))
    hasty = app_of(school).test_client()
    school.lie("", delay=60)
    assert school.visit(hasty).status_code == 503
    monkeypatch.setattr(client, "AT_ONCE", 0)
    monkeypatch.setattr(client, "WAIT_SECONDS", 0.01)
    full = app_of(school).test_client()
    assert full.get("/sign-in/openid", base_url=PORTAL).status_code == 503


def test_a_wrong_secret(school: SchoolProvider, browser: FlaskClient, said: Said) -> None:
    """That is the operator's: people are told so, the log has the error's name."""
    school.settings.secret_file.write_text("another")
    answer = school.visit(app_of(school).test_client())
    assert answer.status_code == 502
    assert "portal's operator" in answer.text
    assert "invalid_client" in said.text


# -- what it says of people --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "verified"),
    [
        ({"email_verified": True}, True),
        ({"email_verified": "true"}, True),
        ({"email_verified": False}, False),
        ({"email_verified": "false"}, False),
        ({"email_verified": 1}, False),
        ({}, False),
    ],
)
def test_a_verified_address(
    school: SchoolProvider, browser: FlaskClient, claims: dict[str, Any], *, verified: bool
) -> None:
    """Nothing that is not said is taken for it."""
    answer = school.visit(browser, {"sub": "b", "email": "b@school.example", **claims})
    assert answer.json
    assert answer.json["verified"] is verified


def test_an_address_that_userinfo_knows_alone(
    school: SchoolProvider, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many providers put it there; the ID token has the last word on what both say."""
    true = Signer.signed

    def signed(self: Signer, claims: dict[str, Any], kid: str = "") -> str:
        less = {name: one for name, one in claims.items() if not name.startswith("email")}
        return true(self, less | {"name": "Of the token"}, kid)

    monkeypatch.setattr(Signer, "signed", signed)
    answer = school.visit(browser)
    assert answer.json
    assert (answer.json["email"], answer.json["verified"]) == ("ada@school.example", True)
    assert answer.json["name"] == "Of the token"
    school.lie("subject")  # userinfo of somebody else
    answer = school.visit(browser)
    assert answer.status_code == 502
    assert "does not say who you are" in answer.text


@pytest.mark.parametrize("name", ["", 7, None, ["x"]])
def test_a_name_that_is_none(school: SchoolProvider, browser: FlaskClient, name: Any) -> None:
    """The next best one is taken."""
    answer = school.visit(browser, ADA | {"name": name, "preferred_username": "ada"})
    assert answer.json
    assert answer.json["name"] == "ada"


@pytest.mark.parametrize("subject", ["", "x" * 256, 7, None])
def test_a_subject_that_is_none(school: SchoolProvider, browser: FlaskClient, subject: Any) -> None:
    """Nobody can be found by it later."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "claims_of", lambda *args: claims_of(*args) | {"sub": subject})
        assert school.visit(browser).status_code == 502


# -- what is kept to itself --------------------------------------------------------------------


def test_no_secret_is_logged(
    school: SchoolProvider, browser: FlaskClient, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither where all goes well, nor where it does not."""
    secrets = [SECRET]
    true = program.IdentityProgram._redeemed

    def redeemed(self: Any, tenant: Any, form: Any) -> tuple[str, dict[str, Any]]:
        error, told = true(self, tenant, form)
        secrets.extend([form["code"], form["code_verifier"]])
        secrets.extend(str(told[one]) for one in ("access_token", "id_token") if one in told)
        return error, told

    monkeypatch.setattr(program.IdentityProgram, "_redeemed", redeemed)
    assert school.visit(browser).status_code == 200
    for lie in ("nonce", "audience", "issuer", "expired", "signature", "algorithm"):
        school.lie(lie)
        assert school.visit(browser).status_code == 502
    school.lie("", fail=1)
    assert school.visit(browser).status_code == 503
    assert len(secrets) == 1 + 4 * 7
    assert len(said.lines) == 7
    assert not [one for one in secrets if one in said.text]


def test_what_a_browser_keeps(school: SchoolProvider, browser: FlaskClient) -> None:
    """What belongs to a sign-in is gone once it is over, whichever way it ended."""
    path = begun(school, browser)
    with browser.session_transaction(base_url=PORTAL) as kept:
        [found] = kept[attempts.KEY].values()
        assert set(found["data"]) == {"redirect_uri", "code_verifier", "nonce", "target"}
    school.lie("nonce")
    assert come_back(browser, path).status_code == 502
    with browser.session_transaction(base_url=PORTAL) as kept:
        assert kept[attempts.KEY] == {}
        assert SECRET not in json.dumps(dict(kept))
