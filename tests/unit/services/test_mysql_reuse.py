"""When a MySQL server is lent again."""

from __future__ import annotations

import pymysql
import pytest

from grader.services.base import NotClean
from grader.services.mysql.reuse import OURS, ReusedServer
from tests.unit.services.sql_servers import ADDRESS, a_mysql, of_mysql


def test_an_unchanged_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was made with it, and what each run had, are removed; what counts is read again."""
    driver, server = of_mysql(monkeypatch), a_mysql()
    first = server.access
    lent = ReusedServer(server, ADDRESS)
    assert f"DROP DATABASE IF EXISTS `{first.database}`" in driver.ran
    lent.admit()
    access = server.access
    driver.ran.clear()
    lent.clean()
    assert driver.ran[: len(OURS)] == list(OURS)
    dropped = driver.ran.index(f"DROP DATABASE IF EXISTS `{access.database}`")
    assert dropped < driver.ran.index("FLUSH PRIVILEGES") < driver.ran.index("XA RECOVER")
    lent.admit()
    assert server.access.database != access.database


def test_a_changed_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the part and no value of it."""
    driver, server = of_mysql(monkeypatch), a_mysql()
    lent = ReusedServer(server, ADDRESS)
    lent.admit()
    driver.answers = {"XA RECOVER": [("of-a-student",)]}
    with pytest.raises(NotClean, match="changed its MySQL server: prepared transactions") as said:
        lent.clean()
    assert "of-a-student" not in str(said.value)


def test_one_that_does_not_answer_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    driver, server = of_mysql(monkeypatch), a_mysql()
    lent = ReusedServer(server, ADDRESS)
    driver.answers = {"open": [pymysql.err.OperationalError(2003, "gone")] * 3}
    for step in (lent.admit, lent.clean):
        with pytest.raises(NotClean, match=r"MySQL server could not be made ready.*gone"):
            step()


def test_one_that_refuses_the_new_account_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    driver, server = of_mysql(monkeypatch), a_mysql()
    lent = ReusedServer(server, ADDRESS)
    denied = pymysql.err.OperationalError(1045, "Access denied")
    answers: list[Exception | None] = [None, denied]
    monkeypatch.setattr(driver, "_next", lambda part: answers.pop(0) if part == "open" else None)
    with pytest.raises(NotClean, match="refused an account that the grader has just made"):
        lent.admit()
