"""Registration, login, and what the database holds of a password."""

import time
from functools import partial

import hashes
import pytest

RIVALS = 3
ROUNDS = 3
FEWEST, TRIES = 3, 32
"""Logins of each kind whose times are compared, as few as that and as many."""


@pytest.mark.criterion("accounts.form")
def test_a_registration_answers_with_a_reader(site):
    name, password = site.name(), site.password()
    reply = site.registering(name, password)
    if reply.status != 201:
        reply.fail(f"A valid registration should answer 201, not {reply.status}.")
    found = reply.json(dict)
    site.id_of(reply)
    assert found.get("username") == name, "The answer should have the username."
    assert found.get("role") == "reader", "A new user's role should be reader."
    assert password not in reply.text, "The answer holds the password."


@pytest.mark.criterion("accounts.form")
def test_a_login_answers_in_its_form(site):
    person = site.known()
    reply = site.logging_in(person.name, person.password)
    if reply.status != 200:
        reply.fail(f"POST /login should answer 200, not {reply.status}.")
    found = reply.json(dict)
    if found.get("token_type") != "Bearer":
        reply.fail("token_type should be Bearer.")
    if found.get("expires_in") != site.access_seconds:
        reply.fail(f"expires_in should be ACCESS_SECONDS, {site.access_seconds}, as a number.")
    token = found.get("refresh_token")
    if not isinstance(token, str) or not 1 <= len(token) <= 1000:
        reply.fail("refresh_token should be a text of 1000 characters at most.")


@pytest.mark.criterion("register.duplicate")
def test_a_name_is_taken_once(app, site):
    person = site.register()
    for name in (person.name, site.admin_name):
        reply = site.registering(name, site.password())
        if reply.status != 409:
            reply.fail(f"A username that is taken should be refused with 409, not {reply.status}.")
    again = site.logging_in(person.name, person.password)
    if again.status >= 300:
        again.fail("After somebody else has tried to take the name, its owner cannot log in.")
    for _ in range(ROUNDS):
        name = site.name()
        passwords = [site.password() for _ in range(RIVALS)]
        replies = app.together([partial(site.registering, name, one) for one in passwords])
        statuses = sorted(one.status for one in replies)
        if statuses[0] >= 300 or statuses[1:] != [409] * (RIVALS - 1):
            replies[0].fail(
                f"Of {RIVALS} registrations of one name at the same moment one should be answered "
                f"with 201 and the others with 409; these were {', '.join(map(str, statuses))}."
            )


@pytest.mark.criterion("login.works")
def test_a_login_gives_a_token_that_counts(site, shared):
    """To the administrator of the environment, and to whoever has registered."""
    admin = site.known("admin")
    site.accepted(admin.access, "The access token of the administrator", admin.name)
    me = site.me(admin.access)
    if me.json(dict).get("role") != "admin":
        me.fail("The role of the administrator whom the environment names should be admin.")
    ada = site.known()
    site.accepted(ada.access, "The access token of a login", ada.name)
    site.accepted(site.login(ada).access, "The access token of a second login", ada.name)
    site.accepted(ada.access, "The access token of the first login, after a second one,", ada.name)
    # for refresh.expired: one refresh token that is left alone, and a session that goes on
    shared["left"] = site.known("early")
    shared["kept"] = site.login(shared["left"])


@pytest.mark.criterion("login.refused")
def test_wrong_credentials_are_refused(site):
    ada, bob = site.known(), site.known("bob")
    wrong = (
        (ada.name, site.password(), (401,), "a wrong password"),
        (ada.name, bob.password, (401,), "the password of somebody else"),
        (ada.name, ada.password.swapcase(), (401,), "the password in other capitals"),
        (ada.name, f"{ada.password} ", (401,), "a blank behind the password"),
        (ada.name, ada.password[:-1], (401,), "the password without its last character"),
        (site.name(), ada.password, (401,), "an unknown username"),
        (ada.name.upper(), ada.password, (400, 401), "the username in capitals"),
        (f"{ada.name} ", ada.password, (400, 401), "a blank behind the username"),
        (f"{ada.name}' -- ", ada.password, (400, 401), "SQL behind the username"),
        (ada.name, "", (400, 401), "an empty password"),
    )
    for name, password, statuses, what in wrong:
        reply = site.logging_in(name, password)
        if reply.status not in statuses:
            reply.fail(f"A login with {what} should be refused with 401, not {reply.status}.")


@pytest.mark.criterion("login.same_answer")
def test_an_unknown_name_has_the_same_answer(site):
    """As a wrong password: status and body."""

    def answer(name):
        reply = site.logging_in(name, site.password())
        return reply, (reply.status, reply.text.replace(name, "NAME"))

    _, usual = answer(site.known().name)
    for name in (site.name(), site.admin_name, site.name()):
        reply, seen = answer(name)
        if seen != usual:
            reply.fail(
                "An unknown username and a wrong password should have the same answer, status and "
                f"body; they have {usual[0]} {usual[1][:120]!r} and {seen[0]} {seen[1][:120]!r}."
            )


@pytest.mark.criterion("login.timing")
def test_an_unknown_name_takes_as_long(site):
    """The fastest of a few: whatever else the machine does makes an answer slower, not faster.

    A busy machine has more tries; by turns with several accounts, so that none is locked.
    """
    known = [site.known(who).name for who in ("ada", "bob", "early", "victim")]
    wrong = unknown = 60.0
    for attempt in range(TRIES):
        pair = [(known[attempt % len(known)], True), (site.name(), False)]
        for name, is_known in pair if attempt % 2 else reversed(pair):
            began = time.perf_counter()
            reply = site.logging_in(name, site.password())
            took = time.perf_counter() - began
            wrong, unknown = (
                (min(wrong, took), unknown) if is_known else (wrong, min(unknown, took))
            )
        if attempt >= FEWEST and wrong - unknown <= max(0.015, 0.6 * wrong):
            return
    reply.fail(
        f"A login with an unknown username is refused within {unknown * 1000:.0f} ms, one with a "
        f"wrong password within {wrong * 1000:.0f} ms: whoever has a clock learns which usernames "
        "exist."
    )


@pytest.mark.criterion("passwords.hashed")
def test_no_password_can_be_read(site, cells, secrets):
    """Neither a password nor an encoding of it stands in any column."""
    person, wrong = site.register(), site.password()
    site.login(person)
    site.logging_in(person.name, wrong)
    site.registering(person.name, wrong)
    stored = cells()
    assert stored, "The MySQL database that the app was given holds no rows at all."
    for password in (person.password, wrong, secrets["ADMIN_PASSWORD"]):
        needles = hashes.readable(password)
        for table, row in stored:
            for column, value in row.items():
                assert not any(needle in value for needle in needles), (
                    f"The column {column} of {table} holds a password, as it is or in an encoding "
                    "that everybody can undo."
                )


@pytest.mark.criterion("passwords.slow")
def test_no_password_has_a_fast_hash(site, cells, secrets):
    """No column holds MD5, SHA or their like of a password, with whatever salt of the row."""
    before = {value for _, row in cells() for value in row.values()}
    password = site.password()
    names = [site.name(), site.name()]
    for name in names:
        site.registering(name, password).expect(range(200, 300))
    peppers = {value.encode() for value in secrets.values()}
    seen = []
    for table, row in cells():
        for value in row.values():
            if said := hashes.cheap(value):
                pytest.fail(f"The table {table} holds a password as {said}.")
        if before.issuperset(row.values()):
            continue
        texts = {value.decode("utf-8", "replace") for value in row.values()}
        kind = hashes.fast(password, row, peppers | {name.encode() for name in names})
        assert not kind, (
            f"The table {table} holds a password as {kind.replace('_', '-')}: a thief tries "
            "billions of passwords in a second. Use a slow hash that is made for passwords."
        )
        if texts & set(names):
            # what others have as well, such as the name of an algorithm, is no salt and no hash
            seen.append({one for one in row.values() if len(one) >= hashes.LONG} - before)
    assert len(seen) < 2 or not seen[0] & seen[1], (
        f"Two users with the same password have the same value in the table {table}: each password "
        "needs a random salt of its own."
    )
