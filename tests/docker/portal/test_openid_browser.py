"""Signing in at a provider of another site, in a real browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from grader.portal.openid.settings import SignInSettings
from tests.docker.portal.people import School
from tests.docker.portal.test_browser import WITHIN, check, served
from tests.unit.portal.provider import ADA, SchoolProvider
from tests.unit.services.programs import free_port

pytestmark = pytest.mark.alone  # Chromium gives up what it loads when others make networks


@pytest.mark.parametrize("local", [True, False])
def test_the_way_to_the_provider_and_back(
    browser: Browser, here: School, provider: SchoolProvider, tmp_path: Path, *, local: bool
) -> None:
    """By keyboard; the policy lets the browser go, and its cookie comes back with it."""
    port = free_port()
    settings = replace(provider.settings, portal=f"http://127.0.0.1:{port}", link=True)
    ways = SignInSettings(provider=settings, local=local)

    said: list[str] = []
    with (
        served(here, tmp_path / "portal", port=port, sign_in=ways) as address,
        browser.new_context(base_url=address) as context,
    ):
        page = context.new_page()
        page.set_default_timeout(WITHIN)
        page.on("console", lambda message: said.append(message.text))
        page.goto("/tokens")
        check(page)
        page.goto("/tokens")
        page.get_by_role("link", name="Sign in with School Login").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"{provider.issuer}/authorize**")
        back = provider.location(urlsplit(page.url).query, ADA)
        page.evaluate("there => { location.href = there }", back)  # as a link of that site
        expect(page.get_by_role("heading", name="Tokens")).to_be_visible()
        expect(page.locator(".who")).to_have_text("Ada")
        page.goto(back)
        expect(page.get_by_role("alert")).to_contain_text("was used before")
        page.goto("/tokens")
        expect(page.locator(".who")).to_have_text("Ada")
    # the provider has no icon, and the address that was used is answered with 401
    assert [one for one in said if not one.startswith("Failed to load resource")] == []


def test_a_refusal_is_readable(
    browser: Browser, here: School, provider: SchoolProvider, tmp_path: Path
) -> None:
    """The page that says why nobody is signed in."""
    ways = SignInSettings(provider=provider.settings, local=False)
    with served(here, tmp_path / "portal", sign_in=ways) as address:
        provider.running.stop()
        with browser.new_context(base_url=address) as context:
            page = context.new_page()
            page.goto("/sign-in/openid")
            expect(page.get_by_role("alert")).to_contain_text("School Login does not answer")
            check(page)
