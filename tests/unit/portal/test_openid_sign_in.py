"""A sign-in works once, in the browser that began it; people read why another one fails."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from grader.portal.openid import attempts, client
from grader.portal.openid.settings import CALLBACK
from grader.services.identity import provider as program
from tests.unit.portal.provider import PORTAL, SECRET, SchoolProvider, query_of
from tests.unit.portal.signing_in import Said, app_of, begun, come_back

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
