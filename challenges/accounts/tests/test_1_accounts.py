"""Registration, login, logout."""

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest

RIVALS = 5
ROUNDS = 2
ELSEWHERE = "https://elsewhere.example/account"
WAYS = ("next", "url", "redirect", "redirect_to", "return_to", "continue")
"""Names of fields and parameters that say where a login leads."""
CREDENTIALS = ("username", "password")


@pytest.mark.criterion("register.works")
def test_who_registers_can_log_in(app, site, shared, refused, redirects_to):
    """Registration leads to the login, the login to the account, which names its user."""
    shared["basics"] = "lost"
    name, password, browser = site.name(), site.password(), app.session()
    reply = site.registering(browser, name, password)
    redirects_to(reply, "/login", "A valid registration")
    shared["names"].append(name)
    refused(browser.get("/account"), "(after a registration, which does not sign in) GET /account")
    redirects_to(site.logging_in(browser, name, password), "/account", "A right login")
    page = browser.page("/account").expect(name)
    page.form(action="/logout", method="POST")
    page.form(action="/notes", method="POST", having=("text",)).value("text")
    form = page.form(action="/account/password", method="POST")
    for field in ("current_password", "new_password"):
        form.value(field)
    shared["basics"] = ""
    home, stranger = browser.get("/"), app.get("/")
    # that it is there is a matter of contract.routes
    if home.status == 200 and name not in home.page().text:
        home.fail("GET / should show the username to whoever is signed in; it does not.")
    assert name not in stranger.text, "GET / shows a stranger somebody's name."


@pytest.mark.criterion("register.works")
def test_accounts_are_kept_apart(app, site, signed_in):
    """Two browsers see their own accounts, and a stranger sees none."""
    one, other = site.member(), site.member()
    for person, stranger in ((one, other), (other, one)):
        page = person.browser.page("/account").expect(person.name)
        assert stranger.name not in page.text, "GET /account shows another user's name."
    assert not signed_in(app, one.name), "GET /account shows a stranger somebody's account."


@pytest.mark.criterion("register.works")
def test_a_login_leads_to_the_account(app, site, redirects_to):
    """Whatever address comes with it: another site could pass itself off for this one."""
    person = site.register()
    claims = dict.fromkeys(WAYS, ELSEWHERE)
    query = "&".join(f"{name}={ELSEWHERE}" for name in WAYS)
    reply = site.logging_in(app.session(), person.name, person.password, claims, query)
    redirects_to(reply, "/account", f"A login that brings {WAYS[0]}={ELSEWHERE} along")


@pytest.mark.criterion("register.rules")
def test_what_breaks_a_rule_is_refused(app, site, draw):
    """Names of 3 to 30 of a-z, 0-9 and _; passwords of 8 to 64 characters."""
    good, password = site.name(), site.password()
    word = draw.word(6)
    cases = [
        ("", password, "an empty username"),
        ("ab", password, "a username of 2 characters"),
        (draw.word(31), password, "a username of 31 characters"),
        (f"{draw.word(4)} {draw.word(4)}", password, "a space in the username"),
        (f" {draw.word(7)}", password, "a space before the username"),
        (f"{draw.word(7)} ", password, "a space behind the username"),
        (f"{draw.word(7)}\n", password, "a line break behind the username"),
        (f"{draw.word(5).upper()}x", password, "capitals in the username"),
        (f"{draw.word(5)}é", password, "an accent in the username"),
        (f"{draw.word(5)}\u0301", password, "an accent of its own in the username"),
        (f"{draw.word(5)}\uff41", password, "a full-width letter in the username"),
        (f"{draw.word(5)}\u0661", password, "an Arabic digit in the username"),
        (f"{draw.word(5)}\u0430", password, "a Cyrillic letter in the username"),
        (f"{draw.word(5)}🐍", password, "an emoji in the username"),
        (f"{draw.word(4)}-{draw.word(4)}", password, "a hyphen in the username"),
        (f"{draw.word(4)}.{draw.word(4)}", password, "a full stop in the username"),
        (f"{draw.word(4)}/{draw.word(4)}", password, "a slash in the username"),
        (f"{draw.word(4)}@{draw.word(4)}", password, "an at sign in the username"),
        (f'{word}"><b title="x', password, "markup in the username"),
        (good, "", "an empty password"),
        (good, draw.text(7), "a password of 7 characters"),
        (good, "€🐍" * 3 + "é", "a password of 7 characters that are more bytes"),
        (good, draw.text(65), "a password of 65 characters"),
        (good, f"{draw.text(64)} ", "a password of 65 characters, the last a space"),
    ]
    for name, secret, what in cases:
        reply = site.registering(app.session(), name, secret)
        if reply.status != 400:
            reply.fail(f"A registration with {what} should answer 400, not {reply.status}.")
        form = reply.page().form(having=CREDENTIALS, action="/register")
        # a browser takes line breaks out of a field
        if form.value("username").strip("\n") != name.strip("\n"):
            reply.fail(f"After {what} the form should come back with the username in it.")
    users = site.known("admin").browser.page("/admin/users")
    shown = " ".join(users.soup.stripped_strings)
    for name, _, what in cases:
        if len(name) > 5 and name.strip() in shown:
            users.fail(f"A registration with {what} was refused with 400, and the user is there.")


@pytest.mark.criterion("register.rules")
def test_what_keeps_the_rules_is_accepted(app, site, draw):
    """The shortest and the longest, digits and underscores alone, passwords of any kind."""
    cases = [
        (draw.word(27) + "_07", draw.text(64), "30 characters and a password of 64"),
        (f"{draw.word(1)}{draw.integer(10, 99)}", draw.text(8), "3 characters, a password of 8"),
        (str(draw.integer(10**6, 10**7)), "€🐍" * 32, "digits, and a password of 64 signs"),
        (f"_{draw.integer(0, 10**5)}_", " " * 8 + draw.word(3), "underscores; spaces first"),
    ]
    for name, password, what in cases:
        reply = site.registering(app.session(), name, password)
        if reply.status >= 400 and reply.status != 409:
            reply.fail(f"A username of {what} keeps the rules; it should not get {reply.status}.")
        if reply.status < 400:
            site.names.append(name)


@pytest.mark.criterion("forms.again")
def test_a_refused_form_comes_back(app, site):
    """A page with the form again, what is wrong in role="alert", and no password in it."""
    person, wrong = site.member(), site.password()
    short = wrong[:7]
    cases = [
        ("/register", CREDENTIALS, app.session(), {"username": "ab", "password": wrong}),
        ("/register", CREDENTIALS, app.session(), {"username": site.name(), "password": short}),
        ("/register", CREDENTIALS, app.session(), {"username": person.name, "password": wrong}),
        ("/login", CREDENTIALS, app.session(), {"username": person.name, "password": wrong}),
        ("/login", CREDENTIALS, app.session(), {"username": site.name(), "password": wrong}),
        ("/notes", ("text",), person.browser, {"text": "   "}),
        ("/notes", ("text",), person.browser, {"text": "x" * 501}),
        ("/account/password", ("current_password", "new_password"), person.browser,
         {"current_password": wrong, "new_password": f"{wrong}2"}),
        ("/account/password", ("current_password", "new_password"), person.browser,
         {"current_password": person.password, "new_password": short}),
    ]  # fmt: skip
    for action, fields, browser, values in cases:
        page = browser.page("/account" if browser is person.browser else action)
        before = alerts(page)
        reply = page.form(having=fields, action=action).submit(values)
        if not 400 <= reply.status < 500:
            continue  # that it is refused is examined elsewhere
        answer = reply.page()
        form = answer.form(having=fields, action=action, method="POST")
        for field in fields:
            form.value(field)  # fails where it is missing
        secrets = [value for name, value in values.items() if name.endswith("password")]
        if any(value in reply.text for value in secrets):
            reply.fail(f"The page that refuses a form of {action} has the password in it.")
        if not alerts(answer) - before:
            reply.fail(
                f"POST {action} was refused, and what is wrong does not stand in an element with "
                'role="alert".'
            )


def alerts(page):
    """The texts of a page's alerts, those for browsers without scripts left out."""
    found = [one for one in page.find("[role=alert]") if not one.find_parent("noscript")]
    return {text for one in found if (text := " ".join(one.get_text().split()))}


@pytest.mark.criterion("register.duplicate")
def test_a_taken_name_is_refused(app, site):
    """The second registration answers 409, and the first account stays as it is."""
    first, password = site.member(), site.password()
    path, text = site.note(first)
    for name in (first.name, site.admin_name()):
        reply = site.registering(app.session(), name, password)
        if reply.status != 409:
            reply.fail(f"A username that is taken should be refused with 409, not {reply.status}.")
        again = site.logging_in(app.session(), name, password)
        if again.status != 401:
            again.fail(f"{name} was taken, and the password of the second registration counts.")
    site.login(first).browser.page(path).expect(text)


@pytest.mark.criterion("register.duplicate")
def test_a_name_that_only_looks_taken_is_free(app, site, draw):
    """An underscore is no placeholder, and a part of a name is another name."""
    word = draw.word(8)
    for name in (f"{word}xy", f"{word}_y", f"{word}", f"{word}__"):
        reply = site.registering(app.session(), name, site.password())
        if reply.status >= 400:
            reply.fail(f"Nobody has the username {name!r}: it should not get {reply.status}.")
        site.names.append(name)


@pytest.mark.criterion("register.race")
def test_one_of_several_at_once_wins(app, site):
    """Of registrations at the same time one is answered with a redirect, the others with 409."""
    for _ in range(ROUNDS):
        name = site.name()
        passwords = [site.password() for _ in range(RIVALS)]
        forms = [site.form(app.session(), "/register", "/register", CREDENTIALS) for _ in passwords]
        with ThreadPoolExecutor(max_workers=RIVALS) as pool:
            jobs = [
                pool.submit(form.submit, {"username": name, "password": password})
                for form, password in zip(forms, passwords, strict=True)
            ]
            replies = [job.result() for job in jobs]
        winners = [at for at, reply in enumerate(replies) if reply.status < 400]
        statuses = ", ".join(str(reply.status) for reply in replies)
        if len(winners) != 1:
            replies[0].fail(
                f"{RIVALS} registrations of one name at the same time were answered with "
                f"{statuses}; one should win, and the others get 409."
            )
        site.names.append(name)
        for at, reply in enumerate(replies):
            if at not in winners:
                reply.expect(409)
        for at in (winners[0], winners[0] - 1):
            reply = site.logging_in(app.session(), name, passwords[at])
            if (reply.status < 400) != (at in winners):
                reply.fail("After the race only the password of the one that won should count.")


@pytest.mark.criterion("login.refused")
def test_a_wrong_password_is_refused(app, site, is_refused):
    """401 for an unknown name, another's password, and one that differs a little."""
    ada, other, third = site.register(), site.register(), site.register()
    wrong = (
        (site.name(), site.password(), "an unknown name"),
        (ada.name, other.password, "another user's password"),
        (ada.name, ada.password.upper(), "the password in capitals"),
        (ada.name, ada.password[:-1], "the password without its last character"),
        (other.name, f"{other.password} ", "a space behind the password"),
        (other.name, f"{other.password}{other.password}", "more behind the password"),
        (other.name, "", "no password"),
        (other.name, other.password[1:], "the password without its first character"),
        (third.name, f" {third.password}", "a space before the password"),
        (third.name, third.name, "the username for a password"),
        ("", "", "nothing in its fields"),
    )
    for name, password, what in wrong:
        browser = app.session()
        is_refused(site.logging_in(browser, name, password), browser, what)
    reply = site.logging_in(app.session(), other.name, other.password)
    if reply.status >= 400:
        reply.fail(
            f"After four refused logins the right password should sign in, not get {reply.status}: "
            "an account may be locked after five or more."
        )


@pytest.mark.criterion("login.refused")
def test_names_count_to_the_letter(app, site, draw, is_refused):
    """What is not the username, if only by a capital, a space or an accent, is an unknown one."""
    person = site.register()
    others = [one for one in draw.lookalikes(person.name) if "\n" not in one.value]
    for other, why in draw.sample(others, 2):
        browser = app.session()
        is_refused(
            site.logging_in(browser, other, person.password), browser, f"a username with {why}"
        )
    for name, why in ((person.name.upper(), "capitals"), (f"{person.name} ", "a space behind it")):
        browser = app.session()
        is_refused(
            site.logging_in(browser, name, person.password), browser, f"a username with {why}"
        )
    site.login(person)


@pytest.mark.criterion("login.refused")
def test_every_character_of_a_password_counts(app, site, draw, is_refused):
    """Also the last of 64 that are many bytes, spaces at the ends, signs of other scripts."""
    word = draw.word(8)
    long, spaced, wide = f"{'€' * 55}{word}a", f" {word}  É ", f"\ufb01\uff41\u00e9{word}"
    wrong = {
        long: [(f"{long[:-1]}b", "another last character of 64")],
        spaced: [
            (spaced.strip(), "the password without the spaces at its ends"),
            (" ".join(spaced.split()), "single spaces in place of two"),
            (spaced.lower(), "the password in small letters"),
        ],
        wide: [
            (unicodedata.normalize("NFKC", wide), "plain letters in place of full-width ones"),
            (unicodedata.normalize("NFD", wide), "the accent as a character of its own"),
        ],
    }
    for right, others in wrong.items():
        person = site.member(password=right)
        for password, what in others:
            browser = app.session()
            is_refused(site.logging_in(browser, person.name, password), browser, what)


@pytest.mark.criterion("login.same_answer")
def test_a_refusal_tells_nothing(app, site, draw):
    """The page for a wrong password and the one for an unknown name read the same."""
    person = site.register()
    unknown = (site.name(), "ab", draw.word(31), f"{draw.word(6)}-{draw.word(4)}")
    wrong = site.logging_in(app.session(), person.name, site.password())
    expected = " ".join(wrong.page().text.replace(person.name, "").split())
    for name in unknown:
        reply = site.logging_in(app.session(), name, site.password())
        text = " ".join(reply.page().text.replace(name, "").split())
        if reply.status != wrong.status or text != expected:
            reply.fail(
                f"The answer to an unknown username ({name!r}) differs from that to a wrong "
                "password: whoever tries names learns which exist."
            )


@pytest.mark.criterion("logout.ends")
def test_logout_ends_the_session(site, redirects_to, refused, signed_in):
    """After the logout the browser is a stranger's; other sessions stay."""
    person = site.member()
    other, third = site.login(person), site.known("ada")
    reply = site.act(person, "/logout")
    redirects_to(reply, "/login", "POST /logout")
    refused(person.browser.get("/account"), "(after the logout) GET /account")
    home = person.browser.get("/")
    assert person.name not in home.text, "After the logout GET / still shows the username."
    for one in (other, third):
        if not signed_in(one.browser, one.name):
            pytest.fail("A logout has ended the session of another browser.")
    again = site.login(person)
    assert signed_in(again.browser, person.name), "After a logout nobody can log in again."


@pytest.mark.criterion("logout.post_only")
def test_logout_by_get_is_405(site, signed_in):
    """A link or an image that leads to /logout does nothing."""
    person = site.member()
    reply = person.browser.get("/logout")
    if reply.status != 405:
        reply.fail(f"GET /logout should answer 405, not {reply.status}: only POST logs out.")
    person.browser.head("/logout")
    assert signed_in(person.browser, person.name), "GET or HEAD of /logout has ended the session."
