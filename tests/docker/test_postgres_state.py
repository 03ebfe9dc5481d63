"""PostgreSQL as a service: when it is ready, and what keeps a server from being used again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from grader.model import ServiceSpec
from grader.run.environment.layout import Environment, EnvironmentSpec
from grader.run.environment.pool import EnvironmentPool
from grader.services.base import Account, NotClean
from grader.services.postgres.access import ADMIN, PORT
from grader.services.postgres.app_sessions import count_app_sessions, end_app_sessions
from grader.services.postgres.connection import connected, rows
from grader.services.postgres.reuse import ReusedPostgres
from grader.services.postgres.server import PostgresServer
from grader.services.postgres.state import difference, state
from tests.docker.pace import slowness

pytestmark = pytest.mark.alone

PLAN = EnvironmentSpec(
    routes=((5000, "app:5000"), (PORT, f"postgres:{PORT}")),
    services=(ServiceSpec(name="postgres", image="postgres:17"),),
)
READY_SECONDS = 1.0
DATA = "/usr/local/share/grader-postgres/data"


def postgres_of(place: Environment) -> PostgresServer:
    """The PostgreSQL server that the environment has."""
    server = place.service("postgres").server
    assert isinstance(server, PostgresServer)
    return server


def reused(environments: EnvironmentPool, place: Environment) -> ReusedPostgres:
    (found,) = environments._used[place.gateway.container].servers
    assert isinstance(found, ReusedPostgres)
    return found


@pytest.fixture(scope="module")
def changed_place(environments: EnvironmentPool) -> Iterator[Environment]:
    """One whose server is changed by one test after the other, and never lent again."""
    taken = environments.take(PLAN)
    yield taken
    environments.give_back(taken, sound=False)


def connect(place: Environment, account: Account, database: str = "") -> psycopg.Connection[Any]:
    host, port = place.address(PORT)
    return psycopg.connect(
        host=host, port=port, user=account.user, password=account.password,
        dbname=database or postgres_of(place).access.database, autocommit=True, sslmode="disable",
    )  # fmt: skip


def test_a_killed_server_is_ready_again_at_once_and_keeps_what_was_committed(
    environments: EnvironmentPool,
) -> None:
    """The best of three counts, by what one on this machine gets of its cores."""
    place = environments.take(PLAN)
    server, address = postgres_of(place), place.address(PORT)
    with connect(place, server.access.app) as connection:
        connection.execute("CREATE TABLE notes AS SELECT 'kept' AS text")
    took = []
    for _ in range(3):
        server.stop()
        assert server.attempt(address)
        began = time.monotonic()
        server.start_again(address, threading.Event())
        took.append(time.monotonic() - began)
    assert min(took) < READY_SECONDS * slowness(), took
    with connect(place, server.access.app) as connection:
        assert connection.execute("SELECT text FROM notes").fetchall() == [("kept",)]
    environments.give_back(place, sound=True)


CHANGED: dict[str, tuple[str, tuple[str, ...]]] = {
    "roles": ("pg_authid", ("CREATE ROLE stranger LOGIN SUPERUSER",)),
    "passwords": ("pg_authid", (f"ALTER ROLE {ADMIN} VALID UNTIL '2099-01-01'",)),
    "role settings": ("pg_db_role_setting", (f"ALTER ROLE {ADMIN} SET work_mem = '1MB'",)),
    "granted roles": ("pg_auth_members", ("GRANT pg_monitor TO stranger",)),
    "rights on parameters": (
        "pg_parameter_acl", ("GRANT SET ON PARAMETER log_connections TO stranger",),
    ),
    "ALTER SYSTEM": ("files of settings", ("ALTER SYSTEM SET work_mem = '2MB'",)),
    "databases": ("pg_database", ("CREATE DATABASE left_behind TEMPLATE template0",)),
    "database settings": (
        "pg_db_role_setting", ("ALTER DATABASE left_behind SET work_mem = '1MB'",),
    ),
    "tablespaces": (
        "pg_tablespace",
        ("SET allow_in_place_tablespaces = on", "CREATE TABLESPACE more LOCATION ''"),
    ),
    "extensions": ("pg_extension", ("CREATE EXTENSION hstore",)),
    "functions": ("pg_proc", ("CREATE FUNCTION public.f() RETURNS INT LANGUAGE sql RETURN 1",)),
    "event triggers": (
        "pg_event_trigger",
        (
            "CREATE FUNCTION public.g() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
            "CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION public.g()",
        ),
    ),
    "large objects": ("pg_largeobject_metadata", ("SELECT pg_catalog.lo_create(0)",)),
    "shared comments": ("pg_shdescription", (f"COMMENT ON ROLE {ADMIN} IS 'x'",)),
    "publications": ("pg_publication", ("CREATE PUBLICATION p FOR ALL TABLES",)),
    "subscriptions": (
        "pg_subscription",
        ("CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p WITH (connect = false)",),
    ),
    "servers": (
        "pg_foreign_server",
        ("CREATE FOREIGN DATA WRAPPER w", "CREATE SERVER s FOREIGN DATA WRAPPER w"),
    ),
    "files in the data folder": ("files", (f"COPY (SELECT 1) TO '{DATA}/left'",)),
    "files elsewhere": ("files", ("COPY (SELECT 1) TO '/tmp/left'",)),
    "files of programs": ("files", ("COPY (SELECT 1) TO PROGRAM 'cat >/dev/shm/left'",)),
    "advisory locks": ("locks", ("SELECT pg_catalog.pg_advisory_lock(1)",)),
}  # fmt: skip
"""What is changed: the part of the state that tells it, and an administrator's statements."""
IMPOSSIBLE = {
    "prepared transactions": ("BEGIN", "PREPARE TRANSACTION 'x'"),
    "replication slots": ("SELECT pg_catalog.pg_create_physical_replication_slot('s', true)",),
    "logical slots": ("SELECT pg_catalog.pg_create_logical_replication_slot('s', 'pgoutput')",),
}
"""What no server of the grader's takes, from its administrator either."""


@pytest.mark.parametrize("what", CHANGED)
def test_each_change_of_a_server_is_seen(changed_place: Environment, what: str) -> None:
    """By the name of the part that differs."""
    part, statements = CHANGED[what]
    address = changed_place.address(PORT)
    with connected(postgres_of(changed_place), address) as connection:
        before = state(connection)
        assert difference(before, state(connection)) == ""
        for statement in statements:
            rows(connection, statement)
        assert part in difference(before, state(connection)).split(", ")


@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_some_changes_cannot_be_made_at_all(changed_place: Environment, what: str) -> None:
    """As its settings forbid them, which are compared."""
    address = changed_place.address(PORT)
    with connected(postgres_of(changed_place), address) as connection:
        *before, last = IMPOSSIBLE[what]
        for statement in before:
            rows(connection, statement)
        with pytest.raises(psycopg.Error):
            rows(connection, last)


@pytest.mark.parametrize(
    ("statement", "part"),
    [
        ("ALTER SYSTEM SET work_mem = '2MB'", "files of settings"),
        ("CREATE ROLE stranger", "pg_authid"),
        ("COPY (SELECT 1) TO '/tmp/left'", "files"),
    ],
)
def test_a_server_that_was_changed_is_not_lent_again(
    environments: EnvironmentPool, statement: str, part: str
) -> None:
    place = environments.take(PLAN)
    server = postgres_of(place)
    with connected(server, place.address(PORT)) as connection:
        rows(connection, statement)
    with pytest.raises(NotClean, match=f"PostgreSQL server: .*{part}"):
        reused(environments, place).clean()
    container = server.id
    environments.give_back(place, sound=True)
    another = environments.take(PLAN)
    assert postgres_of(another).id != container
    environments.give_back(another, sound=True)


def test_a_session_left_open_ends_the_servers_use(environments: EnvironmentPool) -> None:
    """The administrator's; an app's own end with its role."""
    place = environments.take(PLAN)
    with (
        connect(place, postgres_of(place).admin, ADMIN),
        pytest.raises(NotClean, match="sessions"),
    ):
        reused(environments, place).clean()
    environments.give_back(place, sound=False)


LEFT = (
    "CREATE TABLE notes (id SERIAL PRIMARY KEY, text TEXT)",
    "CREATE SCHEMA mine", "CREATE FUNCTION f() RETURNS INT LANGUAGE sql AS 'SELECT 1'",
    "SELECT lo_create(0)", "CREATE PUBLICATION p FOR TABLE notes", "LISTEN mine",
    "SELECT pg_advisory_lock(7)", "CREATE TEMPORARY TABLE t (n INT)",
    "COMMENT ON TABLE notes IS 'x'", "ALTER ROLE CURRENT_USER SET work_mem = '1MB'",
    "BEGIN", "LOCK TABLE notes IN ACCESS EXCLUSIVE MODE",
)  # fmt: skip
"""What an app may do with its own database, and leave behind."""
OUT_OF_REACH = (
    "COPY (SELECT 1) TO '/tmp/x'", "COPY (SELECT 1) TO PROGRAM 'true'", "CREATE ROLE x",
    "CREATE DATABASE x", "ALTER SYSTEM SET work_mem = '1MB'", "SELECT pg_read_file('/etc/passwd')",
    "SELECT rolpassword FROM pg_authid", "CREATE TABLESPACE t LOCATION '/tmp'",
    "CREATE EXTENSION dblink",
    "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p", "SELECT lo_export(1, '/tmp/x')",
    "CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION f()",
    "CREATE PUBLICATION all_of_it FOR ALL TABLES", f"COMMENT ON ROLE {ADMIN} IS 'x'",
)  # fmt: skip


def test_an_unchanged_server_is_lent_again_and_holds_nothing_of_before(
    environments: EnvironmentPool,
) -> None:
    """Whatever an app has done with its own, and left open; it can do nothing else."""
    containers, before = set(), list[Account]()
    for _ in range(3):
        place = environments.take(PLAN)
        server = postgres_of(place)
        containers.add(server.id)
        app = server.access.app
        with connect(place, app) as connection:
            tables = "SELECT COUNT(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            assert connection.execute(tables).fetchall() == [(0,)]
            for statement in OUT_OF_REACH:
                with pytest.raises(psycopg.Error):
                    connection.execute(statement)
        for old in before:
            with pytest.raises(psycopg.OperationalError):
                connect(place, old)
        left = connect(place, app)
        for statement in LEFT:
            left.execute(statement)
        before.append(app)
        server.admit_guest(place.address(PORT))
        environments.give_back(place, sound=True)
        left.close()
    assert len(containers) == 1


def test_the_apps_connections_are_counted_and_ended(environments: EnvironmentPool) -> None:
    """None that the app opens afterwards, and not the grader's."""
    place = environments.take(PLAN)
    server, address = postgres_of(place), place.address(PORT)
    gone = [connect(place, server.access.app) for _ in range(3)]
    assert count_app_sessions(server, address) == 3
    assert end_app_sessions(server, address) == 3
    for connection in gone:
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with connect(place, server.access.app):
        assert count_app_sessions(server, address) == 1
    environments.give_back(place, sound=True)
