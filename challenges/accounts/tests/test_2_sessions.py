"""The cookie of a session: its flags, and what else is taken for it."""

import base64
import binascii
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, unquote

import pytest


def jar(browser):
    """The cookies of a browser, by name."""
    return {cookie.name: cookie.value or "" for cookie in browser.cookies}


def header(cookies):
    """The request header that sends them."""
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


def attributes(set_cookies):
    """Each cookie's name to the attributes of its last Set-Cookie, in small letters."""
    found = {}
    for line in set_cookies:
        pair, *rest = line.split(";")
        parts = [part.strip().lower().partition("=") for part in rest]
        found[pair.partition("=")[0].strip()] = {name: value for name, _, value in parts}
    return found


def carriers(app, person, signed_in):
    """The names of the cookies without which `person` is not signed in."""
    cookies = jar(person.browser)
    found = [
        name
        for name in cookies
        if not signed_in(app, person.name, header({k: v for k, v in cookies.items() if k != name}))
    ]
    assert found, "No cookie of the browser carries the session: without any it is still signed in."
    return found


@pytest.mark.criterion("sessions.cookie")
def test_the_cookie_has_its_flags(app, site, signed_in):
    """HttpOnly keeps it from scripts, SameSite from requests that other sites begin."""
    person, browser = site.register(), app.session()
    replies = [browser.get("/login")]
    replies.append(site.logging_in(browser, person.name, person.password))
    replies.append(browser.get("/account"))
    found = attributes([line for reply in replies for line in reply.set_cookies])
    signed = type(person)(person.name, person.password, browser)
    for name in carriers(app, signed, signed_in):
        flags = found.get(name, {})
        if "httponly" not in flags:
            replies[1].fail(f"The cookie {name!r} is set without HttpOnly.")
        if flags.get("samesite") not in {"lax", "strict"}:
            replies[1].fail(f"The cookie {name!r} is set without SameSite=Lax or SameSite=Strict.")


def decoded(value):
    """The forms that a cookie's value may hide: each with the way back."""
    yield value, str
    plain = unquote(value)
    if plain != value:
        yield plain, quote
    raw = value.strip('"')
    try:
        text = base64.b64decode(raw + "=" * (-len(raw) % 4), altchars=b"-_").decode()
    except (binascii.Error, ValueError):
        return
    yield text, lambda changed: base64.urlsafe_b64encode(changed.encode()).decode()


def forgeries(value, own, other):
    """`value` changed: a letter, the user's name, a number."""
    middle = len(value) // 2
    letter = "A" if value[middle : middle + 1] != "A" else "B"
    yield value[:middle] + letter + value[middle + 1 :]
    for text, back in decoded(value):
        if own in text:
            yield back(text.replace(own, other))
        if text.isdecimal() and len(text) < 10:
            yield from (back(str(int(text) + by)) for by in (-1, 1))


@pytest.mark.criterion("sessions.tampered")
def test_a_changed_cookie_is_nobodys(app, site, signed_in, draw):
    """Neither a changed letter, nor another's name or number in it, signs anybody in."""
    ada, bob = site.known("ada"), site.known("bob")
    cookies = jar(ada.browser)
    for name in carriers(app, ada, signed_in):
        for forged in forgeries(cookies[name], ada.name, bob.name):
            reply = app.get("/account", headers=header(cookies | {name: forged}))
            if reply.status == 200:
                reply.fail(f"The cookie {name!r} was changed, and GET /account answers 200.")
            if reply.status >= 500:
                reply.fail(f"The cookie {name!r} was changed, and GET /account answers a 5xx.")
    for name in carriers(app, ada, signed_in):
        for value in (ada.name, bob.name, "1", "admin", draw.word()):
            reply = app.get("/account", headers=header({name: value}))
            if reply.status == 200:
                reply.fail(f"A cookie {name!r} that we have made up signs in.")


def values_of(replies):
    """The cookies that `replies` set, by name."""
    found = {}
    for reply in replies:
        for line in reply.set_cookies:
            try:
                found |= {one.key: one.value for one in SimpleCookie(line).values()}
            except CookieError:
                continue
    return found


@pytest.mark.criterion("sessions.fixation")
def test_a_login_does_not_sign_in_who_came_before(app, site, signed_in):
    """A cookie that somebody knew before the login, or chose, is worth nothing after it."""
    person, browser = site.register(), app.session()
    before = values_of([browser.get("/"), browser.get("/register"), browser.get("/login")])
    chosen = dict.fromkeys(jar(site.known("ada").browser), "0123456789abcdef" * 2)
    for known in (before, chosen):
        victim = app.session()
        for name, value in known.items():
            victim.cookies.set(name, value)
        site.logging_in(victim, person.name, person.password)
        if known and signed_in(app, person.name, header(known)):
            pytest.fail(
                "A cookie from before the login is signed in after it: whoever has given it to "
                "this browser uses the account. Make a new session at the login."
            )
