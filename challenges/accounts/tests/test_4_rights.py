"""Who may do what: strangers, users, the administrator."""

import pytest

CLAIMS = {"role": "admin", "is_admin": "1", "admin": "true", "isAdmin": "true"}


@pytest.fixture
def expect_forbidden():
    """A function that fails unless a user without the role gets a 403."""

    def check(reply, what):
        if reply.status != 403:
            reply.fail(f"{what} should answer 403 to a user without the role, not {reply.status}.")

    return check


@pytest.mark.criterion("auth.required")
def test_no_page_without_a_session(app, site, refused):
    """GET of each protected page leads to the login, also where the note exists."""
    path, text = site.note(site.known("ada"))
    for page in ("/account", path, "/notes/2147483600", "/admin/users"):
        reply = app.get(page)
        refused(reply, f"GET {page}")
        assert text not in reply.text, f"GET {page} shows a stranger a note."


@pytest.mark.criterion("auth.required")
def test_no_action_without_a_session(app, site, submit, refused, draw):
    """A POST to each protected route leads to the login and changes nothing."""
    ada = site.known("ada")
    path, text = site.note(ada)
    new = site.password()
    actions = {
        "/notes": {"text": draw.sentence()},
        f"{path}/delete": {},
        "/account/password": {"current_password": ada.password, "new_password": new},
        f"/admin/users/{ada.name}/delete": {},
    }
    for action, values in actions.items():
        form = app.session().page("/login").form()
        refused(submit(form, {}, values, to=action), f"POST {action}")
    ada.browser.page(path).expect(text)
    site.login(ada)


@pytest.mark.criterion("roles.admin")
def test_a_user_does_not_see_the_users(site, expect_forbidden):
    """GET /admin/users answers 403 to a user, whatever the page links to."""
    ada, bob = site.known("ada"), site.known("bob")
    reply = ada.browser.get("/admin/users")
    assert bob.name not in reply.text, "GET /admin/users shows the users to one of them."
    expect_forbidden(reply, "GET /admin/users")


@pytest.mark.criterion("roles.admin")
def test_a_user_does_not_delete_users(site, expect_forbidden):
    """A POST as the administrator's page sends it answers 403, and the account stays."""
    victim = site.register()
    action = f"/admin/users/{victim.name}/delete"
    reply = site.act(site.known("ada"), action)
    site.login(victim)
    expect_forbidden(reply, "POST /admin/users/{username}/delete")


@pytest.mark.criterion("roles.claimed")
def test_a_claimed_role_counts_for_nothing(site, expect_forbidden):
    """Not in the form of the registration, in the URL, in a cookie or a header."""
    person = site.login(site.register(extra=CLAIMS))
    expect_forbidden(person.browser.get("/admin/users"), "After extra fields, GET /admin/users")
    reply = person.browser.get("/admin/users", params=CLAIMS)
    expect_forbidden(reply, "GET /admin/users?role=admin")
    for name, value in CLAIMS.items():
        person.browser.cookies.set(name, value)
    reply = person.browser.get("/admin/users")
    expect_forbidden(reply, "With a cookie role=admin, GET /admin/users")


@pytest.mark.criterion("roles.claimed")
def test_a_name_is_no_role(app, site, expect_forbidden):
    """Whoever takes the name admin is no administrator."""
    password = site.password()
    browser = app.session()
    site.registering(browser, "admin", password)
    if site.logging_in(browser, "admin", password).status in (302, 303):
        reply = browser.get("/admin/users")
        expect_forbidden(reply, "To a user who has registered as admin, GET /admin/users")


@pytest.mark.criterion("admin.works")
def test_the_administrator_manages_users(app, site, submit, redirects_to, refused):
    """The list has everybody; a deleted user is signed out, and cannot log in again."""
    admin, ada, gone = site.known("admin"), site.known("ada"), site.member()
    site.note(gone)
    page = admin.browser.page("/admin/users").expect(ada.name).expect(gone.name)
    action = f"/admin/users/{gone.name}/delete"
    reply = submit(page.form(f'form[action$="{action}"]'), {})
    redirects_to(reply, "/admin/users", "POST /admin/users/{username}/delete")
    page = admin.browser.page("/admin/users").expect(ada.name)
    assert gone.name not in page.text, "The list still has the user who was deleted."
    refused(gone.browser.get("/account"), "(after the account was deleted) GET /account")
    site.logging_in(app.session(), gone.name, gone.password).expect(401)
    site.act(admin, action).expect(404)


@pytest.mark.criterion("notes.private")
def test_a_note_is_its_owners(site):
    """The owner reads it, on its page and in the list; nobody else, the administrator neither."""
    ada = site.known("ada")
    path, text = site.note(ada)
    ada.browser.page(path).expect(text)
    ada.browser.page("/account").expect(text)
    for other in (site.known("bob"), site.known("admin")):
        reply = other.browser.get(path)
        assert text not in reply.text, "GET /notes/{id} shows a user the note of another."
        reply.expect(404, 403)
        assert text not in other.browser.page("/account").text, "/account shows notes of others."


@pytest.mark.criterion("notes.private")
def test_a_note_is_deleted_by_its_owner(site, redirects_to):
    """Somebody else gets 404 or 403 and changes nothing; the owner deletes it."""
    ada, bob = site.known("ada"), site.known("bob")
    path, text = site.note(ada)
    kept, other = site.note(ada)
    reply = site.act(bob, f"{path}/delete")
    ada.browser.page(path).expect(text)
    reply.expect(404, 403)
    redirects_to(site.act(ada, f"{path}/delete"), "/account", "Deleting a note")
    ada.browser.get(path).expect(404)
    ada.browser.page(kept).expect(other)
