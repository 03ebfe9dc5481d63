"""The `db` fixture on PostgreSQL, with a connection that answers as it is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Self

import psycopg
import pytest

from grader.deadline.postgres import RanOut
from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.services import postgres_session as module
from grader.exam.services.postgres import PostgresDatabase, quoted
from grader.exam.services.postgres_session import PostgresSession, refusal
from grader.exam.services.sql_limits import Clock, Lost

TOLD = {
    "host": "127.0.0.1", "port": 1, "user": "reader", "password": "x", "database": "exam",
    "account": "student", "title": "PostgreSQL",
}  # fmt: skip


class Connection:
    """What `open_postgres` would give; it is its own cursor."""

    def __init__(self, server: Server, options: dict[str, Any]) -> None:
        self._server = server
        self.options = options
        self.closed = False
        self.description: object = True
        self._rows: list[Any] = []

    def begin(self, seconds: float, most: int) -> None:
        assert 0 < seconds < 10
        assert most > 0

    def abort(self) -> None:
        self.closed = True

    def cursor(self, **_: object) -> Connection:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, sql: str, args: Sequence[Any] | None = None) -> Connection:
        self._rows = self._server.answer(self, sql, args)
        return self

    def stream(self, sql: str, args: Sequence[Any] | None, *, size: int) -> Iterator[Any]:
        assert size == module.CHUNK
        yield from self._server.answer(self, sql, args)

    def fetchall(self) -> list[Any]:
        return self._rows

    def fetchone(self) -> Any:
        return self._rows[0] if self._rows else None


class Server:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: dict[str, Any] = {}
        self.ran: list[tuple[str, str]] = []
        self.connections: list[Connection] = []
        monkeypatch.setattr(module, "open_postgres", self._open)

    def _open(self, address: tuple[str, int], **options: Any) -> Connection:
        assert options["search_path"] == "pg_catalog"
        assert options["statement_timeout"] > options["lock_timeout"] > 0
        found = self.answers.get("open")
        if found:
            raise found.pop(0)
        self.connections.append(Connection(self, options))
        return self.connections[-1]

    def answer(self, connection: Connection, sql: str, args: Sequence[Any] | None) -> list[Any]:
        text = sql % tuple(map(repr, args)) if args else sql
        self.ran.append((connection.options["user"], text))
        part = next((one for one in self.answers if one in text), None)
        answer = self.answers[part] if part else []
        if isinstance(answer, list) and answer and isinstance(answer[0], Exception | list):
            answer = answer.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return list(answer)

    def texts(self, user: str = "reader") -> list[str]:
        return [text for who, text in self.ran if who == user]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    return Server(monkeypatch)


def call(name: str, **arguments: Any) -> Any:
    return {"user": "writer", "password": "y"} if name == "db.writer" else None


def test_what_reads_changes_nothing(server: Server) -> None:
    """It is rolled back, so that what a routine has set goes with it."""
    server.answers = {"FROM notes": [{"text": "kept"}]}
    db = PostgresDatabase(call, TOLD)
    assert db.rows("SELECT text FROM notes") == [{"text": "kept"}]
    began, asked, ended = server.texts()
    assert began.startswith("BEGIN READ ONLY; SELECT pg_catalog.set_config('search_path'")
    assert (asked, ended) == ("SELECT text FROM notes", "ROLLBACK")
    assert db.name == "exam"


def test_what_writes_does_so_with_another_account(server: Server) -> None:
    """The number of a new row is asked for within the same transaction."""
    server.answers = {"lastval": [(12,)]}
    db = PostgresDatabase(call, TOLD)
    assert db.write("INSERT INTO notes (text) VALUES (%s)", ["x"]) == 12
    assert server.texts() == []
    ran = server.texts("writer")
    assert ran[0].startswith("BEGIN; DISCARD SEQUENCES")
    assert ran[-1] == "COMMIT"
    server.answers = {"lastval": psycopg.errors.ObjectNotInPrerequisiteState("none yet")}
    assert db.write("DELETE FROM notes") == 0
    assert server.texts("writer")[-2:] == ["ROLLBACK TO SAVEPOINT before_number", "COMMIT"]


TABLES = [{"s": "public", "t": "notes"}, {"s": "sales", "t": 'or"ders'}]
COLUMNS = [
    {"s": "public", "t": "notes", "c": "id", "texts": False},
    {"s": "public", "t": "notes", "c": "a%d", "texts": True},
    {"s": "sales", "t": 'or"ders', "c": "t", "texts": True},
]


def test_tables_of_other_schemas_are_named_after_them(server: Server) -> None:
    server.answers = {"a.attname": COLUMNS, "c.relname::text AS t": TABLES}
    db = PostgresDatabase(call, TOLD)
    assert db.tables() == ["notes", 'sales.or"ders']
    server.answers['FROM "sales"."or""ders"'] = [{"v": 1, "t": "x"}]
    assert db.column('sales.or"ders', "t") == [1]
    assert db.records('sales.or"ders') == [{"v": 1, "t": "x"}]
    assert db.records("nothing") == []
    assert quoted('a"b') == '"a""b"'


def test_a_text_is_looked_for_in_texts_alone(server: Server) -> None:
    """Names with a percent sign stand for themselves; no name of the student's is called."""
    server.answers = {
        "a.attname": COLUMNS, '"public"."notes"': [{"c0": True}], '"sales"': [{"c0": None}],
    }  # fmt: skip
    db = PostgresDatabase(call, TOLD)
    assert db.find("kept") == [("notes", "a%d")]
    assert db.find("no\0such") == []
    looked = [text for text in server.texts() if "bool_or" in text]
    assert '"a%d"' in looked[0]
    assert all("OPERATOR(pg_catalog.=)" in text for text in looked)
    begun = server.texts()[server.texts().index(looked[0]) - 1]
    assert begun == "BEGIN READ ONLY"  # nothing of the student's is on the path


@pytest.mark.parametrize(
    "error",
    [
        psycopg.errors.QueryCanceled("broken off"), psycopg.errors.LockNotAvailable("a lock"),
        RanOut("the conversation's time is up"),
    ],
)  # fmt: skip
def test_what_runs_out_of_time_is_the_students_loss(server: Server, error: Exception) -> None:
    server.answers = {"FROM notes": error}
    with pytest.raises(Mismatch, match="longer than it may"):
        PostgresDatabase(call, TOLD).rows("SELECT 1 FROM notes")
    assert server.connections[0].closed


def test_an_answer_has_a_size(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 2)
    server.answers = {"FROM notes": [{"n": 1}] * 3}
    with pytest.raises(Mismatch, match="more than the grader reads"):
        PostgresDatabase(call, TOLD).rows("SELECT n FROM notes")
    monkeypatch.setattr(module, "MOST_BYTES", 3)
    server.answers = {"FROM notes": [{"n": "four"}]}
    with pytest.raises(Mismatch, match="more than the grader reads"):
        PostgresDatabase(call, TOLD).rows("SELECT n FROM notes")


def test_a_statement_that_is_refused_is_the_students_loss(server: Server) -> None:
    server.answers = {"FROM notes": psycopg.errors.UndefinedTable('relation "notes" …')}
    with pytest.raises(Mismatch, match=r'PostgreSQL refused .*relation "notes"'):
        PostgresDatabase(call, TOLD).rows("SELECT 1 FROM notes")
    ended = psycopg.errors.AdminShutdown("terminating connection")
    assert "ended the grader's session" in str(refusal(ended))


def test_what_has_no_rows_gives_none(server: Server) -> None:
    server.answers = {"SET": psycopg.ProgrammingError("the last operation didn't produce a result")}
    assert PostgresDatabase(call, TOLD).rows("SET work_mem = 64") == []
    server.answers = {"SET": psycopg.ProgrammingError("something else")}
    with pytest.raises(Mismatch):
        PostgresDatabase(call, TOLD).rows("SET work_mem = 64")


def test_what_cannot_be_read_is_the_students_loss(server: Server) -> None:
    server.answers = {"FROM notes": ValueError("year 294276 is out of range")}
    with pytest.raises(Mismatch, match="holds what the grader cannot read"):
        PostgresDatabase(call, TOLD).rows("SELECT 1 FROM notes")


def test_a_lost_connection_is_opened_once_more(server: Server) -> None:
    """Then it is whose fault the grader says it is."""
    gone = psycopg.OperationalError("connection refused")
    server.answers = {"open": [gone], "FROM notes": [{"n": 1}]}
    assert PostgresDatabase(call, TOLD).rows("SELECT n FROM notes") == [{"n": 1}]
    server.answers = {"open": [gone, gone]}
    with pytest.raises(PlatformFault, match="connection to PostgreSQL failed"):
        PostgresDatabase(call, TOLD).rows("SELECT 1")

    def ended(name: str, **arguments: Any) -> Any:
        assert name == "db.require_running"
        raise Mismatch("memory")  # noqa: EM101

    server.answers = {"open": [gone, gone]}
    with pytest.raises(Mismatch, match="memory"):
        PostgresDatabase(ended, TOLD).rows("SELECT 1")


def test_a_session_that_breaks_twice_while_it_is_asked_is_the_students(server: Server) -> None:
    def broken(*_: object) -> list[Any]:
        server.connections[-1].closed = True
        msg = "server closed the connection unexpectedly"
        raise psycopg.OperationalError(msg)

    server.answer = broken  # type: ignore[assignment]
    with pytest.raises(Mismatch, match="ended the grader's look into your database, twice"):
        PostgresDatabase(call, TOLD).rows("SELECT 1")


def test_a_session_is_closed_and_opens_again(server: Server) -> None:
    session = PostgresSession(TOLD, Clock())
    session.run("SELECT 1")
    session.close()
    assert server.connections[0].closed
    session.run("SELECT 1")
    assert len(server.connections) == 2
    server.answers = {"open": [psycopg.OperationalError("gone")]}
    session.close()
    with pytest.raises(Lost, match="gone"):
        session.run("SELECT 1")
    db = PostgresDatabase(call, TOLD)
    db.write("DELETE FROM notes")
    db.close()
    assert server.connections[-1].closed
