"""The theme, and what holds for every cookie."""

import base64
import binascii
import re
import time
import zlib
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import quote, unquote

import pytest

THIRTY_DAYS = 30 * 24 * 3600
HTTPS = {"X-Forwarded-Proto": "https"}
UNKNOWN = ("blue", "", "Dark", "dark ", "darklight", "0", "dark;light")
MOST = 65536
"""Bytes that a cookie is unpacked to at most."""


@pytest.mark.criterion("cookie.theme")
def test_the_choice_counts_on_every_page(app, site):
    """Light at first, then what was chosen, also on the pages of the clerk, and after a logout."""
    browser = app.session()
    for path in ("/contact", "/login"):
        require_theme(browser.page(path), "light", "nothing was chosen")
    site.choose(browser, "dark")
    for path in ("/contact", "/login"):
        require_theme(browser.page(path), "dark", "dark was chosen")
    clerk = site.clerk()
    require_theme(clerk.page("/messages"), "light", "nothing was chosen")
    values, _ = site.sent()
    path = site.path_of(clerk, values)
    for page in (path, "/messages"):
        for theme in ("dark", "light", "dark"):
            site.choose(clerk, theme, page)
            require_theme(clerk.page(page), theme, f"{theme} was chosen there")
    site.form(clerk, "/messages", "/logout", ()).submit()
    require_theme(clerk.page("/contact"), "dark", "dark was chosen before the logout")
    site.sign_in(clerk)
    require_theme(clerk.page("/messages"), "dark", "dark was chosen before the login")
    require_theme(app.session().page("/contact"), "light", "another browser has chosen dark")


@pytest.mark.criterion("cookie.theme")
def test_a_refused_form_has_the_theme(app, site):
    """It is a page as any other."""
    browser = app.session()
    site.choose(browser, "dark")
    reply = site.forged(browser, site.valid(name=""))
    if reply.status == 400:  # else it is a matter of form.required
        require_theme(reply.page(), "dark", "dark was chosen")


@pytest.mark.criterion("cookie.theme")
def test_the_browser_keeps_it_for_thirty_days(app, site):
    """For all paths, with Max-Age or Expires."""
    for page in ("/contact", "/login"):
        reply = site.choose(app.session(), "dark", page)
        cookie = next(
            (one for one in map(parts, reply.set_cookies) if one["name"] == "theme"), None
        )
        if cookie is None or cookie["value"].strip('"') != "dark":
            reply.fail("The choice should be kept in a cookie called theme, with the value dark.")
        if seconds(cookie) < THIRTY_DAYS - 60:
            reply.fail("The browser should keep the theme for 30 days or more; set max_age.")
        if cookie.get("path") != "/":
            reply.fail("The theme should count for all paths: the cookie needs Path=/.")
        if cookie.get("domain"):
            reply.fail("The cookie for the theme should name no domain.")


@pytest.mark.criterion("cookie.unknown")
def test_an_unknown_theme_is_refused(app, site):
    """With 400, and no cookie; the choice of before stays."""
    browser = app.session()
    site.choose(browser, "dark")
    require_theme(browser.page("/contact"), "dark", "dark was chosen")
    for value in UNKNOWN:
        reply = site.post(browser, "/theme", {"theme": value})
        require_no_theme(reply, f"the theme {value!r}")
        require_theme(browser.page("/contact"), "dark", f"{value!r} was refused")
    require_no_theme(site.post(browser, "/theme", {}), "no theme")


@pytest.mark.criterion("cookie.unknown")
def test_an_unknown_cookie_counts_as_light(app, draw):
    """Whatever stands in it; only `dark` is dark."""
    for value in ("blue", "Dark", "darker", "", draw.text(300), "dark%20x", "1", "true", "{{7*7}}"):
        reply = app.get("/contact", headers={"Cookie": f"theme={value}"})
        if reply.status != 200:
            reply.fail(f"With theme={value[:20]!r} in a cookie /contact answers {reply.status}.")
        require_theme(reply.page(), "light", f"the cookie holds {value[:20]!r}")
    reply = app.get("/contact", headers={"Cookie": "theme=dark"})
    require_theme(reply.page(), "dark", "the cookie holds dark")


@pytest.mark.criterion("cookie.flags")
def test_every_cookie_has_its_flags(app, site):
    """HttpOnly and SameSite: a visitor's, the clerk's, the theme's, set and set again."""
    for what, reply in conversation(app, site):
        for cookie in map(parts, reply.set_cookies):
            said = f"The cookie {cookie['name']!r} that {what} sets"
            if "httponly" not in cookie:
                reply.fail(f"{said} has no HttpOnly: scripts can read it.")
            if cookie.get("samesite", "").lower() not in {"lax", "strict"}:
                reply.fail(f"{said} has no SameSite=Lax or Strict.")


@pytest.mark.criterion("cookie.secure")
def test_cookies_are_secure_behind_the_proxy(app, site):
    """With X-Forwarded-Proto: https, and not without it, on either side of the other."""
    for turn, headers in enumerate((None, HTTPS, None, HTTPS)):
        seen = set()
        for what, reply in conversation(app, site, headers):
            for cookie in map(parts, reply.set_cookies):
                seen.add(cookie["name"])
                said = f"The cookie {cookie['name']!r} that {what} sets"
                if headers and "secure" not in cookie:
                    reply.fail(f"{said} behind a proxy that speaks HTTPS has no Secure.")
                if not headers and "secure" in cookie:
                    reply.fail(f"{said} over plain HTTP has Secure: browsers would drop it.")
        if "theme" not in seen or (turn == 0 and len(seen) < 2):
            app.page("/contact").fail(
                "A theme that was chosen and a login should set cookies"
                f"{' behind the proxy, too' if headers else ''}; only {sorted(seen)} were set."
            )
    reply = app.get("/contact", headers={"X-Forwarded-Proto": "http"})
    for cookie in map(parts, reply.set_cookies):
        if "secure" in cookie:
            reply.fail("With X-Forwarded-Proto: http a cookie has Secure.")


@pytest.mark.criterion("cookie.forged")
def test_no_cookie_of_ones_own_signs_in(app, site):
    """What a visitor makes up: names and values that a careless app believes."""
    control = site.clerk()
    names = sorted({cookie.name for cookie in control.cookies})
    values = (site.username, "clerk", "1", "true", "yes", "admin", "None", quote('{"clerk": true}'),
              base64.urlsafe_b64encode(b'{"clerk":true}').decode().rstrip("="))  # fmt: skip
    keys = ("clerk", "user", "username", "role", "admin", "logged_in", "auth", "is_clerk", "login")
    for value in values:
        for name in (*keys, *names):
            reply = app.get("/messages", headers={"Cookie": f"{name}={value}"})
            if reply.status == 200:
                reply.fail(f"Whoever sends the cookie {name}={value[:40]} is taken for the clerk.")


@pytest.mark.criterion("cookie.forged")
def test_a_changed_cookie_signs_nobody_in(app, site):
    """A letter of it, or what it hides."""
    browser = app.session()
    browser.page("/contact")
    for cookie in [*browser.cookies, *site.clerk().cookies]:
        value = cookie.value or ""
        if cookie.name == "theme":
            continue
        for changed in changes(value):
            reply = app.get("/messages", headers={"Cookie": f"{cookie.name}={changed}"})
            if reply.status == 200:
                reply.fail(
                    f"With a changed cookie {cookie.name!r} a visitor is taken for the clerk."
                )


@pytest.mark.criterion("cookie.forged")
def test_no_cookie_holds_what_nobody_may_read(app, site, draw, secrets):
    """The clerk's password, or a message: in none that is set, however it is encoded."""
    browser, text = app.session(), f"{draw.sentence()} {draw.word(20)}"
    replies = [reply for _, reply in conversation(app, site)]
    replies.append(site.send(browser, site.valid(message=text)))
    replies.append(browser.get("/contact"))
    refused = site.valid(message=f"{text} {draw.word(12)}", subject="")
    replies += [site.forged(browser, refused), browser.get("/contact")]
    password = secrets["CLERK_PASSWORD"]
    wrong = {"username": site.username, "password": f"{password}x"}
    replies.append(site.sign_in(app.session(), **wrong))
    for reply in replies:
        for cookie in map(parts, reply.set_cookies):
            held = readings(cookie["value"])
            for what, secret in (("the clerk's password", password), ("a message", text)):
                if any(secret in one for one in held):
                    reply.fail(f"The cookie {cookie['name']!r} holds {what}.")


def conversation(app, site, headers=None):
    """Each step of a visitor's and the clerk's way through the site, with its answer."""
    browser = app.session()
    yield "GET /contact", browser.get("/contact", headers=headers)
    theme = site.post(browser, "/theme", {"theme": "dark"}, headers=headers)
    yield "POST /theme", theme
    values = site.valid(consent="yes")
    yield "POST /contact", site.post(browser, "/contact", values, headers=headers)
    yield "GET /contact", browser.get("/contact", headers=headers)
    yield "GET /login", browser.get("/login", headers=headers)
    login = {"username": site.username, "password": site.password}
    yield "POST /login", site.post(browser, "/login", login, "/login", headers=headers)
    yield "GET /messages", browser.get("/messages", headers=headers)
    yield "POST /logout", site.post(browser, "/logout", {}, headers=headers)
    yield "GET /contact", browser.get("/contact", headers=headers)


def parts(header):
    """Name, value and attributes of a Set-Cookie header, the names of these in small letters."""
    first, *rest = header.split(";")
    name, _, value = first.partition("=")
    found = {"name": name.strip(), "value": value.strip()}
    for one in rest:
        key, _, text = one.partition("=")
        if key.strip().lower() not in {"name", "value"}:
            found[key.strip().lower()] = text.strip()
    return found


def seconds(cookie):
    """How long a browser keeps a cookie; 0 where it is forgotten with the window."""
    age = cookie.get("max-age", "")
    if re.fullmatch(r"-?[0-9]{1,12}", age):
        return int(age)
    try:
        until = parsedate_to_datetime(cookie.get("expires", ""))
    except (TypeError, ValueError):
        return 0
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return aware.timestamp() - time.time()


def changes(value):
    """`value` with a letter changed, without its signature, and with another one."""
    for at in {len(value) // 2, value.rfind(".") + 1, 0}:
        letter = "A" if value[at : at + 1] != "A" else "B"
        changed = value[:at] + letter + value[at + 1 :]
        if changed != value:
            yield changed
    if "." in value:
        yield value.rpartition(".")[0]
        yield value.partition(".")[0] + "." + value.partition(".")[2][::-1]


def readings(value):
    """What somebody reads in a cookie who tries the usual encodings."""
    plain = unquote(value.strip('"'))
    found = [value, plain, plain[::-1]]
    for part in (plain, *plain.split(".")):
        for decode in (
            lambda text: base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)),
            bytes.fromhex,
        ):
            try:
                raw = decode(part)
            except (ValueError, binascii.Error):
                continue
            found.append(raw.decode("utf-8", "replace"))
            try:
                found.append(zlib.decompressobj().decompress(raw, MOST).decode("utf-8", "replace"))
            except zlib.error:
                continue
    return found


def require_theme(page, theme, why):
    """Fail unless <html> says that a page has `theme`."""
    said = str(page.one("html").get("data-theme", ""))
    if said != theme:
        page.fail(f'<html> should have data-theme="{theme}", as {why}; it has {said!r}.')


def require_no_theme(reply, what):
    """Fail unless a theme that is none was refused with 400, without a cookie."""
    if reply.status != 400:
        reply.fail(f"POST /theme with {what} should answer 400, not {reply.status}.")
    if any(parts(one)["name"] == "theme" for one in reply.set_cookies):
        reply.fail(f"POST /theme with {what} is refused, and sets the cookie all the same.")
