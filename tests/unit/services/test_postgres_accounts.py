"""The databases and roles of runs on PostgreSQL: what is asked of the server for them."""

from __future__ import annotations

import pytest

from grader.services.base import Account
from grader.services.postgres.access import ADMIN
from grader.services.postgres.accounts import (
    CONNECTIONS,
    GUEST_CONNECTIONS,
    InvalidPrivileges,
    admit,
    admit_guest,
    admit_writer,
    drop,
    restrict,
)
from grader.services.postgres.connection import connected
from tests.unit.services.sql_servers import ADDRESS, a_postgres, of_postgres


def test_a_run_gets_a_database_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the app comes in, and the reader, who may read and no more."""
    driver, server = of_postgres(monkeypatch), a_postgres()
    old = server.access
    admit(server, ADDRESS)
    access = server.access
    assert access.database != old.database
    assert access.reader is not None
    app, reader = access.app.user, access.reader.user
    ran = driver.ran
    assert f'CREATE DATABASE "{access.database}" TEMPLATE template0' in ran
    assert f'REVOKE ALL ON DATABASE "{access.database}" FROM PUBLIC' in ran
    assert any(one.startswith(f'CREATE ROLE "{app}" LOGIN CONNECTION LIMIT {CONNECTIONS}')
               for one in ran)  # fmt: skip
    assert f'ALTER SCHEMA public OWNER TO "{app}"' in ran
    given = [one for one in ran if reader in one and "GRANT" in one]
    assert f'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO "{reader}"' in given
    assert not [one for one in given if "INSERT" in one or "ALL ON" in one]
    # what gives rights on the app's tables is the app's role
    assert driver.ran.index(f'SET SESSION AUTHORIZATION "{app}"') < ran.index(given[-1])


def test_a_guest_has_a_database_and_fewer_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    driver, server = of_postgres(monkeypatch), a_postgres()
    guest = admit_guest(server, ADDRESS)
    assert server.guest_access == (guest,)
    assert guest.reader is None
    assert any(f"CONNECTION LIMIT {GUEST_CONNECTIONS} " in one for one in driver.ran)


def test_a_writer_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    driver, server = of_postgres(monkeypatch, SELECT_n=[("public",)]), a_postgres()
    writer = admit_writer(server, ADDRESS)
    asked = len(driver.ran)
    assert admit_writer(server, ADDRESS) is writer
    assert len(driver.ran) == asked
    rights = "SELECT, INSERT, UPDATE, DELETE"
    assert f'GRANT {rights} ON ALL TABLES IN SCHEMA "public" TO "{writer.user}"' in driver.ran
    assert not [one for one in driver.ran if "TRUNCATE" in one]


def test_rights_are_taken_and_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    driver, server = of_postgres(monkeypatch, SELECT_n=[("mine",)]), a_postgres()
    user = server.access.app.user
    restrict(server, ADDRESS, ["SELECT"])
    assert f'REVOKE ALL ON ALL TABLES IN SCHEMA "mine" FROM "{user}"' in driver.ran
    assert f'GRANT SELECT ON ALL TABLES IN SCHEMA "mine" TO "{user}"' in driver.ran
    assert not [one for one in driver.ran if "GRANT CREATE" in one or "GRANT ALL" in one]
    restrict(server, ADDRESS, ["ALL"])
    assert f'GRANT CREATE ON SCHEMA "mine" TO "{user}"' in driver.ran


@pytest.mark.parametrize("rights", [[], ["select"], ["SELECT ON x TO y; DROP"], ["ALL", "SELECT"]])
def test_what_is_no_right_is_no_statement(
    monkeypatch: pytest.MonkeyPatch, rights: list[str]
) -> None:
    driver = of_postgres(monkeypatch)
    with pytest.raises(InvalidPrivileges, match="no privileges of PostgreSQL"):
        restrict(a_postgres(), ADDRESS, rights)
    assert driver.ran == []


def test_what_a_run_had_goes_with_its_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody comes in any more before the database goes, which ends its sessions."""
    server = a_postgres()
    access, writer = server.access, Account.draw("writer")
    known = [(access.app.user,), (writer.user,), (ADMIN,)]
    driver = of_postgres(monkeypatch, SELECT_rolname=known)
    with connected(server, ADDRESS) as connection:
        drop(connection, access, also=[writer])
    app = access.app.user
    assert driver.ran[1:] == [
        f'ALTER ROLE "{app}" NOLOGIN', f'ALTER ROLE "{writer.user}" NOLOGIN',
        f'DROP DATABASE IF EXISTS "{access.database}" WITH (FORCE)',
        f'DROP ROLE "{app}"', f'DROP ROLE "{writer.user}"',
    ]  # fmt: skip
