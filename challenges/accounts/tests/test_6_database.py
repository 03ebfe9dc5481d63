"""The rights of the app's account on MySQL. The last one: it takes rights away for a while."""

from contextlib import contextmanager

import pytest
from roles import role_changes, run

RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")


@pytest.mark.criterion("db.least_privilege")
def test_it_works_without_the_right_to_change_tables(app, db, site, redirects_to):
    """A new container, whose account reads and writes rows only, has everything of before."""
    ada, admin, new = site.member(), site.known("admin"), site.password()
    path, text = site.note(ada)
    changed = site.changing(admin, admin.password, new).status < 400
    chief = type(admin)(admin.name, new if changed else admin.password, None)
    try:
        with db.restricted(*RIGHTS), db.logins() as used:
            with role_taken(db, site, admin) as lost:
                app.recreate()
                require_login(app, site, ada, "of a user, as it was before")
                browser = require_login(app, site, chief, "of the administrator, which was changed")
                reply = browser.get("/admin/users")
                if lost and reply.status == 200:
                    reply.fail(
                        "The administrator's role was taken away in MySQL, and a new container of "
                        "the app has given it back: it is given at the first start only."
                    )
            again, chief = site.login(ada), site.login(chief)
            again.browser.page(path).expect(text)
            use_everything(site, again, chief, redirects_to)
        strange = sorted(used.users - {db.account})
        assert not strange, f"The app has logged in to MySQL as {strange[0]!r}; use DB_USER."
    except BaseException:
        app.recreate()
        raise
    if changed:
        site.changing(chief, new, admin.password)


@contextmanager
def role_taken(db, site, admin):
    """Take the role from `admin` in MySQL for a while; gives whether the app has noticed."""
    changes = role_changes(db, admin.name, site.known("ada").name, site.known("bob").name)
    try:
        run(db, [taken for taken, _, _ in changes])
        yield bool(changes) and admin.browser.get("/admin/users").status == 403
    finally:
        for _, _, undo in changes:
            run(db, undo, flat=True)


def require_login(app, site, person, whose):
    """Fail unless the password of before still counts in a new container; gives the browser."""
    browser = app.session()
    reply = site.logging_in(browser, person.name, person.password)
    if reply.status >= 400:
        reply.fail(
            f"In a new container the password {whose}, does not count any more: {reply.status}. "
            "Make tables and the administrator's account at the first start only."
        )
    return browser


def use_everything(site, person, admin, redirects_to):
    """Go through all that changes rows: it takes no other rights."""
    site.note(person)
    path, _ = site.note(person)
    redirects_to(site.act(person, f"{path}/delete"), "/account", "Deleting a note")
    new = site.password()
    reply = site.changing(person, person.password, new)
    redirects_to(reply, "/account", "A change of the password")
    guest = site.member()
    site.note(guest)
    form = admin.browser.page("/admin/users").form(action=f"/admin/users/{guest.name}/delete")
    redirects_to(form.submit(), "/admin/users", "Deleting a user")
    site.names.remove(guest.name)
    redirects_to(site.act(person, "/logout"), "/login", "POST /logout")
