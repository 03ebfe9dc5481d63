"""How people sign in by the environment, and what is taken of what a provider says of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.errors import UsageError
from grader.portal.care.mail_server import ADDRESS
from grader.portal.openid.discovery import MetadataUnusable, usable_metadata
from grader.portal.openid.settings import (
    CLIENT,
    CREATE,
    DISCOVERY,
    LINK,
    LOCAL,
    NAME,
    SECRET_FILE,
    WELL_KNOWN,
    sign_in_settings,
)

ISSUER = "https://login.school.example"
TOLD: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/jwks",
    "userinfo_endpoint": f"{ISSUER}/userinfo",
    "id_token_signing_alg_values_supported": ["none", "HS256", "ES256", "RS256"],
}


@pytest.fixture
def whole(tmp_path: Path) -> dict[str, str]:
    """An environment that names a provider."""
    (tmp_path / "secret").write_text("s3cret\n")
    return {
        DISCOVERY: ISSUER + WELL_KNOWN,
        CLIENT: "exams",
        SECRET_FILE: str(tmp_path / "secret"),
        ADDRESS: "https://exams.school.example/",
    }


def test_nothing_said(whole: dict[str, str]) -> None:
    """Passwords alone."""
    found = sign_in_settings({})
    assert found.provider is None
    assert found.local
    assert found.takes_password(administrator=False)


def test_a_provider(whole: dict[str, str]) -> None:
    """By default it neither links nor makes an account, and passwords stay."""
    found = sign_in_settings(whole)
    assert found.local
    assert found.provider
    assert (found.provider.link, found.provider.create) == (False, False)
    assert found.provider.name == "login.school.example"
    assert found.provider.secret() == "s3cret"
    assert found.provider.redirect_uri == "https://exams.school.example/sign-in/openid/callback"
    more = {NAME: "School\x1b[31m Login", LINK: "1", CREATE: "1", LOCAL: "administrators"}
    found = sign_in_settings(whole | more)
    assert found.provider
    assert (found.provider.link, found.provider.create) == (True, True)
    assert found.provider.name == "School Login"
    assert found.takes_password(administrator=True)
    assert not found.takes_password(administrator=False)
    assert "School Login" in found.elsewhere


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({DISCOVERY: "login.school.example"}, "discovery address"),
        ({DISCOVERY: ISSUER}, "discovery address"),
        ({DISCOVERY: f"http://login.school.example{WELL_KNOWN}"}, "discovery address"),
        ({DISCOVERY: f"https://me:s3cret@login.school.example{WELL_KNOWN}"}, "discovery address"),
        ({CLIENT: ""}, CLIENT),
        ({SECRET_FILE: ""}, SECRET_FILE),
        ({SECRET_FILE: "/nowhere/secret"}, "cannot be read"),
        ({ADDRESS: ""}, "portal's own address"),
        ({ADDRESS: "http://exams.school.example"}, "portal's own address"),
        ({LINK: "yes"}, "has to be 1 or 0"),
        ({CREATE: "true"}, "has to be 1 or 0"),
        ({LOCAL: "nobody"}, "has to be everybody or administrators"),
    ],
)
def test_what_is_no_provider(whole: dict[str, str], changes: dict[str, str], said: str) -> None:
    """The sentence names the variable, and no secret."""
    with pytest.raises(UsageError, match=said) as raised:
        sign_in_settings(whole | changes)
    assert "s3cret" not in str(raised.value)


def test_an_empty_secret(whole: dict[str, str]) -> None:
    """It is said at the start."""
    Path(whole[SECRET_FILE]).write_text("\n")
    with pytest.raises(UsageError, match="is empty"):
        sign_in_settings(whole)


def test_nobody_could_sign_in() -> None:
    """Passwords for administrators alone need a provider for the others."""
    with pytest.raises(UsageError, match="nobody else could sign in"):
        sign_in_settings({LOCAL: "administrators"})


def test_what_is_taken_of_metadata() -> None:
    """Endpoints, and ways to sign that need a key of the provider's; nothing else at all."""
    found = usable_metadata(ISSUER + WELL_KNOWN, TOLD | {"verify": False, "scope": "all"})
    assert found["id_token_signing_alg_values_supported"] == ["RS256", "ES256"]
    assert found["token_endpoint_auth_method"] == "client_secret_basic"
    assert "verify" not in found
    assert "scope" not in found
    slash = usable_metadata(ISSUER + WELL_KNOWN, TOLD | {"issuer": f"{ISSUER}/"})
    assert slash["issuer"] == f"{ISSUER}/"
    less = {name: one for name, one in TOLD.items() if not name.startswith("id_token")}
    found = usable_metadata(ISSUER + WELL_KNOWN, less)
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]
    post = TOLD | {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    found = usable_metadata(ISSUER + WELL_KNOWN, post)
    assert found["token_endpoint_auth_method"] == "client_secret_post"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"issuer": "https://other.example"}, "issuer"),
        ({"issuer": None}, "issuer"),
        ({"token_endpoint": "http://login.school.example/token"}, "token_endpoint"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint"),
        ({"jwks_uri": None}, "jwks_uri"),
        ({"id_token_signing_alg_values_supported": ["none", "HS256"]}, "in no way"),
        ({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}, "in no way"),
    ],
)
def test_metadata_that_cannot_be_used(changes: dict[str, Any], said: str) -> None:
    """The log says what is wrong."""
    with pytest.raises(MetadataUnusable, match=said):
        usable_metadata(ISSUER + WELL_KNOWN, TOLD | changes)


@pytest.mark.parametrize("told", [[], None, "x"])
def test_metadata_that_are_none(told: Any) -> None:
    """As an error page has it."""
    with pytest.raises(MetadataUnusable, match="no JSON object"):
        usable_metadata(ISSUER + WELL_KNOWN, told)
