"""Registration, login, logout."""

from concurrent.futures import ThreadPoolExecutor

import pytest

RIVALS = 5
ROUNDS = 2


@pytest.mark.criterion("register.works")
def test_who_registers_can_log_in(app, site, signed_in):
    """Registration leads to the login, the login to the account, which names its user."""
    person = site.member()
    page = person.browser.page("/account")
    page.expect(person.name)
    page.form('form[action$="/logout"]')
    other = site.member()
    other.browser.page("/account").expect(other.name)
    assert not signed_in(app, person.name), "GET /account shows a stranger somebody's account."


@pytest.mark.criterion("register.rules")
def test_what_breaks_a_rule_is_refused(app, site, draw):
    """Names of 3 to 30 of a-z, 0-9 and _; passwords of 8 to 64 characters."""
    good, password = site.name(), site.password()
    cases = [
        ("", password, "an empty username"),
        ("ab", password, "a username of 2 characters"),
        (draw.word(31), password, "a username of 31 characters"),
        (f"{draw.word(4)} {draw.word(4)}", password, "a space in the username"),
        (f"{draw.word(5).upper()}x", password, "capitals in the username"),
        (f"{draw.word(5)}é", password, "an accent in the username"),
        (f"{draw.word(5)}<b>", password, "markup in the username"),
        (good, "", "an empty password"),
        (good, draw.text(7), "a password of 7 characters"),
        (good, draw.text(65), "a password of 65 characters"),
    ]
    for name, secret, what in cases:
        reply = site.registering(app.session(), name, secret)
        if reply.status != 400:
            reply.fail(f"A registration with {what} should answer 400, not {reply.status}.")
        form = reply.page().form(having=("username", "password"))
        assert form.value("username") == name, "The form should come back with the username in it."
        assert not form.value("password"), "The form should come back without the password."
        assert reply.page().find("[role=alert]"), 'What is wrong should stand in role="alert".'


@pytest.mark.criterion("register.rules")
def test_the_longest_are_accepted(site, draw):
    """30 characters for a name and 64 for a password are allowed."""
    site.member(name=draw.word(27) + "_07", password=draw.text(64))


@pytest.mark.criterion("register.duplicate")
def test_a_taken_name_is_refused(app, site):
    """The second registration answers 409, and the first account stays as it is."""
    first, password = site.register(), site.password()
    reply = site.registering(app.session(), first.name, password)
    if reply.status != 409:
        reply.fail(f"A username that is taken should be refused with 409, not {reply.status}.")
    site.login(first)
    again = site.logging_in(app.session(), first.name, password)
    again.expect(401)


@pytest.mark.criterion("register.race")
def test_one_of_several_at_once_wins(app, site, submit):
    """Of registrations at the same time one is answered with a redirect, the others with 409."""
    for _ in range(ROUNDS):
        name, forms = site.name(), []
        passwords = [site.password() for _ in range(RIVALS)]
        for _ in passwords:
            page = app.session().page("/register")
            forms.append(page.form(having=("username", "password")))
        with ThreadPoolExecutor(max_workers=RIVALS) as pool:
            jobs = [
                pool.submit(submit, form, {"username": name, "password": password})
                for form, password in zip(forms, passwords, strict=True)
            ]
            replies = [job.result() for job in jobs]
        winners = [at for at, reply in enumerate(replies) if reply.status in (302, 303)]
        statuses = ", ".join(str(reply.status) for reply in replies)
        if len(winners) != 1:
            replies[0].fail(
                f"{RIVALS} registrations of one name at the same time were answered with "
                f"{statuses}; one should win, and the others get 409."
            )
        for reply in replies:
            reply.expect(302, 303, 409)
        for at in (winners[0], winners[0] - 1):
            reply = site.logging_in(app.session(), name, passwords[at])
            if (reply.status in (302, 303)) != (at in winners):
                reply.fail("After the race only the password of the one that won should count.")


@pytest.mark.criterion("login.refused")
def test_a_wrong_password_is_refused(app, site, signed_in):
    """401 for an unknown name, another's password, and one that differs a little."""
    ada, bob = site.known("ada"), site.known("bob")
    wrong = (
        (site.name(), site.password()),
        (ada.name, bob.password),
        (ada.name, ada.password.upper()),
        (ada.name, ada.password[:-1]),
        (ada.name, f"{ada.password} "),
        (ada.name, ""),
    )
    for name, password in wrong:
        browser = app.session()
        reply = site.logging_in(browser, name, password)
        if reply.status != 401:
            reply.fail(f"A login that is refused should answer 401, not {reply.status}.")
        assert not signed_in(browser, name), "The login was refused, and has signed in."


@pytest.mark.criterion("login.refused")
def test_every_character_of_a_password_counts(app, site, draw):
    """Also the last of 64, and the space at the end; a character of another script is one."""
    long = draw.text(63)
    person = site.register(password=f"{long}a")
    site.logging_in(app.session(), person.name, f"{long}b").expect(401)
    spaced = f" {draw.word(8)} é€ "
    person = site.member(password=spaced)
    site.logging_in(app.session(), person.name, spaced.strip()).expect(401)


@pytest.mark.criterion("login.same_answer")
def test_a_refusal_tells_nothing(app, site):
    """The page for a wrong password and the one for an unknown name read the same."""
    ada, unknown = site.known("ada"), site.name()
    replies = [
        site.logging_in(app.session(), name, site.password()) for name in (ada.name, unknown)
    ]
    wrong, stranger = (
        " ".join(reply.page().text.replace(name, "").split())
        for reply, name in zip(replies, (ada.name, unknown), strict=True)
    )
    if replies[0].status != replies[1].status or wrong != stranger:
        replies[1].fail(
            "The answer to an unknown username differs from that to a wrong password: whoever "
            "tries names learns which exist."
        )
    assert replies[0].page().find("[role=alert]"), 'The message should stand in role="alert".'


@pytest.mark.criterion("logout.ends")
def test_logout_ends_the_session(site, redirects_to, refused, signed_in):
    """After the logout the browser is a stranger's; other sessions stay."""
    person = site.member()
    other = site.login(person)
    reply = site.act(person, "/logout")
    redirects_to(reply, "/login", "POST /logout")
    refused(person.browser.get("/account"), "(after the logout) GET /account")
    assert signed_in(other.browser, other.name), "A logout has ended another browser's session."


@pytest.mark.criterion("logout.post_only")
def test_logout_by_get_is_405(site, signed_in):
    """A link or an image that leads to /logout does nothing."""
    person = site.member()
    reply = person.browser.get("/logout")
    if reply.status != 405:
        reply.fail(f"GET /logout should answer 405, not {reply.status}: only POST logs out.")
    assert signed_in(person.browser, person.name), "GET /logout has ended the session."
