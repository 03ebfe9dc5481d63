"""The rights of the app's account on MySQL. The last one: it takes rights away for a while."""

import pytest

RIGHTS = "SELECT, INSERT, UPDATE, DELETE"


def change(db, site, statement):
    """Run a GRANT or REVOKE for the app's account on the database; `{}` stands for both."""
    found = site.account()
    schema = str(found["db"]).replace("`", "``")
    db.rows(statement.format(f"`{schema}`.*") + " '{user}'@'{host}'".format(**found))


@pytest.mark.criterion("db.least_privilege")
def test_it_works_without_the_right_to_change_tables(app, db, site):
    """A new container, whose account reads and writes rows only, has everything of before."""
    ada = site.known("ada")
    path, text = site.note(ada)
    own = site.account()["user"]
    change(db, site, "REVOKE ALL ON {} FROM")
    try:
        change(db, site, f"GRANT {RIGHTS} ON {{}} TO")
        with db.logins() as used:
            app.recreate()
            again = site.login(ada)
            again.browser.page(path).expect(text)
            site.note(site.member())
        strange = sorted(used.users - {own})
        assert not strange, f"The app has logged in to MySQL as {strange[0]!r}; use DB_USER."
    except BaseException:
        change(db, site, "GRANT ALL ON {} TO")
        app.recreate()
        raise
    change(db, site, "GRANT ALL ON {} TO")
