"""The cookie of a session: its flags, and what else is taken for it."""

from http.cookies import CookieError, SimpleCookie

import pytest
from forgeries import forgeries


def jar(browser):
    """The cookies of a browser, by name."""
    return {cookie.name: cookie.value or "" for cookie in browser.cookies}


def header(cookies):
    """The request header that sends them."""
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


def flags_of(line):
    """A Set-Cookie's name, value and attributes by their names in small letters."""
    pair, *rest = line.split(";")
    name, _, value = pair.partition("=")
    parts = [part.strip().lower().partition("=") for part in rest]
    return name.strip(), value.strip(), {key.strip(): said.strip() for key, _, said in parts}


def carriers(app, person, signed_in):
    """The cookies of `person` that sign in: each with those that have to go along with it.

    A cookie that does so by itself (a session, "remember me") needs no other.
    """
    cookies = jar(person.browser)
    alone = {
        name: {} for name, value in cookies.items()
        if signed_in(app, person.name, header({name: value}))
    }  # fmt: skip
    without = {name: {k: v for k, v in cookies.items() if k != name} for name in cookies}
    found = alone or {
        name: rest for name, rest in without.items()
        if not signed_in(app, person.name, header(rest))
    }  # fmt: skip
    assert found, "No cookie of the browser carries the session: without any it is still signed in."
    return found


@pytest.mark.criterion("sessions.cookie")
def test_the_cookie_has_its_flags(app, site, signed_in):
    """HttpOnly keeps it from scripts, SameSite from other sites' requests; each time it is set."""
    person, browser = site.register(), app.session()
    replies = [browser.get("/login"), site.logging_in(browser, person.name, person.password)]
    signed = type(person)(person.name, person.password, browser)
    replies += [browser.get(path) for path in ("/", "/account")]
    names = carriers(app, signed, signed_in)
    replies.append(site.noting(signed, site.name()))
    replies.append(site.changing(signed, person.password, site.password()))
    for reply in replies:
        for line in reply.set_cookies:
            name, value, flags = flags_of(line)
            if name not in names or not value.strip('"'):
                continue  # no session, or one that is taken away
            if "httponly" not in flags:
                reply.fail(f"The cookie {name!r} is set without HttpOnly.")
            if flags.get("samesite") not in {"lax", "strict"}:
                reply.fail(f"The cookie {name!r} is set without SameSite=Lax or SameSite=Strict.")
            if "secure" in flags:
                reply.fail(
                    f"The cookie {name!r} is set with Secure: over plain HTTP, as here, browsers "
                    "keep it for localhost at most, and nobody else could sign in."
                )


@pytest.mark.criterion("sessions.tampered")
def test_a_changed_cookie_is_nobodys(app, site, signed_in, draw):
    """Neither a changed letter, nor another's name or number in it, signs anybody in."""
    ada, bob = site.known("ada"), site.known("bob")
    cookies = jar(ada.browser)
    for name, rest in carriers(app, ada, signed_in).items():
        for forged in forgeries(cookies[name], ada.name, bob.name):
            reply = app.get("/account", headers=header(rest | {name: forged}))
            if reply.status == 200:
                reply.fail(f"The cookie {name!r} was changed, and GET /account answers 200.")
            if reply.status >= 500:
                reply.fail(f"The cookie {name!r} was changed, and GET /account answers a 5xx.")
        for value in (ada.name, bob.name, "1", "2", "admin", draw.word()):
            reply = app.get("/account", headers=header({name: value}))
            if reply.status == 200:
                reply.fail(f"A cookie {name!r} that we have made up signs in.")


@pytest.mark.criterion("sessions.tampered")
def test_a_made_up_cookie_is_nobodys(app, site):
    """No cookie of another name says who somebody is."""
    ada = site.known("ada")
    names = ("user", "username", "user_id", "uid", "id", "login", "auth", "logged_in", "session_id")
    for value in (ada.name, "1", "true"):
        reply = app.get("/account", headers=header(dict.fromkeys(names, value)))
        if reply.status == 200:
            reply.fail("Cookies that we have made up sign in.")


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
def test_a_second_login_does_not_sign_in_the_first_session(app, site, signed_in):
    """Where one browser logs in again as somebody else, whoever knew its first cookie has not."""
    first, second = site.login(site.known("ada")), site.known("bob")
    known = jar(first.browser)
    reply = first.browser.get("/login")
    if reply.status != 200 or not [one for one in reply.page().forms if one.sent_to("/login")]:
        return  # who is signed in has to log out first
    site.logging_in(first.browser, second.name, second.password)
    if signed_in(app, second.name, header(known)):
        pytest.fail(
            "Somebody else has logged in with the same browser, and the cookie of the session "
            "before is signed in as that user: make a new session at each login."
        )


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
