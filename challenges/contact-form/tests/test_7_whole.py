"""Bad input, unknown addresses, and a new container, which comes last."""

from urllib.parse import quote

import pytest

TRACES = ("Traceback (most recent call last)", "werkzeug.debug", "pymysql.err", "SQL syntax",
          "sqlalchemy.exc", "IntegrityError", "DataError", "OperationalError")  # fmt: skip


@pytest.mark.criterion("errors.pages")
def test_bad_input_is_a_4xx(app, site, draw):
    """Too long, missing, of another kind: never a 500, and no insides of the app."""
    long = draw.text(3000)
    browser = app.session()
    replies = {
        "a form with long fields": site.forged(
            browser,
            site.valid(name=long, email=f"{long}@example.org", subject=long, message=long * 3),
        ),
        "a form without fields": site.form(browser).submit(dict.fromkeys(site.valid())),
        "a login without fields": site.form(
            browser, "/login", "/login", ("username", "password")
        ).submit({"username": None, "password": None}),
        "a login with long fields": site.sign_in(app.session(), long, long * 3),
    }
    for what, reply in replies.items():
        require_4xx(reply, what)
    for values in (site.valid(name=f"{draw.word()}\0"), site.valid(message=f"{draw.word()}\0x")):
        reply = site.forged(browser, values)
        require_no_trace(reply, "a NUL in a field")
        if reply.status >= 500:
            reply.fail(f"A NUL in a field should not be answered with {reply.status}.")
    for path in ("/contact", "/login", "/theme"):
        for body, kind in (
            (b"name=%ff%fe&message=%c3&csrf_token=%ff", "application/x-www-form-urlencoded"),
            (b'{"name": 1}', "application/json"),
            (b"x", "multipart/form-data; boundary=none"),
        ):
            reply = browser.post(path, body=body, headers={"Content-Type": kind})
            require_4xx(reply, f"a body of another kind for {path}")


@pytest.mark.criterion("errors.pages")
def test_an_unknown_address_is_a_404(app, site, draw):
    """For visitors and the clerk."""
    clerk = site.clerk()
    for browser in (app, clerk):
        for address in (f"/{draw.word()}", f"/contact/{draw.word()}", "/contactx"):
            require_404(browser.get(address), "An unknown address")
    values, _ = site.sent()
    path = site.path_of(clerk, values)
    for ending in ("abc", ".0", "%20or%201"):
        require_404(clerk.get(f"{path}{ending}"), f"A message's address with {ending!r} behind it")
    for one in draw.bad_ids(int(path.rpartition("/")[2])):
        reply = clerk.get(f"/messages/{quote(one.value, safe='')}")
        require_404(reply, f"A message whose id is {one.why}")


@pytest.mark.criterion("errors.pages")
def test_other_methods_are_a_4xx(site):
    """They change nothing."""
    clerk = site.clerk()
    values, _ = site.sent()
    path = site.path_of(clerk, values)
    token = {"csrf_token": site.token(clerk, "/messages")}
    for method in ("PUT", "DELETE"):
        for address in ("/contact", "/login", "/messages", path, f"{path}/delete", "/theme"):
            require_4xx(clerk.request(method, address, params=token), f"a {method} of {address}")
    for address in ("/logout", "/theme", f"{path}/delete"):
        require_4xx(clerk.get(address), f"a GET of {address}")
    clerk.page(path).expect(values["message"])


@pytest.mark.criterion("errors.pages")
def test_a_cookie_that_is_none_is_no_error(app, site, draw):
    """Whatever a browser sends in the place of the app's own."""
    names = {cookie.name for cookie in site.clerk().cookies} | {"theme"}
    for value in ("", "x", "." * 50, "eyJjbGVyayI6dHJ1ZX0", draw.text(2000), "%00%ff"):
        headers = {"Cookie": "; ".join(f"{name}={value}" for name in names)}
        for path in ("/contact", "/login", "/messages", "/messages/1"):
            reply = app.get(path, headers=headers)
            if reply.status >= 500:
                reply.fail(f"With a cookie that is none GET {path} answers {reply.status}.")


@pytest.mark.criterion("form.persists")
def test_messages_outlive_the_container(app, site):
    """What was sent before is there after it, and what is sent then is saved, too."""
    before, _ = site.sent()
    app.recreate()
    assert site.is_stored(before["message"]), "A new container has removed the messages of before."
    after, _ = site.sent()
    assert site.is_stored(after["message"]), "After a new container a message is not saved."
    clerk = site.clerk()
    clerk.page(site.path_of(clerk, before)).expect(before["message"])
    clerk.page(site.path_of(clerk, after)).expect(after["message"])


def require_404(reply, what):
    """Fail unless what is not there was answered with 404 without the insides of the app."""
    if reply.status != 404:
        reply.fail(f"{what} should answer 404, not {reply.status}.")
    require_no_trace(reply, what)


def require_4xx(reply, what):
    """Fail unless bad input was answered with a 4xx without the insides of the app."""
    if not 400 <= reply.status < 500:
        reply.fail(f"It was {what}, which should get a 4xx, not {reply.status}.")
    require_no_trace(reply, what)


def require_no_trace(reply, what):
    """Fail where an answer shows a stack trace, SQL or a message of the database driver."""
    if any(trace in reply.text for trace in TRACES):
        reply.fail(f"It was {what}, and the answer shows the insides of the app.")
