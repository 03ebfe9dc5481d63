"""`persist.*`: what was stored is in MySQL, and survives."""

import pytest


def require_in_mysql(db, made):
    if not any(db.find(text) for text in made.texts):
        tables = ", ".join(db.tables()) or "no tables at all"
        pytest.fail(
            f"What was stored is not in the MySQL database that the app was given; it has {tables}."
        )


@pytest.mark.criterion("persist.recreate")
def test_data_survives_a_new_container(app, db, contract):
    made = contract.create()
    require_in_mysql(db, made)
    app.recreate()
    contract.check_kept(made, "After the app's container was made anew,")


@pytest.mark.criterion("persist.database_restart")
def test_data_survives_a_restart_of_mysql(db, contract):
    made = contract.create()
    require_in_mysql(db, made)
    db.restart()
    contract.check_kept(made, "After MySQL was restarted,")
    require_in_mysql(db, made)
