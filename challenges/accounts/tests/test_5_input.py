"""What the app makes of notes, of SQL and markup, of bad input, and what it writes into its log."""

import base64
import time
from urllib.parse import quote

import pytest

UNKNOWN = "2147483600"
SHORTEST = 8
"""Characters: what is shorter stands in a log by chance."""
LOG_SECONDS = 5
"""The log is copied by Docker, a moment after it is printed."""
TRACES = ("Traceback (most recent call last)", "werkzeug.debug", "pymysql.err", "SQL syntax",
          "sqlalchemy.exc", "IntegrityError", "DataError", "OperationalError")  # fmt: skip
MANY = 25
LONGEST = 500
BLANK = ("", "   ", "\t ", "\u00a0\u2003 ")
CREDENTIALS = ("username", "password")


@pytest.mark.criterion("notes.text")
def test_a_note_is_saved_and_shown_as_it_was_entered(site, draw, redirects_to):
    """Every character, on its own page, in the list and in MySQL."""
    person = site.member()
    texts = [
        (one.value, one.why) for one in draw.edge_texts(200) if not set("\r\n\t") & {*one.value}
    ]
    texts += [
        (draw.word(1), "one character"),
        (f"{draw.word(6)} {draw.unicode()}", "emoji and other scripts"),
        ("🐍é" * 250, "500 characters of several bytes"),
        (" ".join(draw.word(9) for _ in range(50)), "499 characters"),
        (f'It\'s {draw.word()} \\ "{draw.word()}" %s {{0}}', "quotes and placeholders"),
    ]
    texts += [(draw.sentence(), "a sentence") for _ in range(MANY - len(texts))]
    for text, why in texts:
        reply = site.noting(person, text)
        if reply.status >= 400:
            reply.fail(f"A note with {why} should be saved, not answered with {reply.status}.")
        path = site.path_of(person, reply, text)
        redirects_to(reply, path, "POST /notes")
        page = person.browser.page(path)
        if "<" not in text:  # markup that is none here is a matter of injection.sql
            require_shown(page, text, why)
    page = person.browser.page("/account")
    stored = {value for _, row in site.cells() for value in row.values()}
    for text, why in texts:
        if "<" not in text:
            require_shown(page, text, why)
        if text.encode() not in stored:
            pytest.fail(
                f"A note with {why} does not stand in MySQL as it was entered: {text[:80]!r}. Save "
                "every character as it comes, and escape where it is shown."
            )


def require_shown(page, text, why):
    """Fail unless a page shows the whole of a note."""
    if " ".join(text.split()) not in " ".join(page.text.split()):
        page.fail(
            f"{page.name} does not show a note with {why} as it was entered, every character: "
            f"{text[:80]!r}."
        )


@pytest.mark.criterion("notes.text")
def test_what_is_no_note_is_refused(site, draw):
    """Nothing but white space, and more than 500 characters: 400, and nothing is saved."""
    person = site.member()
    for text in BLANK:
        reply = site.noting(person, text)
        if reply.status != 400:
            reply.fail(f"A note of {text!r}, white space only, should get 400: {reply.status}.")
    for letter, what in (("x", "501 characters"), ("🐍", "501 emoji")):
        text = draw.word(8) + letter * (LONGEST - 7)
        reply = site.noting(person, text)
        if reply.status != 400:
            reply.fail(f"A note of {what} should get 400, not {reply.status}.")
        saved = any(text[:8].encode() in one for _, row in site.cells() for one in row.values())
        assert not saved, f"A note of {what} was refused, and a part of it was saved."
    links = person.browser.page("/account").find('a[href^="/notes/"]')
    assert not links, "Notes were refused with 400, and the list has them."


@pytest.mark.criterion("notes.text")
def test_every_note_is_listed_until_it_is_deleted(site, draw, redirects_to):
    """Also where two read the same."""
    person, twice = site.member(), draw.sentence()
    notes = dict(site.note(person) for _ in range(3))
    first, second = site.note(person, twice)[0], site.note(person, twice)[0]
    assert first != second, "Two notes with the same text have the same address."
    page = person.browser.page("/account")
    for text in (*notes.values(), twice):
        page.expect(text)
    if page.text.count(twice) < 2:
        page.fail("Two notes have the same text, and GET /account shows one: it lists every note.")
    redirects_to(site.act(person, f"{first}/delete"), "/account", "Deleting a note")
    person.browser.get(first).expect(404)
    person.browser.page(second).expect(twice)
    path, text = next(iter(notes.items()))
    site.act(person, f"{path}/delete")
    page = person.browser.page("/account").expect(twice)
    assert text not in page.text, "A note was deleted, and /account still shows it."
    assert not site.stored(text), "A note was deleted, and it is still in the database."
    for text in list(notes.values())[1:]:
        page.expect(text)


@pytest.mark.criterion("injection.sql")
def test_sql_does_not_sign_in(app, site, draw, is_refused):
    """A name or password that ends an SQL literal is refused like any other."""
    ada = site.register()
    # with the right password, as what is cut off would be right
    attempts = [
        (f"{ada.name}' -- ", ada.password),
        (f"{ada.name}'#", ada.password),
        (f"{ada.name}' OR '1'='1", ada.password),
        (f'{ada.name}" OR "1"="1', ada.password),
        (f"{ada.name}\\", " OR 1=1 -- "),
        ("' OR 1=1 -- ", ada.password),
        (draw.choice(draw.injections()), site.password()),
        (ada.name, "' OR '1'='1"),
        (ada.name, f"' OR username='{ada.name}"),
    ]
    for name, password in attempts:
        browser = app.session()
        is_refused(site.logging_in(browser, name, password), browser, "SQL in its fields")


@pytest.mark.criterion("injection.sql")
def test_sql_in_other_fields_is_only_text(site, draw):
    """In passwords, in notes, in the addresses of notes and users."""
    password = f"x' OR '1'='1' -- {draw.word(4)}"
    person, ada = site.member(password=password), site.known("ada")
    path, text = site.note(ada)
    for sql in (*draw.injections(), f"{draw.word()}', '1'); DELETE FROM notes; -- "):
        own, _ = site.note(person, sql)
        person.browser.page(own).expect(sql.partition("'")[0].partition('"')[0])
    if site.changing(person, site.password(), site.password()).status >= 400:
        reply = site.changing(person, "' OR '1'='1", site.password())
        if reply.status < 400:
            reply.fail("SQL in the place of the current password changes the password.")
    for ending in ("' OR '1'='1", " OR 1=1", ") OR (1=1", "'#"):
        reply = person.browser.get(f"{path}{quote(ending)}")
        assert text not in reply.text, "SQL in the address of a note shows another user's."
        site.act(person, f"{path}{quote(ending)}/delete")
    ada.browser.page(path).expect(text)
    new = f"{draw.word(4)}'; -- {draw.word(6)}\\"
    if site.changing(person, password, new).status >= 500:
        pytest.fail("A new password with quotes and a backslash is answered with a 5xx.")
    site.login(ada)


@pytest.mark.criterion("injection.sql")
def test_markup_is_only_text(app, site, draw, require_no_element):
    """Wherever it is shown: notes, their list, forms that come back, pages for errors."""
    person, tag = site.member(), draw.word(8)
    markups = [
        f"<b data-{tag}>x</b><script>{tag}</script>",
        f"""'"></textarea></title><img src=x data-{tag}=1>""",
    ]
    for markup in markups:
        reply = site.noting(person, markup)
        if reply.status >= 400:
            reply.fail(f"A note with markup should be saved, not answered with {reply.status}.")
        path = site.path_of(person, reply, markup)
        for place in (path, "/account"):
            require_no_element(person.browser.page(place), tag, "a note")
        answers = {
            "a username": site.registering(app.session(), markup, site.password()),
            "the username of a login": site.logging_in(app.session(), markup, site.password()),
            "an unknown address": app.get(f"/{quote(markup, safe='')}"),
            "an unknown address of a user": person.browser.get(f"/notes/{quote(markup, safe='')}"),
            "a query": app.get(
                "/login", params={"next": markup, "message": markup, "error": markup}
            ),
            "a note that is too long": site.noting(person, f"{markup}{'x' * LONGEST}"),
        }
        for what, answer in answers.items():
            if answer.media_type == "text/html":
                require_no_element(answer.page(), tag, what)


@pytest.mark.criterion("errors.pages")
def test_bad_input_is_a_4xx(app, site, draw):
    """Too long, missing, of another kind: an error page without a stack trace, and never a 500."""
    ada = site.member()
    long = draw.text(3000)
    replies = {
        "a registration without fields": send_nothing(site, app, "/register"),
        "a login without fields": send_nothing(site, app, "/login"),
        "a login with long fields": site.logging_in(app.session(), draw.text(300), long),
        "a login with emoji for a name": site.logging_in(app.session(), f"{draw.word()}🐍", long),
        "a login with a NUL": site.logging_in(app.session(), f"{draw.word()}\0", "\0" * 9),
        "a registration with emoji for a name": site.registering(
            app.session(), f"{draw.word()}🐍", site.password()
        ),
        "a registration with a NUL in the name": site.registering(
            app.session(), f"{draw.word()}\0", site.password()
        ),
        "a registration with a long name": site.registering(app.session(), long, site.password()),
        "a registration with a long password": site.registering(app.session(), site.name(), long),
        "a note of 501 characters": site.noting(ada, draw.text(501)),
        "a note of 5,000 characters": site.noting(ada, "x" * 5000),
        "an empty note": site.noting(ada, ""),
        "a note without text": site.act(ada, "/notes"),
        "a change of the password without fields": site.act(ada, "/account/password"),
        "a change without the new one": site.act(
            ada, "/account/password", {"current_password": ada.password}
        ),
        "a change to a long password": site.changing(ada, ada.password, long),
    }
    for what, reply in replies.items():
        require_4xx(reply, what)
    for browser, path in ((app.session(), "/login"), (app.session(), "/register"),
                          (ada.browser, "/notes"), (ada.browser, "/account/password")):  # fmt: skip
        for body, kind in (
            (b"username=%ff%fe&password=%c3&text=%ff&current_password=%ff",
             "application/x-www-form-urlencoded"),
            (b'{"username": 1}', "application/json"),
            (b"x", "multipart/form-data; boundary=none"),
        ):  # fmt: skip
            reply = browser.post(path, body=body, headers={"Content-Type": kind})
            if reply.status >= 500:
                reply.fail(f"POST {path} with a body of another kind should not answer 5xx.")
            require_no_trace(reply, f"a body of another kind for {path}")


@pytest.mark.criterion("errors.pages")
def test_an_unknown_address_is_a_404(app, site, draw):
    """With and without a session; by POST it is a 4xx."""
    for browser in (app, site.known("ada").browser, site.known("admin").browser):
        for address in (f"/{draw.word()}", f"/{draw.word()}/{draw.word()}.php", "/registerx"):
            require_404(browser.get(address), "An unknown address")
            require_4xx(browser.post(address), "a POST to an unknown address")


@pytest.mark.criterion("errors.pages")
def test_an_address_like_a_note_is_a_404(site, draw):
    """Numbers that no note has, what is no number, and what has more behind it."""
    ada, text = site.known("ada"), draw.sentence()
    path, _ = site.note(ada, text)
    parts = [*draw.bad_ids(int(path.rpartition("/")[2])), ("\u00b2", "a superscript digit")]
    for part, why in parts:
        reply = ada.browser.get(f"/notes/{quote(part, safe='')}")
        require_404(reply, f"A note whose id is {why}")
    require_404(site.act(ada, f"/notes/{quote(parts[-1][0])}/delete"), "Deleting such a note")
    for ending in ("abc", ".0", "x", "%20", "%20or%201"):
        what = f"A note's address with {ending!r} behind it"
        require_404(ada.browser.get(f"{path}{ending}"), what)
        require_404(site.act(ada, f"{path}{ending}/delete"), what)
    ada.browser.page(path).expect(text)


@pytest.mark.criterion("errors.pages")
def test_other_methods_change_nothing(site, draw):
    """What a form sends by POST is a 4xx by GET, as from a link or an image, and by others."""
    ada = site.member()
    path, text = site.note(ada)
    new, stray = site.password(), draw.sentence()
    change = {"current_password": ada.password, "new_password": new}
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        for place, values in (
            (f"{path}/delete", {}), ("/notes", {"text": stray}), ("/account/password", change),
            (path if method in {"PUT", "DELETE"} else "/notes", {"text": stray}),
        ):  # fmt: skip
            reply = ada.browser.request(method, place, params=values)
            require_4xx(reply, f"a {method} of {place}")
    page = ada.browser.page("/account").expect(text)
    assert stray not in page.text, "A note was saved by another method than POST."
    site.login(ada)


@pytest.mark.criterion("errors.pages")
def test_what_is_not_there_is_not_deleted(site, draw):
    """Notes and users that nobody has: 404. For a note of somebody else see notes.private."""
    ada, admin = site.known("ada"), site.known("admin")
    for note in (UNKNOWN, "9" * 30, draw.word()):
        require_404(site.act(ada, f"/notes/{note}/delete"), "Deleting an unknown note")
    for name in (site.name(), draw.text(300), quote("🐍")):
        require_404(site.act(admin, f"/admin/users/{name}/delete"), "Deleting an unknown user")


@pytest.mark.criterion("errors.pages")
def test_a_session_that_is_none_is_no_error(app, site, draw):
    """A logout without one, twice, and cookies that no app has set."""
    first = site.act_as_stranger("/logout")
    person = site.member()
    forms = person.browser.page("/account").forms
    for reply in (first, *(site.send_hidden(person.browser, forms, "/logout", {}) for _ in "ab")):
        if reply.status >= 500:
            reply.fail(f"A logout without a session should not answer {reply.status}.")
    names = {cookie.name for cookie in site.known("ada").browser.cookies}
    for value in ("", "x", "." * 50, "eyJ1c2VyX2lkIjoxfQ", draw.text(2000), "%00%ff"):
        headers = {"Cookie": "; ".join(f"{name}={value}" for name in names)}
        for path in ("/", "/login", "/account", "/notes/1", "/admin/users"):
            reply = app.get(path, headers=headers)
            if reply.status >= 500:
                reply.fail(f"With a cookie that is no session GET {path} answers {reply.status}.")


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


def send_nothing(site, app, path):
    """The answer to the form of `path` with only its hidden fields."""
    form = site.form(app.session(), path, path, CREDENTIALS)
    return form.submit({"username": None, "password": None})


@pytest.mark.criterion("logs.passwords")
def test_the_log_keeps_passwords_out(app, site):
    """Registration, login, refusal, change: the name is logged, never a password or a session."""
    person, wrong, new = site.member(), site.password(), site.password()
    site.logging_in(app.session(), person.name, wrong)
    site.logging_in(app.session(), site.name(), wrong)
    site.registering(app.session(), f"{site.name()}!", wrong)
    site.registering(app.session(), person.name, wrong)
    site.changing(person, wrong, new)
    site.changing(person, person.password, new[:7])
    site.changing(person, person.password, new)
    again = site.login(type(person)(person.name, new, None))
    for path in ("/admin/users", f"/notes/{UNKNOWN}", f"/{site.name()}"):
        again.browser.get(path)  # errors: 403 and 404
    site.noting(again, " ")
    cookies = [*person.browser.cookies, *again.browser.cookies]
    site.act(again, "/logout")
    last, end = site.member(), time.monotonic() + LOG_SECONDS
    while last.name not in (log := app.logs()) and time.monotonic() < end:
        time.sleep(0.05)
    for what, value in (
        ("the password of a user", person.password),
        ("a password that was refused", wrong),
        ("a new password", new),
        ("a new password that was refused", new[:7]),
        *((f"the value of the cookie {one.name!r}", one.value or "") for one in cookies),
    ):
        coded = base64.b64encode(value.encode()).decode().rstrip("=")
        leaked = len(value) >= SHORTEST - 1 and any(
            one in log for one in (value, quote(value), coded, value[::-1])
        )
        assert not leaked, f"The app's log holds {what}: whoever reads the log can use it."
    for name in (person.name, last.name):
        assert name in log, "The app's log does not name a user who has registered."
