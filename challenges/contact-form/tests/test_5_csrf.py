"""Tokens that keep other sites from sending forms in a visitor's name."""

import pytest

REFUSED = (400, 403)
FIELDS = ("name", "email", "subject", "message", "consent")


@pytest.mark.criterion("csrf.token")
def test_every_form_has_a_token(app, site, draw):
    """On every page, those of refused forms among them."""
    browser, clerk = app.session(), site.clerk()
    values, _ = site.sent()
    refused = (
        site.forged(browser, site.valid(name=draw.text(81))),
        site.sign_in(browser, password=draw.word(12)),
    )
    pages = [
        browser.page("/contact"),
        browser.page("/login"),
        *(one.page() for one in refused if one.status in (400, 401)),
        clerk.page("/messages"),
        clerk.page(site.path_of(clerk, values)),
    ]
    for page in pages:
        forms = [one for one in page.forms if one.method == "POST"]
        if not forms:
            page.fail(f"{page.name} should have a form that is sent with POST: the theme's.")
        for form in forms:
            if "csrf_token" not in form.fields or not form.value("csrf_token"):
                form.fail(f"The form for {form.action} has no csrf_token.")


@pytest.mark.criterion("csrf.token")
def test_two_tabs_work(app, site):
    """Both were opened before either was sent; and one form may be sent twice."""
    browser = app.session()
    tabs = [site.form(browser), site.form(browser), site.form(browser, "/login", "/theme", ())]
    browser.page("/login")
    for form in (tabs[0], tabs[1], tabs[0]):
        values = site.valid()
        reply = form.submit(values)
        if reply.status >= 400 or not site.is_stored(values["message"]):
            reply.fail(
                "A visitor who has opened /contact in two tabs should be able to send both; "
                f"one was answered with {reply.status}."
            )
    reply = site.with_theme(tabs[2], "dark")
    if reply.status >= 400:
        reply.fail(f"A form of an earlier page was answered with {reply.status}.")


@pytest.mark.criterion("csrf.missing")
def test_a_message_without_its_token_is_refused(app, site):
    """Missing, empty, changed; with it, it is saved."""
    control, _ = site.sent()
    assert site.is_stored(control["message"]), "A message with its token is not saved."
    for bad, what in wrong_tokens():
        values, form = site.valid(), site.form(app.session())
        reply = form.submit(values, extra={"csrf_token": bad(form.value("csrf_token"))})
        require_refused(reply, f"A message {what}")
        if site.is_stored(values["message"]):
            reply.fail(f"A message {what} is refused, and saved all the same.")


@pytest.mark.criterion("csrf.missing")
def test_a_theme_without_its_token_is_refused(app, site):
    """And no cookie is set."""
    for bad, what in wrong_tokens():
        browser = app.session()
        form = site.form(browser, "/contact", "/theme", ())
        token = {"csrf_token": bad(form.value("csrf_token"))}
        reply = site.with_theme(form, "dark", token)
        require_refused(reply, f"A theme {what}")
        if any(one.lower().startswith("theme=dark") for one in reply.set_cookies):
            reply.fail(f"A theme {what} is refused, and kept all the same.")


@pytest.mark.criterion("csrf.missing")
def test_a_login_without_its_token_is_refused(app, site):
    """Another site could sign a visitor in as somebody else."""
    for bad, what in wrong_tokens():
        browser = app.session()
        form = site.form(browser, "/login", "/login", ("username", "password"))
        values = {"username": site.username, "password": site.password}
        reply = form.submit(values, extra={"csrf_token": bad(form.value("csrf_token"))})
        require_refused(reply, f"A login {what}")
        if site.is_clerk(browser):
            reply.fail(f"A login {what} is refused, and signs in all the same.")


@pytest.mark.criterion("csrf.missing")
def test_the_clerks_posts_without_their_tokens_are_refused(site):
    """Nothing is deleted, and nobody is signed out."""
    clerk = site.clerk()
    values, _ = site.sent()
    path = site.path_of(clerk, values)
    for bad, what in wrong_tokens():
        form = site.form(clerk, path, f"{path}/delete", ())
        reply = form.submit(extra={"csrf_token": bad(form.value("csrf_token"))})
        require_refused(reply, f"A deletion {what}")
        if clerk.get(path).status != 200:
            reply.fail(f"A deletion {what} has deleted the message, or signed the clerk out.")
        form = site.form(clerk, "/messages", "/logout", ())
        reply = form.submit(extra={"csrf_token": bad(form.value("csrf_token"))})
        require_refused(reply, f"A logout {what}")
        if not site.is_clerk(clerk):
            reply.fail(f"A logout {what} is refused, and signs out all the same.")


@pytest.mark.criterion("csrf.foreign")
def test_another_visitors_token_is_refused(app, site):
    """An attacker opens the page, too, and puts that token into the forged form."""
    for page in ("/contact", "/login"):
        token = site.token(app.session(), page)
        if not token:
            app.page(page).fail(f"GET {page} gives no csrf_token.")
        browser, values = app.session(), site.valid()
        own = site.form(browser)
        reply = own.submit(values, extra={"csrf_token": token})
        require_refused(reply, "A message with another browser's token")
        if site.is_stored(values["message"]):
            reply.fail("A message with another browser's token is saved.")
        require_refused(
            site.choose(browser, "dark", extra={"csrf_token": token}),
            "A theme with another browser's token",
        )
        reply = site.sign_in(browser, extra={"csrf_token": token})
        require_refused(reply, "A login with another browser's token")
        control = own.submit(values)
        if control.status >= 400:
            control.fail(f"A message with its own token is answered with {control.status}.")


@pytest.mark.criterion("csrf.foreign")
def test_nobody_makes_the_clerk_delete(app, site):
    """Neither with a visitor's token nor with that of another clerk's session."""
    clerk = site.clerk()
    values, _ = site.sent()
    path = site.path_of(clerk, values)
    for stranger, page in ((app.session(), "/contact"), (site.clerk(), "/messages")):
        token = site.token(stranger, page)
        reply = site.deleting(clerk, path, extra={"csrf_token": token})
        require_refused(reply, "A deletion with another browser's token")
        form = site.form(clerk, "/messages", "/logout", ())
        reply = form.submit(extra={"csrf_token": token})
        require_refused(reply, "A logout with another browser's token")
        if clerk.get(path).status != 200:
            reply.fail("Another browser's token has deleted a message, or signed the clerk out.")


@pytest.mark.criterion("csrf.ended")
def test_a_token_ends_with_the_logout(site):
    """It is refused after that, and after a new login."""
    clerk = site.clerk()
    tokens = {site.token(clerk, "/messages"), site.token(clerk, "/contact")} - {""}
    if not tokens:
        clerk.page("/messages").fail("The clerk's pages give no csrf_token.")
    site.form(clerk, "/messages", "/logout", ()).submit()
    for token in tokens:
        values = site.valid()
        reply = site.send(clerk, values, extra={"csrf_token": token})
        require_refused(reply, "A message with a token from before the logout")
        if site.is_stored(values["message"]):
            reply.fail("A message with a token from before the logout is saved.")
    site.sign_in(clerk)
    for token in tokens:
        reply = site.choose(clerk, "dark", extra={"csrf_token": token})
        require_refused(reply, "A theme with a token from before the last logout")
    values, _ = site.sent(clerk)
    assert site.is_stored(values["message"]), "After a logout a message with its token is lost."


@pytest.mark.criterion("csrf.get")
def test_no_get_changes_anything(app, site):
    """What a link or an image makes a browser ask for."""
    clerk = site.clerk()
    kept, _ = site.sent()
    path, token = site.path_of(clerk, kept), site.token(clerk, "/messages")
    values = site.valid(consent="yes")
    for more in ({}, {"csrf_token": token}):
        clerk.get("/contact", params=values | more)
        if site.is_stored(values["message"]):
            clerk.get("/contact").fail("GET /contact with fields in its query saves a message.")
        clerk.get(f"{path}/delete", params=more)
        if clerk.get(path).status != 200:
            clerk.get(path).fail(f"GET {path}/delete has deleted the message.")
        for address in ("/logout", "/login"):
            clerk.get(address, params=more)
            if not site.is_clerk(clerk):
                clerk.get("/messages").fail(f"GET {address} has signed the clerk out.")
        for address in ("/theme", "/contact", "/login"):
            reply = clerk.get(address, params={"theme": "dark"} | more)
            if any(one.lower().startswith("theme=") for one in reply.set_cookies):
                reply.fail(f"GET {address} has set a theme.")
        stranger = app.session()
        own = {"csrf_token": site.token(stranger, "/login")} if more else {}
        stranger.get("/login", params={"username": site.username, "password": site.password} | own)
        if site.is_clerk(stranger):
            stranger.get("/messages").fail("GET /login with name and password signs in.")


def wrong_tokens():
    """Functions that make a wrong token of the right one, each with words for it."""
    return (
        (lambda token: None, "without a token"),
        (lambda token: "", "with an empty token"),
        (changed, "with a token in which a letter was changed"),
        (lambda token: token[::-1], "with a token that was turned round"),
        (lambda token: "None", "with the token 'None'"),
    )


def changed(token):
    """`token` with another letter in its middle."""
    middle = len(token) // 2
    letter = "A" if token[middle : middle + 1] != "A" else "B"
    return token[:middle] + letter + token[middle + 1 :]


def require_refused(reply, what):
    """Fail unless a forged request was answered with 400 or 403."""
    if reply.status not in REFUSED:
        reply.fail(f"{what} should be refused with 400 or 403, not answered with {reply.status}.")
