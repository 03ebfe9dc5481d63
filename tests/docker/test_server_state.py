"""The rights of a run's accounts on MySQL, and what keeps a server from being used again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pymysql
import pytest

from grader.errors import PlatformError
from grader.model import ServiceSpec
from grader.run.environment.layout import Environment, EnvironmentSpec
from grader.run.environment.pool import EnvironmentPool
from grader.services.base import Account, NotClean
from grader.services.mysql.access import MySqlAccess
from grader.services.mysql.accounts import CONNECTIONS, InvalidRights, admit_writer, restrict
from grader.services.mysql.app_sessions import count_app_sessions, end_app_sessions
from grader.services.mysql.connection import connected, rows
from grader.services.mysql.observe import Observer, objects
from grader.services.mysql.reuse import ReusedServer
from grader.services.mysql.server import PORT, MySqlServer
from grader.services.mysql.state import STATEMENTS, difference, state

pytestmark = pytest.mark.alone

PLAN = EnvironmentSpec(
    routes=((5000, "app:5000"), (PORT, f"mysql:{PORT}")),
    services=(ServiceSpec(name="mysql", image="mysql:8.4"),),
)
DENIED = {1044, 1045, 1142, 1143, 1227, 1290, 1356, 1370, 1410}
"""MySQL's errors for what an account may not do."""


def mysql_of(place: Environment) -> MySqlServer:
    """The MySQL server that the environment has."""
    server = place.service("mysql").server
    assert isinstance(server, MySqlServer)
    return server


@pytest.fixture(scope="module")
def place(environments: EnvironmentPool) -> Iterator[Environment]:
    taken = environments.take(PLAN)
    yield taken
    environments.give_back(taken, sound=False)


@pytest.fixture(scope="module")
def server(place: Environment) -> MySqlServer:
    return mysql_of(place)


@pytest.fixture(scope="module")
def address(place: Environment) -> tuple[str, int]:
    return place.address(PORT)


@pytest.fixture
def access(server: MySqlServer, address: tuple[str, int]) -> Iterator[MySqlAccess]:
    """A run's, on the module's server, which is the same for all of them."""
    reused = ReusedServer(server, address)
    reused.admit()
    yield server.access
    reused.clean()


def connect(address: tuple[str, int], account: Account, schema: str) -> pymysql.Connection[Any]:
    return pymysql.connect(
        host=address[0], port=address[1], user=account.user, password=account.password,
        database=schema, autocommit=True, ssl_disabled=True,
    )  # fmt: skip


def ask(address: tuple[str, int], account: Account, schema: str, *statements: str) -> list[Any]:
    """The last one's rows."""
    with closing(connect(address, account, schema)) as connection:
        return [rows(connection, one) for one in statements][-1]


def student(access: MySqlAccess) -> Account:
    return Account(user=access.user, password=access.password)


TRAP = (
    "CREATE TABLE notes (id INT AUTO_INCREMENT PRIMARY KEY, text TEXT)",
    "INSERT INTO notes (text) VALUES ('kept')",
    "CREATE FUNCTION f() RETURNS TEXT READS SQL DATA SQL SECURITY INVOKER RETURN CURRENT_USER()",
    "CREATE PROCEDURE p() SQL SECURITY INVOKER SELECT 1",
    "CREATE SQL SECURITY INVOKER VIEW peek AS SELECT f() AS t",
    "CREATE SQL SECURITY INVOKER VIEW users AS SELECT 1 AS t",
    "CREATE TRIGGER t BEFORE INSERT ON notes FOR EACH ROW SET @x = f()",
    "CREATE EVENT e ON SCHEDULE EVERY 1 HOUR DO SELECT 1",
)
FORBIDDEN = (
    "SELECT * FROM peek", "SELECT f()", "CALL p()", "SELECT * FROM mysql.user",
    "SHOW CREATE VIEW peek", "SET GLOBAL max_connect_errors = 77",
    "SET PERSIST max_connect_errors = 77", "SELECT 1 INTO OUTFILE '/tmp/x'",
    "CREATE TABLE more (t TEXT)", "DROP TABLE notes", "ALTER TABLE notes ADD COLUMN x INT",
    "CREATE VIEW v AS SELECT 1", "CREATE TEMPORARY TABLE x (t TEXT)", "LOCK TABLES notes READ",
    "CREATE USER x", "SHUTDOWN", "FLUSH PRIVILEGES", "DROP EVENT e",
)  # fmt: skip
CHANGES = (
    "INSERT INTO notes (text) VALUES ('x')",
    "UPDATE notes SET text = 'y'",
    "DELETE FROM notes",
)


def number_of(address: tuple[str, int], account: Account, schema: str, statement: str) -> int:
    """MySQL's error for a statement, 0 where it does as it is told."""
    try:
        ask(address, account, schema, statement)
    except pymysql.err.MySQLError as error:
        return int(error.args[0])
    return 0


def test_the_readers_account_reads_tables_and_nothing_else(
    address: tuple[str, int], access: MySqlAccess
) -> None:
    """It sees no session but its own, and nothing runs with its rights."""
    assert access.reader is not None
    reader, schema = access.reader, access.database
    ask(address, student(access), schema, *TRAP)
    assert ask(address, reader, schema, "SELECT text FROM notes") == [("kept",)]
    for statement in (*FORBIDDEN, *CHANGES):
        assert number_of(address, reader, schema, statement) in DENIED, statement
    with closing(connect(address, student(access), schema)):
        seen = ask(address, reader, schema, "SELECT user FROM information_schema.processlist")
    assert {user for (user,) in seen} == {reader.user}
    grants = ask(address, reader, schema, "SHOW GRANTS")
    assert sorted(text.partition(" ON ")[0] for (text,) in grants) == [
        "GRANT SELECT",
        "GRANT USAGE",
    ]


def test_the_writers_account_changes_rows_and_nothing_else(
    server: MySqlServer, address: tuple[str, int], access: MySqlAccess
) -> None:
    """A trigger runs with the rights of the student who made it."""
    schema = access.database
    ask(address, student(access), schema, *TRAP)
    writer = admit_writer(server, address)
    assert admit_writer(server, address) is writer
    for statement in FORBIDDEN:
        assert number_of(address, writer, schema, statement) in DENIED, statement
    for statement in CHANGES:
        assert number_of(address, writer, schema, statement) == 0, statement


def test_an_app_cannot_take_all_connections(address: tuple[str, int], access: MySqlAccess) -> None:
    """The grader's accounts still come in."""
    assert access.reader is not None
    held: list[pymysql.Connection[Any]] = []
    refusals = []
    for _ in range(151):
        try:
            held.append(connect(address, student(access), access.database))
        except pymysql.err.OperationalError as error:
            refusals.append(str(error))
    assert len(refusals) >= 151 - CONNECTIONS
    assert all("max_user_connections" in said for said in refusals)
    assert ask(address, access.reader, access.database, "SELECT 1") == [(1,)]
    for one in held:
        one.close()


def test_rights_are_taken_from_an_app_and_given_back(
    server: MySqlServer, address: tuple[str, int], access: MySqlAccess
) -> None:
    """From its next connection on; what is no right is no statement either."""
    app, create = student(access), "CREATE TABLE t (n INT)"
    restrict(server, address, ["SELECT", "INSERT"])
    assert number_of(address, app, access.database, create) in DENIED
    restrict(server, address, ["ALL"])
    assert number_of(address, app, access.database, create) == 0
    for wrong in ([], ["SELECT ON *.* TO x; DROP"], ["select"]):
        with pytest.raises(InvalidRights, match="privileges"):
            restrict(server, address, wrong)


def test_objects_are_named_and_not_evaluated(
    server: MySqlServer, address: tuple[str, int], access: MySqlAccess
) -> None:
    ask(address, student(access), access.database, *TRAP)
    ask(address, student(access), access.database, "CREATE VIEW slow AS SELECT SLEEP(60) AS t")
    began = time.monotonic()
    found = objects(server, address, access.database)
    assert time.monotonic() - began < 2
    assert sorted(found) == sorted([
        ("view", "peek"), ("view", "slow"), ("view", "users"), ("function", "f"),
        ("procedure", "p"), ("trigger", "t"), ("event", "e"),
    ])  # fmt: skip


def test_statements_and_logins_are_counted(
    server: MySqlServer, address: tuple[str, int], access: MySqlAccess
) -> None:
    """Those of the app, and not the grader's own."""
    assert access.reader is not None
    observer = Observer(server, address)
    with closing(connect(address, student(access), access.database)) as connection:
        observer.begin_count()
        for _ in range(5):
            rows(connection, "SELECT 1")
        assert observer.end_count() == 5
    observer.begin_logins()
    ask(address, access.reader, access.database, "SELECT 1")
    ask(address, student(access), access.database, "SELECT 1")
    assert observer.end_logins() == [access.user]


def test_the_apps_connections_are_counted_and_ended(
    server: MySqlServer, address: tuple[str, int], access: MySqlAccess
) -> None:
    """No other account's, and none that the app opens afterwards."""
    assert access.reader is not None
    gone = [connect(address, student(access), access.database) for _ in range(3)]
    with closing(connect(address, access.reader, access.database)) as reading:
        assert count_app_sessions(server, address) == 3
        assert end_app_sessions(server, address) == 3
        assert rows(reading, "SELECT 1") == [(1,)]
    for connection in gone:
        with pytest.raises(pymysql.err.OperationalError):
            rows(connection, "SELECT 1")
    with closing(connect(address, student(access), access.database)):
        assert count_app_sessions(server, address) == 1


CHANGED = {
    "mysql.user": ("CREATE USER stranger IDENTIFIED BY 'x'", "ALTER USER root@'%' COMMENT 'x'"),
    "mysql.db": ("GRANT SELECT ON mysql.* TO root@'%'",),
    "mysql.tables_priv": ("GRANT SELECT ON sys.version TO root@'%'",),
    "mysql.columns_priv": ("GRANT SELECT (variable) ON sys.sys_config TO root@'%'",),
    "mysql.procs_priv": ("GRANT EXECUTE ON FUNCTION sys.format_path TO root@'%'",),
    "mysql.proxies_priv": (
        "INSERT INTO mysql.proxies_priv (Host, User) VALUES ('%', 'root')",
    ),
    "mysql.global_grants": (
        "INSERT INTO mysql.global_grants VALUES ('mysql.sys', 'localhost', 'X', 'N')",
    ),
    "mysql.role_edges": ("GRANT 'mysql.sys'@localhost TO root@'%'",),
    "mysql.default_roles": (
        "INSERT INTO mysql.default_roles VALUES ('%', 'root', 'localhost', 'mysql.sys')",
    ),
    "mysql.password_history": (
        "INSERT INTO mysql.password_history (host, user, password) VALUES ('%', 'root', 'x')",
    ),
    "settings": (
        "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x')",
        "INSERT INTO mysql.func VALUES ('f', 0, 'x.so', 'function')",
        "INSERT INTO mysql.time_zone_name VALUES ('Mars', 1)",
        "UPDATE mysql.server_cost SET cost_value = 7 WHERE cost_name = 'row_evaluate_cost'",
        "CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'x'",
    ),
    "schemas": ("CREATE DATABASE left_behind",),
    "tables and views": ("CREATE TABLE sys.more (t TEXT)", "CREATE VIEW sys.more AS SELECT 1"),
    "routines": ("CREATE FUNCTION sys.f() RETURNS INT DETERMINISTIC RETURN 1",),
    "triggers": (
        "CREATE TRIGGER sys.t BEFORE DELETE ON sys.sys_config FOR EACH ROW SET @x = 1",
    ),
    "events": ("CREATE EVENT sys.e ON SCHEDULE EVERY 1 HOUR DO SELECT 1",),
    "variables": ("SET GLOBAL max_connections = 17",),
    "persisted variables": ("SET PERSIST_ONLY max_connections = 17",),
    "plugins": ("INSTALL PLUGIN clone SONAME 'mysql_clone.so'", "UNINSTALL PLUGIN ngram"),
    "resource groups": ("CREATE RESOURCE GROUP mine TYPE = USER",),
    "tablespaces": ("CREATE TABLESPACE big ADD DATAFILE 'big.ibd'",),
    "redo log": ("ALTER INSTANCE DISABLE INNODB REDO_LOG",),
}  # fmt: skip
"""For each part of the state, statements of an administrator's that change it."""


@pytest.mark.parametrize("what", CHANGED)
def test_each_change_of_a_server_is_seen(
    environments: EnvironmentPool, server: MySqlServer, address: tuple[str, int], what: str
) -> None:
    """By the name of the part that differs; all statements that MySQL takes are tried."""
    seen = []
    with connected(server, address) as connection:
        before = state(connection)
        for statement in CHANGED[what]:
            try:
                rows(connection, statement)
            except pymysql.err.MySQLError:
                continue
            after = state(connection)
            seen.append(what in difference(before, after))
            before = after
    assert seen, "MySQL has taken none of the statements."
    assert all(seen)


def test_every_part_of_the_state_has_such_a_change() -> None:
    """But for what other tests show, and what a server without libraries cannot be made to load."""
    elsewhere = {
        "general log", "slow log", "loaded functions", "replication filters",
        "prepared transactions", "sessions",
    }  # fmt: skip
    assert {*STATEMENTS} == {*CHANGED} | elsewhere


def test_rights_that_are_held_in_memory_alone_are_gone(environments: EnvironmentPool) -> None:
    """What a server has read from its tables, which were then put back, counts no more."""
    place = environments.take(PLAN)
    address = place.address(PORT)
    with connected(mysql_of(place), address) as connection:
        for statement in (
            "INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('%', '%', '', 'Y')",
            "FLUSH PRIVILEGES",
            "DELETE FROM mysql.db WHERE User = ''",
        ):
            rows(connection, statement)
    ReusedServer.clean(_reused(environments, place))
    with connected(mysql_of(place), address) as connection:
        rows(connection, "CREATE USER somebody IDENTIFIED BY 'x'")
    nobody = Account(user="somebody", password="x")
    assert number_of(address, nobody, "mysql", "SELECT 1") in DENIED
    environments.give_back(place, sound=False)


def _reused(environments: EnvironmentPool, place: Environment) -> ReusedServer:
    (found,) = environments._used[place.gateway.container].servers
    assert isinstance(found, ReusedServer)
    return found


def test_what_an_app_has_left_running_is_ended_in_time(environments: EnvironmentPool) -> None:
    """Sessions, events that wait, locks of tables; the server is used again."""
    place = environments.take(PLAN)
    access, address = mysql_of(place).access, place.address(PORT)
    left = connect(address, student(access), access.database)
    for statement in (
        "CREATE TABLE notes (text TEXT)",
        "CREATE EVENT nap ON SCHEDULE EVERY 1 SECOND DO SELECT SLEEP(600) FROM notes",
        "LOCK TABLES notes WRITE",
    ):
        rows(left, statement)
    began = time.monotonic()
    _reused(environments, place).clean()
    assert time.monotonic() - began < 4
    _reused(environments, place).admit()
    environments.give_back(place, sound=True)


def test_a_server_that_cannot_be_cleaned_is_told(environments: EnvironmentPool) -> None:
    """A prepared transaction holds its locks for ever; the grader waits for some seconds only."""
    place = environments.take(PLAN)
    access, address = mysql_of(place).access, place.address(PORT)
    ask(
        address, student(access), access.database,
        "CREATE TABLE t (n INT)", "XA START 'x'", "INSERT INTO t VALUES (1)", "XA END 'x'",
        "XA PREPARE 'x'",
    )  # fmt: skip
    began = time.monotonic()
    with pytest.raises(NotClean):
        _reused(environments, place).clean()
    assert time.monotonic() - began < 8
    environments.give_back(place, sound=False)


def test_an_administrators_statement_has_its_time(
    server: MySqlServer, address: tuple[str, int]
) -> None:
    began = time.monotonic()
    with pytest.raises(PlatformError), connected(server, address) as connection:
        rows(connection, "SELECT SLEEP(60) FROM mysql.user, mysql.user b")
    assert time.monotonic() - began < 12
