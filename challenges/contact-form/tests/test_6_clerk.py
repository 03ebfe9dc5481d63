"""The clerk: login and logout, the list, who may see and delete."""

import pytest

MANY = 25


@pytest.mark.criterion("login.works")
def test_the_clerk_signs_in_and_out(app, site, shared):
    """With the right name and password, and only for this browser."""
    shared["login"] = "lost"
    browser = app.session()
    reply = site.sign_in(browser)
    if reply.status not in (302, 303):
        reply.fail(f"A right login should redirect (302 or 303), not answer {reply.status}.")
    browser.page("/messages")
    if site.is_clerk(app.session()):
        reply.fail("One login signs every browser in.")
    site.form(browser, "/messages", "/logout", ()).submit()
    if site.is_clerk(browser):
        browser.get("/messages").fail("After the logout /messages is still answered with 200.")
    shared["login"] = ""


@pytest.mark.criterion("login.works")
def test_a_wrong_login_is_refused(app, site, draw):
    """With 401, the form again and a message; it signs nobody in."""
    name, password = site.username, site.password
    for username, secret, why in (
        (name, draw.word(12), "another password"),
        (name, "", "no password"),
        (name, f"{password} ", "a blank behind the password"),
        (name, password.swapcase(), "the password in other letters"),
        (name, password[:-1], "a password that is cut off"),
        (name.upper(), password, "the name in capitals"),
        (f"{name} ", password, "a blank behind the name"),
        (draw.word(9), password, "another name"),
        ("", "", "nothing"),
        (f"{name}' -- ", password, "SQL in the name"),
        ("é" * 9, "🐍" * 9, "letters beyond ASCII"),
    ):
        browser = app.session()
        reply = site.sign_in(browser, username, secret)
        if reply.status != 401:
            reply.fail(f"A login with {why} should be refused with 401, not {reply.status}.")
        page = reply.page()
        page.form(having=("username", "password"), action="/login", method="POST")
        if not any(tag.get_text().strip() for tag in page.find("[role=alert]")):
            page.fail('A refused login should say so in an element with role="alert".')
        if site.is_clerk(browser):
            reply.fail(f"A login with {why} is answered with 401, and signs in.")


@pytest.mark.criterion("messages.list")
def test_the_newest_stands_first(site):
    """All of them on one page, with name and subject."""
    clerk = site.clerk()
    sent = [site.sent()[0] for _ in range(MANY)]
    page = clerk.page("/messages")
    numbers = site.numbers(clerk)
    if len(numbers) < MANY:
        page.fail(f"/messages should link to all messages; it links to {len(numbers)}.")
    for values in sent:
        page.expect(values["name"])
        page.expect(values["subject"])
    places = [page.text.index(values["name"]) for values in sent]
    if places != sorted(places, reverse=True):
        page.fail("/messages should show the newest message first.")
    for place, values in ((0, sent[-1]), (MANY - 1, sent[0])):
        reply = clerk.get(f"/messages/{numbers[place]}")
        if reply.status != 200 or values["message"] not in reply.page().text:
            reply.fail(f"Link {place + 1} of /messages should lead to message {place + 1} of it.")
    clerk.page(f"/messages/{numbers[0]}").expect(sent[-1]["email"])


@pytest.mark.criterion("messages.private")
def test_a_stranger_sees_nothing(app, site):
    """Neither the list nor a message, with what a browser can send of its own."""
    values, _ = site.sent()
    path = site.path_of(site.clerk(), values)
    browser = app.session()
    browser.page("/contact")
    for address in ("/messages", path, f"{path}?clerk=1", f"/messages?username={site.username}"):
        for headers in (None, {"X-Forwarded-User": site.username, "X-Forwarded-For": "127.0.0.1"}):
            reply = browser.get(address, headers=headers)
            allowed = 400 <= reply.status < 500 or reply.location.startswith("/login")
            if not allowed or values["name"] in reply.text or values["message"] in reply.text:
                reply.fail(f"Without a session GET {address} should lead to /login.")
    after = app.session()
    site.sign_in(after, password=f"{site.password}x")
    if after.get(path).status == 200:
        after.get(path).fail("After a refused login a message is shown.")


@pytest.mark.criterion("messages.private")
def test_a_stranger_deletes_nothing(app, site):
    """Also with a token of their own."""
    clerk = site.clerk()
    values, _ = site.sent()
    path = site.path_of(clerk, values)
    stranger = app.session()
    reply = site.post(stranger, f"{path}/delete", {})
    if clerk.get(path).status != 200 or not site.is_stored(values["message"]):
        reply.fail("Whoever is not signed in deletes messages.")
    if not 400 <= reply.status < 500 and not reply.location.startswith("/login"):
        reply.fail(f"POST {path}/delete without a session should lead to /login.")
    gone = clerk.page("/messages")
    site.form(clerk, "/messages", "/logout", ()).submit()
    if clerk.get(path).status == 200:
        gone.fail("After the logout a message is still shown.")


@pytest.mark.criterion("messages.delete")
def test_the_clerk_deletes_one(site, news):
    """This one and no other, and is told so once."""
    clerk = site.clerk()
    one, other = site.sent()[0], site.sent()[0]
    path, kept = site.path_of(clerk, one), site.path_of(clerk, other)
    reply = site.deleting(clerk, path)
    if reply.status >= 400:
        reply.fail(f"Deleting a message should redirect, not answer {reply.status}.")
    page = clerk.page("/messages")
    if "deleted" not in news(page).lower():
        page.fail('The next page should say, in an element with role="status", that it is deleted.')
    if news(clerk.page("/messages")):
        page.fail("That a message was deleted is said twice.")
    clerk.get(path).expect(404)
    clerk.page(kept).expect(other["message"])
    if site.is_stored(one["message"]):
        reply.fail("A message that was deleted still stands in MySQL.")


@pytest.mark.criterion("messages.delete")
def test_what_is_not_there_is_a_404(site):
    """For the clerk, a message that was deleted as well."""
    clerk = site.clerk()
    values, _ = site.sent()
    path = site.path_of(clerk, values)
    site.deleting(clerk, path)
    for address in (path, "/messages/2147483600"):
        clerk.get(address).expect(404)
        reply = site.post(clerk, f"{address}/delete", {}, "/messages")
        if reply.status != 404:
            reply.fail(
                f"Deleting a message that is not there should answer 404, not {reply.status}."
            )
