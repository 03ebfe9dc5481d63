"""`persist.*`: what was stored is in the database, and survives."""

import pytest

from grader.exam.app import App
from grader.exam.compose import ComposeFixture
from grader.exam.contract import Contract
from grader.exam.contract.checks import Created
from grader.exam.services.sql_database import SqlDatabase

CONNECTIONS = (
    "Its connections from before are closed: test each before it is used (as pool_pre_ping does), "
    "or open one for each request."
)


def require_in_database(db: SqlDatabase, made: list[Created]) -> None:
    if not all(any(db.find(text) for text in one.texts) for one in made):
        tables = ", ".join(db.tables()) or "no tables at all"
        pytest.fail(
            f"What was stored stands in no text column of the {db.title} database that the app "
            f"was given; it has {tables}. A column holds a value as it was sent: text within JSON "
            "or within a longer text does not count."
        )


@pytest.mark.criterion("persist.recreate")
def test_data_survives_a_new_container(app: App, db: SqlDatabase, contract: Contract) -> None:
    made = contract.create_each()
    require_in_database(db, made)
    app.recreate()
    for one in made:
        contract.check_kept(one, "After the app's container was made again,")


@pytest.mark.criterion("persist.database_restart")
def test_data_survives_a_restart_of_the_database(db: SqlDatabase, contract: Contract) -> None:
    made = contract.create_each()
    require_in_database(db, made)
    db.restart()
    for one in made:
        contract.check_kept(one, f"After {db.title} was restarted,", CONNECTIONS)
    require_in_database(db, made)


@pytest.mark.criterion("persist.down_up")
def test_data_survives_down_and_up(
    compose: ComposeFixture, db: SqlDatabase, contract: Contract
) -> None:
    made = contract.create_each()
    require_in_database(db, made)
    compose.down_up()
    for one in made:
        contract.check_kept(one, "After `docker compose down` (without -v) and `up`,")
    require_in_database(db, made)


@pytest.mark.criterion("persist.kill")
def test_data_survives_that_everything_is_killed(
    compose: ComposeFixture, db: SqlDatabase, contract: Contract
) -> None:
    made = contract.create_each()
    require_in_database(db, made)
    compose.kill()
    for one in made:
        contract.check_kept(one, "After all containers were killed (SIGKILL) and started,")
    require_in_database(db, made)
