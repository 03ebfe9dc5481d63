"""The rights of the app's account on MySQL. The last one: it takes rights away for a while."""

import pytest

RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")


@pytest.mark.criterion("db.least_privilege")
def test_it_works_without_the_right_to_change_tables(app, db, site):
    """A new container, whose account reads and writes rows only, has everything of before."""
    ada = site.known("ada")
    path, text = site.note(ada)
    try:
        with db.restricted(*RIGHTS), db.logins() as used:
            app.recreate()
            again = site.login(ada)
            again.browser.page(path).expect(text)
            site.note(site.member())
        strange = sorted(used.users - {db.account})
        assert not strange, f"The app has logged in to MySQL as {strange[0]!r}; use DB_USER."
    except BaseException:
        app.recreate()
        raise
