"""The `db` fixture, with sessions that answer as they are told in the place of MySQL's."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import Any

import pymysql
import pytest

from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.services import mysql_session as mysql
from grader.exam.services import sql_limits
from grader.exam.services.mysql import Database
from grader.exam.services.mysql_session import Session
from grader.exam.services.sql_limits import Clock

ACCESS = {
    "host": "127.0.0.1", "port": 1, "user": "reader", "password": "x", "database": "exam",
    "account": "student", "own": False,
}  # fmt: skip


class Cursor:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[dict[str, Any]] = []
        self.lastrowid = 7

    def execute(self, sql: str, args: Sequence[Any] | None) -> None:
        self._connection.ran.append(
            (self._connection.user, sql if args is None else sql % tuple(args))
        )
        answer = self._connection.answer(self._connection.ran[-1][1])
        if isinstance(answer, Exception):
            raise answer
        self._rows = list(answer)

    def fetchone(self) -> dict[str, Any] | None:
        return self._rows.pop(0) if self._rows else None

    def close(self) -> None:
        self._rows = []


class Connection:
    """What `open_mysql` would give."""

    def __init__(self, user: str, ran: list[tuple[str, str]], answer: Any) -> None:
        self.user, self.ran, self.answer, self.closed = user, ran, answer, False
        self._result = None

    def cursor(self) -> Cursor:
        return Cursor(self)

    def close(self) -> None:
        self.closed = True


class Server:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ran: list[tuple[str, str]] = []
        self.answers: dict[str, Any] = {}
        self.connections: list[Connection] = []
        monkeypatch.setattr("grader.exam.services.mysql_session.open_mysql", self._connect)

    def _connect(self, address: tuple[str, int], **options: Any) -> Connection:
        assert "max_execution_time" in options["init_command"]
        assert "lock_wait_timeout" in options["init_command"]
        made = Connection(options["user"], self.ran, self._answer)
        self.connections.append(made)
        return made

    def _answer(self, sql: str) -> Any:
        found = [answer for part, answer in self.answers.items() if part in sql]
        answer = found[0] if found else []
        return answer.pop(0) if answer and isinstance(answer[0], list | Exception) else answer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    return Server(monkeypatch)


def call(name: str, **arguments: Any) -> Any:
    if name == "db.require_running":
        return None
    assert name == "db.writer"
    return {"user": "writer", "password": "y"}


def test_rows_are_read_and_changed_with_accounts_of_their_own(server: Server) -> None:
    """The writing one is asked for when it is first needed."""
    db = Database(call, ACCESS)
    db.rows("SELECT 1")
    assert db.write("INSERT INTO t VALUES (%s)", ["x"]) == 7
    db.rows("DELETE FROM t")
    db.value("SELECT LAST_INSERT_ID()")
    db.rows("SELECT 2")
    assert [user for user, _ in server.ran] == ["reader", "writer", "writer", "writer", "reader"]


def test_only_columns_of_tables_are_looked_through(server: Server) -> None:
    """One query for each table, whatever its columns are called."""
    server.answers = {
        "information_schema.tables": [{"t": "%s"}, {"t": "other"}],
        "information_schema.columns": [
            {"t": "%s", "c": "a%d", "k": "text"},
            {"t": "%s", "c": "n", "k": "int"},
            {"t": "a_view", "c": "t", "k": "text"},
            {"t": "other", "c": "t", "k": "varchar"},
        ],
        "FROM `%s`": [{"c0": 1}],
        "FROM `other`": [{"c0": None}],
    }
    assert Database(call, ACCESS).find("x") == [("%s", "a%d")]
    assert not any("a_view" in sql for _, sql in server.ran)


@pytest.mark.parametrize("number", [1205, 1317, 1969, 3024])
def test_what_runs_out_of_time_is_the_students_loss(server: Server, number: int) -> None:
    server.answers = {"SELECT": [pymysql.err.OperationalError(number, "…")]}
    with pytest.raises(Mismatch, match="longer than it may"):
        Database(call, ACCESS).rows("SELECT 1")


def test_a_statement_that_is_never_answered_is_the_students_loss(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver says of it that the connection was lost; it is not tried again."""
    monkeypatch.setattr(mysql, "STATEMENT_SECONDS", -1)
    server.answers = {"SELECT": [pymysql.err.OperationalError(2013, "timed out"), []]}
    with pytest.raises(Mismatch, match="longer than it may"):
        Database(call, ACCESS).rows("SELECT 1")


def test_a_lost_connection_is_opened_once_more(server: Server) -> None:
    """Then it is the platform that failed; with Compose it is the student's own server."""
    lost = pymysql.err.OperationalError(2006, "gone")
    server.answers = {"SELECT": [lost, [{"n": 1}]]}
    assert Database(call, ACCESS).rows("SELECT 1") == [{"n": 1}]
    server.answers = {"SELECT": [lost, lost]}
    with pytest.raises(PlatformFault):
        Database(call, ACCESS).rows("SELECT 1")

    def ended(name: str, **arguments: Any) -> Any:
        assert name == "db.require_running"
        raise Mismatch("memory")  # noqa: EM101

    server.answers = {"SELECT": [lost, lost]}
    with pytest.raises(Mismatch, match="memory"):
        Database(ended, ACCESS).rows("SELECT 1")
    server.answers = {"SELECT": [lost, lost]}
    with pytest.raises(Mismatch, match="Compose"):
        Database(call, {**ACCESS, "own": True}).rows("SELECT 1")


def test_all_statements_of_a_test_have_one_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = Database(call, ACCESS)
    monkeypatch.setattr(sql_limits, "TEST_SECONDS", -1)
    with pytest.raises(Mismatch, match="longer than it may"):
        db.rows("SELECT 1")
    monkeypatch.setattr(sql_limits, "TEST_SECONDS", 15)
    db.begin_test()
    db.rows("SELECT 1")
    assert db.waited > 0


@pytest.mark.slow
@pytest.mark.parametrize("rows", [[{"t": "x" * 600}] * 3, [{"n": 1}] * 6])
def test_an_answer_is_read_up_to_a_size(
    server: Server, monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, Any]]
) -> None:
    """In bytes and in rows; the connection, on which the rest waits, is closed."""
    monkeypatch.setattr(mysql, "MOST_BYTES", 1500)
    monkeypatch.setattr(mysql, "MOST_ROWS", 5)
    server.answers = {"SELECT": rows}
    session = Session(ACCESS, Clock())
    with pytest.raises(Mismatch, match="more than the grader reads"):
        session.run("SELECT * FROM t")
    assert not session.open
    assert server.connections[0].closed
    gc.collect()  # nothing is read on it any more
