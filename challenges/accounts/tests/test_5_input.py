"""What the app makes of bad input, and what it writes into its log."""

import time
from urllib.parse import quote

import pytest

UNKNOWN = "2147483600"
SHORTEST = 8
"""Characters: what is shorter stands in a log by chance."""
LOG_SECONDS = 5
"""The log is copied by Docker, a moment after it is printed."""
TRACES = ("Traceback (most recent call last)", "werkzeug.debug", "pymysql.err", "SQL syntax")


@pytest.mark.criterion("injection.sql")
def test_sql_does_not_sign_in(app, site, draw, signed_in):
    """A name or password that ends an SQL literal is refused like any other."""
    ada = site.known("ada")
    names = [f"{ada.name}' -- ", f"{ada.name}'#", f"{ada.name}' OR '1'='1", *draw.injections()[:2]]
    passwords = ["' OR '1'='1", f"' OR username='{ada.name}"]
    attempts = [(name, site.password()) for name in names]
    attempts += [(ada.name, password) for password in passwords]
    attempts += [(name, ada.password) for name in names[:2]]  # what is cut off would be right
    for name, password in attempts:
        browser = app.session()
        reply = site.logging_in(browser, name, password)
        if reply.status != 401 or signed_in(browser, ""):
            reply.fail(f"SQL in the form should be refused with 401, not {reply.status}.")


@pytest.mark.criterion("injection.sql")
def test_sql_in_a_note_is_text(site, draw):
    """A note with SQL or markup in it is saved and shown as it was sent."""
    ada = site.known("ada")
    for text in (
        *draw.injections()[:4],
        draw.markup(),
        f'It\'s {draw.word()} \\ "{draw.word()}" %s {{0}}',
    ):
        path, _ = site.note(ada, text)
        ada.browser.page(path).expect(text)


@pytest.mark.criterion("errors.pages")
def test_bad_input_is_a_4xx(app, site, draw):
    """Too long, missing, unknown: an error page without a stack trace, and never a 500."""
    ada = site.known("ada")
    replies = {
        "an unknown address": app.get(f"/{draw.word()}"),
        "a registration without fields": send_nothing(app, "/register"),
        "a login without fields": send_nothing(app, "/login"),
        "a login with long fields": site.logging_in(app.session(), draw.text(300), draw.text(3000)),
        "a registration with emoji for a name": site.registering(
            app.session(), f"{draw.word()}🐍", site.password()
        ),
        "a note of 501 characters": site.act(ada, "/notes", {"text": draw.text(501)}),
        "an empty note": site.act(ada, "/notes", {"text": ""}),
        "a note without text": site.act(ada, "/notes"),
        "an unknown note": ada.browser.get(f"/notes/{UNKNOWN}"),
        "a note with a word for its id": ada.browser.get(f"/notes/{draw.word()}"),
        "a note with a huge id": ada.browser.get(f"/notes/{'9' * 30}"),
        "an unknown user": site.act(site.known("admin"), f"/admin/users/{site.name()}/delete"),
    }
    for what, reply in replies.items():
        if not 400 <= reply.status < 500:
            reply.fail(f"It was {what}, which should get a 4xx, not {reply.status}.")
        if any(trace in reply.text for trace in TRACES):
            reply.fail(f"It was {what}, and the answer shows the insides of the app.")
    for what in ("a note of 501 characters", "an empty note"):
        replies[what].expect(400)
    for what in ("an unknown address", "an unknown note", "an unknown user"):
        replies[what].expect(404)
    note = draw.choice("äö€") * 500
    path, _ = site.note(ada, note)
    ada.browser.page(path).expect(note)


def send_nothing(app, path):
    """The answer to the form of `path` with only its hidden fields."""
    form = app.session().page(path).form(having=("username", "password"))
    return form.submit({"username": None, "password": None})


@pytest.mark.criterion("logs.passwords")
def test_the_log_keeps_passwords_out(app, site, submit):
    """Registration, login, refusal, change: the name is logged, never a password or a session."""
    person, wrong, new = site.member(), site.password(), site.password()
    site.logging_in(app.session(), person.name, wrong)
    refused_name = f"{site.name()}!"
    site.registering(app.session(), refused_name, wrong)
    form = person.browser.page("/account").form(having=("current_password",))
    submit(form, {"current_password": person.password, "new_password": new})
    last, end = site.member(), time.monotonic() + LOG_SECONDS
    while last.name not in (log := app.logs()) and time.monotonic() < end:
        time.sleep(0.05)
    for what, value in (
        ("the password of a user", person.password),
        ("a password that was refused", wrong),
        ("a new password", new),
        *((f"the value of the cookie {c.name!r}", c.value or "") for c in person.browser.cookies),
    ):
        leaked = len(value) >= SHORTEST and (value in log or quote(value) in log)
        assert not leaked, f"The app's log holds {what}: whoever reads the log can use it."
    assert last.name in log, "The app's log does not name a user who has registered."
