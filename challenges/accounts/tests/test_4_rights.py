"""Who may do what: strangers, users, the administrator."""

import unicodedata
from urllib.parse import quote

import pytest
from roles import role_changes, run

CLAIMS = {
    "role": "admin", "roles": "admin", "is_admin": "1", "admin": "true", "isAdmin": "true",
    "is_staff": "1", "is_superuser": "1", "superuser": "1", "user_role": "admin", "type": "admin",
    "group": "admin", "level": "9", "permissions": "admin", "access": "admin",
}  # fmt: skip
HEADERS = ("X-Role", "X-Roles", "X-User-Role", "X-Admin", "X-Is-Admin", "Role", "Admin")
IDENTITIES = ("X-User", "X-Username", "X-Forwarded-User", "X-Remote-User", "Remote-User", "X-Auth")
UNKNOWN = "/notes/2147483600"
MANY = 25
"""Users and notes: more than any page of a list that is cut."""


@pytest.fixture
def expect_forbidden():
    """A function that fails unless a user without the role gets a 403."""

    def check(reply, what):
        if reply.status != 403:
            reply.fail(f"{what} should answer 403 to a user without the role, not {reply.status}.")

    return check


@pytest.mark.criterion("auth.required")
def test_no_page_without_a_session(app, site, refused):
    """GET of each protected page leads to the login, whether it exists or not."""
    ada = site.known("ada")
    path, text = site.note(ada)
    pages = (
        "/account", path, UNKNOWN, "/admin/users", f"{path}/delete", "/account/password", "/notes",
        f"/admin/users/{ada.name}/delete",
    )  # fmt: skip
    for page in pages:
        for reply in (app.get(page), app.get(page, headers={"Cookie": "session=x; user=1"})):
            refused(reply, f"GET {page}")
            for private in (text, ada.name):
                shown = reply.text.replace(page, "").replace(quote(page, safe=""), "")
                assert private not in shown, f"GET {page} shows a stranger what only a user sees."
    ada.browser.page(path).expect(text)


@pytest.mark.criterion("auth.required")
def test_no_action_without_a_session(app, site, refused, draw):
    """A POST to each protected route leads to the login and changes nothing."""
    ada = site.member()
    path, text = site.note(ada)
    new, stray = site.password(), draw.sentence()
    claims = {"user_id": "1", "username": ada.name, "user": ada.name}
    change = {"current_password": ada.password, "new_password": new}
    actions = [
        ("/notes", {"text": stray}),
        ("/notes", {"text": stray} | claims),
        (f"{path}/delete", {}),
        (f"{UNKNOWN}/delete", {}),
        ("/account/password", change),
        ("/account/password", change | claims),
        (f"/admin/users/{ada.name}/delete", {}),
        (f"/admin/users/{site.name()}/delete", {}),
    ]
    for action, values in actions:
        refused(site.act_as_stranger(action, values), f"POST {action}")
    for method in ("PUT", "PATCH", "DELETE"):
        refused(app.request(method, path, data={"text": stray}), f"{method} {path}")
    ada.browser.page(path).expect(text)
    assert not site.stored(stray), "A stranger was sent to the login, and the note was saved."
    site.login(ada)


@pytest.mark.criterion("roles.admin")
def test_a_user_does_not_see_the_users(site, expect_forbidden):
    """GET /admin/users answers 403 to a user, whatever the page links to."""
    bob = site.known("bob")
    for person in (site.known("ada"), site.member()):
        reply = person.browser.get("/admin/users")
        assert bob.name not in reply.text, "GET /admin/users shows the users to one of them."
        expect_forbidden(reply, "GET /admin/users")


@pytest.mark.criterion("roles.admin")
def test_a_user_does_not_delete_users(site, expect_forbidden):
    """A POST as the administrator's page sends it answers 403, and every account stays."""
    victim, person = site.register(), site.member()
    for name in (victim.name, person.name, site.name(), site.admin_name()):
        reply = site.act(person, f"/admin/users/{name}/delete")
        expect_forbidden(reply, "POST /admin/users/{username}/delete")
    for method in ("GET", "PUT", "DELETE"):
        person.browser.request(method, f"/admin/users/{victim.name}/delete")
        person.browser.request(method, f"/admin/users/{victim.name}")
    site.login(victim)
    site.login(person)


@pytest.mark.criterion("roles.claimed")
def test_a_role_in_a_form_counts_for_nothing(site, expect_forbidden, draw):
    """Not with the registration, nor with the login, a note or another password."""
    person = site.login(site.register(extra=CLAIMS), CLAIMS)
    expect_forbidden(person.browser.get("/admin/users"), "After extra fields, GET /admin/users")
    site.noting(person, draw.sentence(), CLAIMS)
    expect_forbidden(person.browser.get("/admin/users"), "After a note that claims a role, GET it")
    new = site.password()
    changed = site.changing(person, person.password, new, CLAIMS).status < 400
    expect_forbidden(person.browser.get("/admin/users"), "After a change with claims GET it")
    password = new if changed else person.password
    again = site.login(type(person)(person.name, password, None))
    expect_forbidden(again.browser.get("/admin/users"), "After the next login GET /admin/users")


@pytest.mark.criterion("roles.claimed")
def test_an_address_gives_no_role(site, expect_forbidden):
    """A session may end with another address, as with Flask-Login's strong protection."""
    person = site.member()
    sent = dict.fromkeys(("X-Forwarded-For", "X-Real-IP", "Forwarded"), "127.0.0.1")
    reply = person.browser.get("/admin/users", headers=sent)
    if not reply.location.startswith("/login"):
        expect_forbidden(reply, "With a header X-Forwarded-For: 127.0.0.1, GET /admin/users")


@pytest.mark.criterion("roles.claimed")
def test_a_role_in_a_request_counts_for_nothing(site, expect_forbidden):
    """Not in the URL, in a header, in a field or in a cookie; on the page and on the action."""
    person, victim, chief = site.member(), site.register(), site.admin_name()
    values = ("admin", "1", "true")
    headers = [dict.fromkeys(HEADERS, value) for value in values]
    headers.append(dict.fromkeys(IDENTITIES, chief))
    queries = [CLAIMS, dict.fromkeys(("user", "username", "as", "name"), chief)]
    action = f"/admin/users/{victim.name}/delete"
    # where anybody may do it, that is a matter of roles.admin
    guarded = site.act(person, f"/admin/users/{site.name()}/delete").status == 403
    for params in queries:
        reply = person.browser.get("/admin/users", params=params)
        expect_forbidden(reply, f"GET /admin/users?{next(iter(params))}=…")
        query = "&".join(f"{name}={value}" for name, value in params.items())
        if guarded:
            reply = site.act(person, f"{action}?{query}", params)
            expect_forbidden(reply, "A POST that claims a role in its query and fields")
    for sent in headers:
        name = next(iter(sent))
        reply = person.browser.get("/admin/users", headers=sent)
        expect_forbidden(reply, f"With a header {name}: {sent[name]}, GET /admin/users")
        reply = person.browser.post(action, headers=sent) if guarded else reply
        assert reply.status >= 400, f"With a header {name}: {sent[name]} a user deletes another."
    for value in ("admin", "1", "true", chief):
        for name in (*CLAIMS, "user", "username"):
            if name not in {cookie.name for cookie in site.known("ada").browser.cookies}:
                person.browser.cookies.set(name, value)
        reply = person.browser.get("/admin/users")
        expect_forbidden(reply, f"With a cookie role={value}, GET /admin/users")
    if guarded:
        reply = site.act(person, action)
        expect_forbidden(reply, "With a cookie role=admin, POST /admin/users/{username}/delete")
        site.login(victim)


@pytest.mark.criterion("roles.claimed")
def test_a_name_is_no_role(app, site, expect_forbidden, draw):
    """Whoever takes the name admin, or one like the administrator's, is no administrator."""
    chief = site.admin_name()
    names = ("admin", "administrator", f"admin_{draw.word(5)}", f"{chief[:28]}_2", chief[:-1])
    for name in names:
        password, browser = site.password(), app.session()
        site.registering(browser, name, password)
        if site.logging_in(browser, name, password).status < 400:
            site.names.append(name)
            reply = browser.get("/admin/users")
            expect_forbidden(reply, f"To a user who has registered as {name}, GET /admin/users")


@pytest.mark.criterion("roles.claimed")
def test_the_database_says_who_is_an_administrator(db, site, expect_forbidden):
    """Who loses the role there has lost it with the next request; who gets it there has it."""
    admin, person, other = site.known("admin"), site.member(), site.member()
    admin.browser.get("/admin/users").expect(200)
    changes = role_changes(db, admin.name, person.name, other.name)
    if not changes:
        pytest.fail(
            "The role has to come from the database, and nothing in it tells the administrator "
            f"from other users: no column has one value for {admin.name} and another for everybody "
            "else, and no table has rows for the administrator alone."
        )
    taken, given, undo = zip(*changes, strict=True)
    try:
        run(db, taken)
        reply = admin.browser.get("/admin/users")
        if reply.status != 403:
            reply.fail(
                "The administrator's role was taken away in MySQL, and GET /admin/users still "
                f"answers {reply.status}: read the role from the database with each request."
            )
        run(db, given)
        person.browser.get("/admin/users").expect(200)
        expect_forbidden(other.browser.get("/admin/users"), "GET /admin/users")
    finally:
        run(db, [step for steps in undo for step in steps], flat=True)


@pytest.mark.criterion("admin.works")
def test_the_administrator_sees_every_user(site, has_name):
    """However many there are; each but administrators with a form that deletes."""
    # of one that no other test has tried to make an administrator
    fresh = [site.register().name for _ in range(2)]
    while len(site.names) < MANY:
        site.register()
    admin, names = site.known("admin"), site.names_left()
    page = admin.browser.page("/admin/users")
    for name in names:
        if not has_name(page, name):
            page.fail(
                f"GET /admin/users does not show the username {name}. It has to show every one: "
                f"there are {len(names)} and the administrator's."
            )
    for name in fresh:
        page.form(action=f"/admin/users/{name}/delete", method="POST")
    for form in page.forms:
        if form.sent_to(f"/admin/users/{admin.name}/delete"):
            page.fail("GET /admin/users has a form that deletes the administrator.")


@pytest.mark.criterion("admin.works")
def test_no_administrator_can_be_deleted(db, site):
    """There is no form next to another administrator, whom the database names, either."""
    admin, person, other = (site.known(who) for who in ("admin", "ada", "bob"))
    for _, given, undo in role_changes(db, admin.name, person.name, other.name):
        if not given:
            continue  # there is room for one administrator only
        try:
            run(db, [given])
            page = admin.browser.page("/admin/users")
            page.form(action=f"/admin/users/{other.name}/delete", method="POST")
            for form in page.forms:
                if form.sent_to(f"/admin/users/{person.name}/delete"):
                    page.fail(
                        "Another user was made an administrator in MySQL, and GET /admin/users "
                        "has a form that deletes this one: there is none next to administrators."
                    )
        finally:
            run(db, undo, flat=True)


@pytest.mark.criterion("admin.works")
def test_the_administrator_deletes_a_user(app, site, redirects_to, refused, is_refused):
    """With all notes; the user is signed out, and nobody else is touched."""
    admin, ada, gone = site.known("admin"), site.known("ada"), site.member()
    path, text = site.note(gone)
    kept, other = site.note(ada)
    # where _ is any letter, as with LIKE, it is the name of both
    twin = site.register(name=gone.name.replace("_", "x"))
    action = f"/admin/users/{gone.name}/delete"
    form = admin.browser.page("/admin/users").form(action=action, method="POST")
    redirects_to(form.submit(), "/admin/users", "POST /admin/users/{username}/delete")
    site.names.remove(gone.name)
    page = admin.browser.page("/admin/users").expect(ada.name)
    if twin.name not in page.text:
        page.fail(f"With {gone.name} another user was deleted: {twin.name}.")
    assert gone.name not in page.text, "The list still has the user who was deleted."
    assert not site.stored(text), "The user was deleted, and the notes are still in the database."
    require_signed_out(site, gone, path, refused)
    browser = app.session()
    is_refused(site.logging_in(browser, gone.name, gone.password), browser, "a deleted account")
    site.act(admin, action).expect(404)
    ada.browser.page(kept).expect(other)
    again = site.member(name=gone.name)
    assert text not in again.browser.page("/account").text, "A new account has notes of an old one."
    require_signed_out(site, gone, path, refused)


def require_signed_out(site, gone, path, refused):
    """Fail where the session of somebody who was deleted still does anything."""
    for page in ("/account", path):
        refused(gone.browser.get(page), f"(after the account was deleted) GET {page}")
    home = gone.browser.get("/")
    if home.status >= 500 or gone.name in home.text:
        home.fail("To the session of an account that was deleted GET / should be as to strangers.")
    forms = [one for one in gone.browser.page("/login").forms if one.method == "POST"]
    for action, values in (("/notes", {"text": "x"}), (f"{path}/delete", {})):
        reply = site.send_hidden(gone.browser, forms, action, values)
        refused(reply, f"(after the account was deleted) POST {action}")


@pytest.mark.criterion("admin.works")
def test_a_name_like_another_is_unknown(site):
    """404 for what is not the username to the letter, and everybody stays."""
    admin, ada = site.known("admin"), site.register()
    names = site.names_left()
    other = "".join(chr(0xFEE0 + ord(one)) for one in ada.name)
    assert unicodedata.normalize("NFKC", other) == ada.name
    for name, what in (
        (ada.name.upper(), "in capitals"),
        (f"{ada.name} ", "with a space behind it"),
        (f"{ada.name[0]}\u0301{ada.name[1:]}", "with an accent"),
        (other, "in full-width letters"),
        (ada.name[:-1], "without its last character"),
        (f"{ada.name[:4]}%", "with a wildcard of SQL"),
        (f"{ada.name}' OR '1'='1", "with SQL behind it"),
        (site.name(), "that nobody has"),
    ):
        reply = site.act(admin, f"/admin/users/{quote(name, safe='')}/delete")
        if reply.status != 404:
            reply.fail(f"Deleting a username {what} should answer 404, not {reply.status}.")
    for method in ("GET", "HEAD"):
        reply = admin.browser.request(method, f"/admin/users/{ada.name}/delete")
        assert reply.status >= 400, f"{method} of the path that deletes should be refused."
    page = admin.browser.page("/admin/users")
    for name in names:
        page.expect(name)


@pytest.mark.criterion("notes.private")
def test_a_note_is_its_owners(site):
    """The owner reads it, on its page and in the list; nobody else, the administrator neither."""
    ada = site.known("ada")
    path, text = site.note(ada)
    ada.browser.page(path).expect(text)
    ada.browser.page("/account").expect(text)
    claims = {"user": ada.name, "username": ada.name, "user_id": "1", "owner": ada.name}
    for other in (site.known("bob"), site.known("admin"), site.member()):
        for params in ({}, claims):
            reply = other.browser.get(path, params=params)
            assert text not in reply.text, "GET /notes/{id} shows a user the note of another."
            reply.expect(404, 403)
            seen = other.browser.get("/account", params=params)
            assert text not in seen.text, "/account shows notes of others."
        assert text not in other.browser.get("/").text, "GET / shows notes of others."
    users = site.known("admin").browser.get("/admin/users")
    assert text not in users.text, "/admin/users shows the administrator the notes of users."


@pytest.mark.criterion("notes.private")
def test_a_note_is_deleted_by_its_owner_alone(site, draw):
    """Somebody else, the administrator as well, gets 404 or 403 and changes nothing."""
    ada = site.known("ada")
    path, text = site.note(ada)
    claims = {"user": ada.name, "username": ada.name, "user_id": "1", "owner": ada.name}
    for other in (site.known("bob"), site.known("admin"), site.member()):
        for values in ({}, claims):
            reply = site.act(other, f"{path}/delete", values)
            if ada.browser.get(path).status != 200:
                who = "The administrator" if other is site.known("admin") else "A user"
                reply.fail(
                    f"{who} has deleted the note of another by POST /notes/{{id}}/delete; it "
                    "should answer 404 or 403 and change nothing."
                )
            if reply.status not in {403, 404}:
                reply.fail(f"Deleting another's note should answer 404 or 403, not {reply.status}.")
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            for place in (path, f"{path}/delete"):
                reply = other.browser.request(method, place, data={"text": draw.word()})
                assert text not in reply.text, f"{method} shows a user the note of another."
    ada.browser.page(path).expect(text)


@pytest.mark.criterion("notes.private")
def test_a_note_belongs_to_who_writes_it(site, draw):
    """Whatever fields go along."""
    ada, bob, text = site.known("ada"), site.known("bob"), draw.sentence()
    claims = dict.fromkeys(("user", "username", "owner", "author"), ada.name)
    claims |= {"user_id": "1", "owner_id": "1", "id": "1"}
    reply = site.noting(bob, text, claims)
    for other in (ada, site.known("admin")):
        page = other.browser.get("/account")
        assert text not in page.text, "A note is put among those of somebody else by a field."
    if reply.status < 400:
        bob.browser.page("/account").expect(text)
