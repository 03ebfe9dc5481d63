"""MariaDB: what of it is its own, and what is MySQL's."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from grader.exam.services.mariadb import MariaDatabase
from grader.exam.services.mysql import Database
from grader.service_catalogue import built_in
from grader.services.base import NotClean
from grader.services.mariadb.reuse import ReusedMariaDb
from grader.services.mariadb.server import ADMIN, MariaDb
from grader.services.mariadb.state import OWN_TABLES, RIGHTS, STATEMENTS
from grader.services.mysql.access import MySqlAccess
from grader.testing import FakeApi
from tests.unit.services.sql_servers import ADDRESS, container, of_mysql, placement


def a_mariadb() -> MariaDb:
    access = replace(MySqlAccess.draw(), admin=ADMIN)
    return MariaDb(placement(FakeApi(logs=b"")), container(), access)


def test_it_says_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """To apps, and in sentences."""
    driver, server = of_mysql(monkeypatch), a_mariadb()
    assert server.tenant.values["host"] == "mariadb"
    server.prepare(ADDRESS)
    assert driver.opened[0]["user"] == ADMIN
    assert server.access.admin == ADMIN
    assert server.access.reader is not None
    assert set(server.secrets()) == {"DB_PASSWORD", "MARIADB_ADMIN_PASSWORD", "READER_PASSWORD"}
    driver.answers = {"open": [IndexError("short")]}
    assert "no MariaDB server" in server.attempt(ADDRESS)
    assert (MariaDatabase.product, Database.product) == ("MariaDB", "MySQL")


def test_it_is_lent_again_only_where_its_own_state_is_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    driver, server = of_mysql(monkeypatch), a_mariadb()
    lent = server.reusable(ADDRESS)
    assert isinstance(lent, ReusedMariaDb)
    assert driver.ran[-len(STATEMENTS) :] == list(STATEMENTS.values())
    lent.admit()
    lent.clean()
    driver.answers = {"mysql.`roles_mapping`": [("stranger",)]}
    with pytest.raises(NotClean, match=r"its MariaDB server: mysql\.roles_mapping"):
        lent.clean()


def test_all_that_may_do_something_is_compared() -> None:
    """Accounts, roles, routines, events, functions, plug-ins; and no schema of a student's."""
    assert {"global_priv", "roles_mapping", "proxies_priv"} <= set(RIGHTS)
    assert {"routines", "events", "loaded functions", "plugins"} <= set(OWN_TABLES)
    assert not [one for one in STATEMENTS.values() if "exam" in one]


@pytest.mark.parametrize(
    ("image", "taken"),
    [
        ("mariadb:11.8", True), ("mariadb", True), ("mariadb:10.6", True), ("mariadb:lts", True),
        ("mariadb:10.11.7-jammy", True), ("mariadb:12", True), ("mariadb:10.5", False),
        ("mariadb:5.5", False), ("mysql:8", False), ("mariadb:10.3-focal", False),
    ],
)  # fmt: skip
def test_images_that_are_too_old_are_refused(image: str, taken: bool) -> None:
    pattern = built_in()["mariadb"].options["properties"]["image"]["pattern"]
    assert bool(re.search(pattern, image)) == taken
