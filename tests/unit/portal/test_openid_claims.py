"""The portal takes of a provider only what an ID token proves, and refuses each lie in it."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from grader.portal.openid.settings import CALLBACK
from grader.services.identity import provider as program
from grader.services.identity.tokens import Signer, claims_of
from tests.unit.portal.provider import ADA, PORTAL, SchoolProvider
from tests.unit.portal.signing_in import Said

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
