"""MariaDB as a service: when it is ready, what its accounts may do, when it is not used again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pymysql
import pytest

from grader.errors import PlatformError
from grader.exam.services.mysql_session import LIMITS
from grader.model import ServiceSpec
from grader.run.environment.layout import Environment, EnvironmentSpec
from grader.run.environment.pool import EnvironmentPool
from grader.sandbox.engine import Engine
from grader.services.base import Account, NotClean, OutOfTime
from grader.services.mariadb.reuse import ReusedMariaDb
from grader.services.mariadb.server import MariaDb
from grader.services.mariadb.state import STATEMENTS
from grader.services.mysql.accounts import CONNECTIONS, admit_writer, restrict
from grader.services.mysql.app_sessions import count_app_sessions, end_app_sessions
from grader.services.mysql.connection import SECONDS, connected, rows
from grader.services.mysql.observe import Observer, objects
from grader.services.mysql.server import PORT
from grader.services.mysql.state import difference
from tests.docker.pace import slowness

pytestmark = pytest.mark.alone

PLAN = EnvironmentSpec(
    routes=((5000, "app:5000"), (PORT, f"mariadb:{PORT}")),
    services=(ServiceSpec(name="mariadb", image="mariadb:11.8"),),
)
DENIED = {1044, 1045, 1142, 1143, 1227, 1290, 1356, 1370, 1410, 4151}
"""MariaDB's errors for what an account may not do."""
READY_SECONDS = 1.0


def mariadb_of(place: Environment) -> MariaDb:
    """The MariaDB server that the environment has."""
    server = place.service("mariadb").server
    assert isinstance(server, MariaDb)
    return server


def reused(environments: EnvironmentPool, place: Environment) -> ReusedMariaDb:
    (found,) = environments._used[place.gateway.container].servers
    assert isinstance(found, ReusedMariaDb)
    return found


@pytest.fixture
def place(environments: EnvironmentPool) -> Iterator[Environment]:
    taken = environments.take(PLAN)
    yield taken
    environments.give_back(taken, sound=True)


def student(place: Environment) -> Account:
    access = mariadb_of(place).access
    return Account(user=access.user, password=access.password)


def connect(place: Environment, account: Account) -> pymysql.Connection[Any]:
    host, port = place.address(PORT)
    return pymysql.connect(
        host=host, port=port, user=account.user, password=account.password,
        database=mariadb_of(place).access.database, autocommit=True, ssl_disabled=True,
    )  # fmt: skip


def ask(place: Environment, account: Account, *statements: str) -> list[Any]:
    """The last one's rows."""
    with closing(connect(place, account)) as connection:
        return [rows(connection, one) for one in statements][-1]


def number_of(place: Environment, account: Account, statement: str) -> int:
    """MariaDB's error for a statement, 0 where it does as it is told."""
    try:
        ask(place, account, statement)
    except pymysql.err.MySQLError as error:
        return int(error.args[0])
    return 0


TRAP = (
    "CREATE TABLE notes (id INT AUTO_INCREMENT PRIMARY KEY, text TEXT) WITH SYSTEM VERSIONING",
    "INSERT INTO notes (text) VALUES ('kept')",
    "CREATE FUNCTION f() RETURNS TEXT READS SQL DATA SQL SECURITY INVOKER RETURN CURRENT_USER()",
    "CREATE PROCEDURE p() SQL SECURITY INVOKER SELECT 1",
    "CREATE SQL SECURITY INVOKER VIEW peek AS SELECT f() AS t",
    "CREATE TRIGGER t BEFORE INSERT ON notes FOR EACH ROW SET @x = f()",
    "CREATE EVENT e ON SCHEDULE EVERY 1 HOUR DO SELECT 1",
    "CREATE SEQUENCE numbers",
)
FORBIDDEN = (
    "SELECT * FROM peek", "SELECT f()", "CALL p()", "SELECT * FROM mysql.global_priv",
    "SHOW CREATE VIEW peek", "SET GLOBAL max_connect_errors = 77", "SELECT NEXT VALUE FOR numbers",
    "SELECT 1 INTO OUTFILE '/tmp/x'", "CREATE TABLE more (t TEXT)", "DROP TABLE notes",
    "ALTER TABLE notes ADD COLUMN x INT", "CREATE VIEW v AS SELECT 1", "LOCK TABLES notes READ",
    "CREATE TEMPORARY TABLE x (t TEXT)", "CREATE USER x", "CREATE ROLE x", "SHUTDOWN",
    "FLUSH PRIVILEGES", "DROP EVENT e", "INSTALL SONAME 'auth_ed25519'",
    "DELETE HISTORY FROM notes",
)  # fmt: skip
CHANGES = (
    "INSERT INTO notes (text) VALUES ('x')",
    "UPDATE notes SET text = 'y'",
    "DELETE FROM notes",
)
APPS_FORBIDDEN = (
    "SET GLOBAL max_connections = 17", "CREATE USER x", "CREATE ROLE x", "CREATE DATABASE other",
    "SELECT * FROM mysql.global_priv", "SELECT LOAD_FILE('/etc/passwd') FROM mysql.global_priv",
    "SELECT 1 INTO OUTFILE '/tmp/x'", "CREATE FUNCTION f RETURNS INTEGER SONAME 'x.so'",
    "INSTALL SONAME 'auth_ed25519'", "CHANGE MASTER TO MASTER_HOST = 'x'", "SHUTDOWN",
    "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x')", "FLUSH PRIVILEGES",
    "SELECT 1 INTO DUMPFILE '/usr/local/share/grader-mariadb/nothing/x'",
)  # fmt: skip
"""What no app may do, as it concerns others."""


def test_a_killed_server_is_ready_again_at_once_and_keeps_what_was_committed(
    place: Environment,
) -> None:
    """The best of three counts, by what one on this machine gets of its cores."""
    server, address = mariadb_of(place), place.address(PORT)
    ask(place, student(place), *TRAP[:2])
    took = []
    for _ in range(3):
        server.stop()
        assert server.attempt(address)
        began = time.monotonic()
        server.start_again(address, threading.Event())
        took.append(time.monotonic() - began)
    assert min(took) < READY_SECONDS * slowness(), took
    assert ask(place, student(place), "SELECT text FROM notes") == [("kept",)]


def test_the_readers_account_reads_tables_and_nothing_else(place: Environment) -> None:
    """It sees no session but its own, and nothing runs with its rights."""
    reader = mariadb_of(place).access.reader
    assert reader is not None
    ask(place, student(place), *TRAP)
    assert ask(place, reader, "SELECT text FROM notes") == [("kept",)]
    for statement in (*FORBIDDEN, *CHANGES):
        assert number_of(place, reader, statement) in DENIED, statement
    with closing(connect(place, student(place))):
        seen = ask(place, reader, "SELECT user FROM information_schema.processlist")
    assert {user for (user,) in seen} == {reader.user}
    grants = ask(place, reader, "SHOW GRANTS")
    assert sorted(text.partition(" ON ")[0] for (text,) in grants) == [
        "GRANT SELECT", "GRANT USAGE",
    ]  # fmt: skip


def test_the_suites_statements_have_their_time(place: Environment) -> None:
    """The server itself breaks them off; another's lock is not waited for."""
    reader = mariadb_of(place).access.reader
    assert reader is not None
    ask(place, student(place), *TRAP[:2])
    with closing(connect(place, reader)) as connection:
        rows(connection, LIMITS)
        found = rows(connection, "SELECT @@max_statement_time, @@lock_wait_timeout")
        assert [(float(most), int(lock)) for most, lock in found] == [(5.0, 3)]
        rows(connection, "SET SESSION max_statement_time = 0.5")
        with pytest.raises(pymysql.err.OperationalError) as caught:
            rows(connection, "SELECT COUNT(*), SLEEP(60) FROM notes")
        assert caught.value.args[0] == 1969


def test_the_writers_account_changes_rows_and_nothing_else(place: Environment) -> None:
    """A trigger runs with the rights of the student who made it."""
    ask(place, student(place), *TRAP)
    server, address = mariadb_of(place), place.address(PORT)
    writer = admit_writer(server, address)
    assert admit_writer(server, address) is writer
    for statement in FORBIDDEN:
        # who may insert may draw the next number
        allowed = {0} if "NEXT VALUE" in statement else DENIED
        assert number_of(place, writer, statement) in allowed, statement
    for statement in CHANGES:
        assert number_of(place, writer, statement) == 0, statement


def test_an_app_reaches_nothing_but_its_own(place: Environment) -> None:
    """Nor can it take all connections."""
    for statement in APPS_FORBIDDEN:
        assert number_of(place, student(place), statement) != 0, statement
    held: list[pymysql.Connection[Any]] = []
    refusals: list[str] = []
    for _ in range(CONNECTIONS + 3):
        try:
            held.append(connect(place, student(place)))
        except pymysql.err.OperationalError as error:
            refusals.append(str(error))
    reader = mariadb_of(place).access.reader
    assert reader is not None
    assert ask(place, reader, "SELECT 1") == [(1,)]
    assert len(refusals) == 3
    assert all("max_user_connections" in said for said in refusals)
    for one in held:
        one.close()


def test_rights_are_taken_from_an_app_and_given_back(place: Environment) -> None:
    server, address = mariadb_of(place), place.address(PORT)
    restrict(server, address, ["SELECT", "INSERT"])
    assert number_of(place, student(place), "CREATE TABLE t (n INT)") in DENIED
    restrict(server, address, ["ALL"])
    assert number_of(place, student(place), "CREATE TABLE t (n INT)") == 0


def test_objects_are_named_and_not_evaluated(place: Environment) -> None:
    server, address = mariadb_of(place), place.address(PORT)
    ask(place, student(place), *TRAP, "CREATE VIEW slow AS SELECT SLEEP(60) AS t")
    began = time.monotonic()
    found = objects(server, address, server.access.database)
    assert time.monotonic() - began < 2
    assert sorted(found) == sorted([
        ("view", "peek"), ("view", "slow"), ("function", "f"), ("procedure", "p"),
        ("trigger", "t"), ("event", "e"),
    ])  # fmt: skip


def test_statements_and_logins_are_counted(place: Environment) -> None:
    """Those of the app, and not the grader's own."""
    server, address = mariadb_of(place), place.address(PORT)
    assert server.access.reader is not None
    observer = Observer(server, address)
    with closing(connect(place, student(place))) as connection:
        observer.begin_count()
        for _ in range(5):
            rows(connection, "SELECT 1")
        assert observer.end_count() == 5
    observer.begin_logins()
    ask(place, server.access.reader, "SELECT 1")
    ask(place, student(place), "SELECT 1")
    assert observer.end_logins() == [server.access.user]


def test_the_apps_connections_are_counted_and_ended(place: Environment) -> None:
    """None that the app opens afterwards."""
    server, address = mariadb_of(place), place.address(PORT)
    gone = [connect(place, student(place)) for _ in range(3)]
    assert count_app_sessions(server, address) == 3
    assert end_app_sessions(server, address) == 3
    for connection in gone:
        with pytest.raises(pymysql.err.OperationalError):
            rows(connection, "SELECT 1")
    assert count_app_sessions(server, address) == 0


def test_refused_log_ins_are_told(place: Environment) -> None:
    """Those of this run, with whether a password was given."""
    server = mariadb_of(place)
    for password in ("a guess", ""):
        with pytest.raises(pymysql.err.OperationalError):
            connect(place, Account(user=server.access.user, password=password))
    end = time.monotonic() + 10
    while len(server.refusals()) < 2:
        assert time.monotonic() < end, server.log()
        time.sleep(0.02)
    found = [(one.user, one.guessed) for one in server.refusals()]
    assert found == [(server.access.user, True), (server.access.user, False)]


def test_a_run_sees_nothing_of_the_one_before(environments: EnvironmentPool) -> None:
    """No schema, account, session, lock or refusal, on the same server."""
    containers, students = set(), list[Account]()
    for _ in range(3):
        place = environments.take(PLAN)
        server = mariadb_of(place)
        containers.add(server.id)
        mine = server.access.database
        assert server.refusals() == ()
        seen = {name for (name,) in ask(place, student(place), "SHOW DATABASES")}
        assert seen == {"information_schema", mine}
        for old in students:
            assert number_of(place, old, "SELECT 1") == 1045
        ask(place, student(place), *TRAP)
        guest = server.admit_guest(place.address(PORT))
        assert guest.values["database"] != mine
        assert guest.values["host"] == "mariadb"
        left = connect(place, student(place))
        for statement in (
            "LOCK TABLES notes WRITE", "SELECT GET_LOCK('mine', 0)", "SET @left = 'behind'",
        ):  # fmt: skip
            rows(left, statement)
        students += [student(place), Account(user=guest.user, password=guest.values["password"])]
        environments.give_back(place, sound=True)
    assert len(containers) == 1


CHANGED = {
    "mysql.global_priv": (
        "CREATE USER stranger IDENTIFIED BY 'x'", "CREATE ROLE strangers",
        "ALTER USER root@localhost WITH MAX_QUERIES_PER_HOUR 7",
    ),
    "mysql.db": ("GRANT SELECT ON mysql.* TO root@localhost",),
    "mysql.tables_priv": ("GRANT SELECT ON sys.version TO root@localhost",),
    "mysql.columns_priv": ("GRANT SELECT (variable) ON sys.sys_config TO root@localhost",),
    "mysql.procs_priv": ("GRANT EXECUTE ON FUNCTION sys.format_path TO root@localhost",),
    "mysql.proxies_priv": ("INSERT INTO mysql.proxies_priv (Host, User) VALUES ('%', 'root')",),
    "mysql.roles_mapping": (
        "INSERT INTO mysql.roles_mapping (Host, User, Role) VALUES ('%', 'root', 'x')",
    ),
    "routines": ("CREATE FUNCTION sys.f() RETURNS INT DETERMINISTIC RETURN 1",),
    "events": ("CREATE EVENT sys.e ON SCHEDULE EVERY 1 HOUR DO SELECT 1",),
    "loaded functions": ("INSERT INTO mysql.func VALUES ('f', 0, 'x.so', 'function')",),
    "plugins": ("INSERT INTO mysql.plugin VALUES ('p', 'x.so')",),
    "settings": (
        "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x')",
        "INSERT INTO mysql.time_zone_name VALUES ('Mars', 1)",
    ),
    "schemas": ("CREATE DATABASE left_behind",),
    "tables and views": ("CREATE TABLE sys.more (t TEXT)", "CREATE VIEW sys.less AS SELECT 1"),
    "triggers": (
        "CREATE TRIGGER sys.t BEFORE DELETE ON sys.sys_config FOR EACH ROW SET @x = 1",
    ),
    "variables": (
        "SET GLOBAL max_connections = 17", "SET GLOBAL general_log = ON",
        "SET GLOBAL event_scheduler = ON", "SET GLOBAL init_connect = 'SELECT 1'",
    ),
    "replication": ("CHANGE MASTER TO MASTER_HOST = 'x'",),
    "tablespaces": ("CREATE TABLE sys.even_more (t TEXT) ENGINE=InnoDB",),
}  # fmt: skip
"""For each part of the state, an administrator's statements that change it."""


def test_each_change_of_a_server_is_seen(environments: EnvironmentPool) -> None:
    """By the name of the part that differs; and such a server is not lent again."""
    place = environments.take(PLAN)
    server, lent = mariadb_of(place), reused(environments, place)
    unseen = []
    with connected(server, place.address(PORT)) as connection:
        before = lent._state(connection)
        assert difference(before, lent._state(connection)) == ""
        for what, statements in CHANGED.items():
            for statement in statements:
                rows(connection, statement)
                after = lent._state(connection)
                if what not in difference(before, after):
                    unseen.append((what, statement))
                before = after
    assert unseen == []
    with pytest.raises(NotClean, match=r"MariaDB server: .*routines"):
        lent.clean()
    container = server.id
    environments.give_back(place, sound=True)
    another = environments.take(PLAN)
    assert mariadb_of(another).id != container
    environments.give_back(another, sound=True)


def test_every_part_of_the_state_has_such_a_change() -> None:
    """But for what other tests show, and what a server without libraries cannot be made to load."""
    elsewhere = {"general log", "slow log", "loaded plugins", "prepared transactions", "sessions"}
    assert {*STATEMENTS} == {*CHANGED} | elsewhere


def test_a_server_with_a_prepared_transaction_is_not_lent_again(
    environments: EnvironmentPool,
) -> None:
    """It holds its locks for ever; the grader waits for some seconds only."""
    place = environments.take(PLAN)
    ask(
        place, student(place), "CREATE TABLE t (n INT)", "XA START 'x'",
        "INSERT INTO t VALUES (1)", "XA END 'x'", "XA PREPARE 'x'",
    )  # fmt: skip
    began = time.monotonic()
    with pytest.raises(NotClean):
        reused(environments, place).clean()
    assert time.monotonic() - began < 8
    environments.give_back(place, sound=False)


def test_an_app_writes_no_files(engine: Engine, place: Environment) -> None:
    """A table's folder is not the app's to choose, for no kind of table."""
    for kind in ("InnoDB", "Aria", "MyISAM"):
        statement = f"CREATE TABLE t{kind} (n INT) ENGINE={kind} DATA DIRECTORY='/tmp'"
        assert number_of(place, student(place), statement) == 0
    changed = engine.client.api.diff(mariadb_of(place).id)
    assert not [one["Path"] for one in changed if one["Path"].startswith(("/tmp", "/var/tmp"))]
    held = mariadb_of(place).access.database
    assert any(one["Path"].endswith(f"{held}/tInnoDB.ibd") for one in changed)


def test_an_administrators_statement_has_its_time(place: Environment) -> None:
    began = time.monotonic()
    with (
        pytest.raises(PlatformError) as caught,
        connected(mariadb_of(place), place.address(PORT)) as connection,
    ):
        rows(connection, "SELECT SLEEP(60) FROM mysql.global_priv, mysql.global_priv b")
    assert time.monotonic() - began < SECONDS
    assert isinstance(caught.value, OutOfTime)
