"""A PostgreSQL server: what it tells, and what its log says of refused log-ins."""

from __future__ import annotations

import psycopg
import pytest

from grader.services.base import NotAnswering, Refusal
from grader.services.postgres import server as module
from grader.services.postgres.access import ADMIN, PostgresAccess
from grader.services.postgres.reuse import ReusedPostgres
from grader.services.postgres.server import Postgres, refusals_in
from grader.testing import reply, serve
from tests.unit.services.sql_servers import (
    ADDRESS,
    OWN,
    a_postgres,
    container,
    of_postgres,
    placement,
)

REFUSED = "2026-01-01 00:00:00.1 UTC/9/1 {} authentication FATAL:  {}"


def test_names_are_drawn_and_told_to_whom_they_are_for() -> None:
    """The app gets its own, the suite the reader's; no password is told twice."""
    server, other = a_postgres(), PostgresAccess.draw(reader=True)
    access = server.access
    assert access.reader is not None
    assert access.database != other.database
    values = server.tenant.values
    assert values == {
        "host": "postgres", "port": "5432", "database": access.database,
        "user": access.app.user, "password": access.app.password,
    }  # fmt: skip
    told = server.told(ADDRESS)
    assert (told["user"], told["account"]) == (access.reader.user, access.app.user)
    assert set(server.secrets().values()) == {
        access.app.password, access.reader.password, server.admin.password,
    }  # fmt: skip


def test_refused_log_ins_are_the_servers_own_lines() -> None:
    lines = [
        REFUSED.format("172.18.0.3", 'password authentication failed for user "ada"'),
        REFUSED.format("172.18.0.3", 'role "bob" does not exist'),
        REFUSED.format("127.0.0.1", 'role "within" does not exist'),
        REFUSED.format(OWN, 'role "health" does not exist'),
        REFUSED.format("172.18.0.3", 'role "forged" does not exist').replace("authent", "SEL"),
    ]
    found = refusals_in(lines)
    assert [one.user for one in found] == ["ada", "bob", "health"]
    assert found[0] == Refusal(user="ada", host="172.18.0.3", guessed=True, line=lines[0])
    server = a_postgres(logs="\n".join(lines).encode())
    assert [one.user for one in server.refusals()] == ["ada", "bob"]
    server.begin(server.access)
    assert server.refusals() == ()


def test_it_is_asked_as_its_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = of_postgres(monkeypatch)
    server = a_postgres()
    assert server.attempt(ADDRESS) == ""
    assert driver.opened[0]["user"] == ADMIN
    assert driver.closed == 1
    of_postgres(monkeypatch, open=[psycopg.OperationalError("starting up")] * 2)
    assert "starting up" in server.attempt(ADDRESS)
    with pytest.raises(NotAnswering, match=r"refused an account.*starting up"):
        server.greet(ADDRESS)


def test_whether_something_is_there_is_known_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ATTEMPT", 0.2)
    server = a_postgres()
    with serve(reply(200)) as address:
        server._address = address
        assert not server.answers()  # it waits for a whole request, and says nothing
    server._address = ADDRESS
    assert not server.answers()


def test_a_new_run_begins_with_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    of_postgres(monkeypatch)
    server = a_postgres()
    guest = server.admit_guest(ADDRESS)
    assert server.guests == (guest,)
    server.prepare(ADDRESS)
    assert not server.guests
    assert server.notes(ADDRESS) == ()
    assert isinstance(server.reusable(ADDRESS), ReusedPostgres)
    assert "writer" in server.operations(ADDRESS, lambda hidden: None)


def test_it_is_made_with_a_password_that_no_other_has(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, str]] = []

    def placed(image: str, environment: dict[str, str], *_: object) -> object:
        asked.append(environment)
        return container()

    monkeypatch.setattr(module, "placed", placed)
    one, other = (Postgres.placed("image", placement()) for _ in range(2))
    assert asked == [
        {"POSTGRES_PASSWORD": one.admin.password}, {"POSTGRES_PASSWORD": other.admin.password},
    ]  # fmt: skip
    assert one.admin.password != other.admin.password
