"""Every conversation with MySQL ends in time, whatever the other side sends."""

from __future__ import annotations

import socket
import threading
import time
from types import SimpleNamespace
from typing import Any

import pymysql
import pytest

from grader.deadline.mysql import open_mysql
from grader.errors import Cancelled, PlatformError
from grader.exam.faults import Mismatch
from grader.exam.services import mysql_session as exam_mysql
from grader.exam.services.mysql import Database
from grader.services.base import NotAnswering
from grader.services.mysql import server as mysql
from grader.services.mysql.access import MySqlAccess
from grader.services.mysql.connection import connected
from grader.services.mysql.server import MySql
from tests.unit.deadline.peers import (
    HEAD,
    LIMIT,
    MYSQL,
    STATEMENTS,
    in_time,
    listening,
    logged_in,
    packet,
    silence,
)

pytestmark = pytest.mark.slow

# -- MySQL -----------------------------------------------------------------------------------


@pytest.mark.parametrize("peer", MYSQL)
def test_a_connection_to_mysql_ends(peer: str) -> None:
    """Greeting and log-in have one deadline together, and a bound."""
    with listening(MYSQL[peer]) as address, in_time(), pytest.raises(Exception):  # noqa: B017
        open_mysql(address, login=LIMIT, statement=LIMIT, user="u", password="p")


class Server(MySql):
    """A server in a container, without the container."""

    id = "x"

    def __init__(self) -> None:
        api = SimpleNamespace(
            logs=lambda *_, **__: b"", inspect_container=lambda _: {"State": {"Running": True}}
        )
        engine: Any = SimpleNamespace(client=SimpleNamespace(api=api))
        super(MySql, self).__init__(engine, MySqlAccess.draw())


@pytest.mark.parametrize("peer", MYSQL)
def test_waiting_for_mysql_ends(peer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a server that does not answer."""
    monkeypatch.setattr(mysql, "ATTEMPT", LIMIT)
    with listening(MYSQL[peer]) as address, in_time(), pytest.raises(NotAnswering):
        Server().await_ready(address, threading.Event(), within=LIMIT)


def test_waiting_for_mysql_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the attempt that is under way is over."""
    monkeypatch.setattr(mysql, "ATTEMPT", LIMIT)
    cancel = threading.Event()
    threading.Timer(0.1, cancel.set).start()
    peer = MYSQL["drips a greeting"]
    with listening(peer) as address, in_time(), pytest.raises(Cancelled):
        Server().await_ready(address, cancel, within=60)


def test_whether_something_greets_is_known_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes connections and says nothing does not."""
    monkeypatch.setattr(mysql, "ATTEMPT", LIMIT)
    with listening(silence) as address, in_time():
        server = Server()
        server._address = address
        assert not server.answers()


@pytest.mark.parametrize(
    ("peer", "own"),
    [*((peer, True) for peer in {**MYSQL, **STATEMENTS}), ("rows that drip", False)],
)
def test_a_look_into_the_database_ends(
    peer: str, own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the submission's fault: what our server answers slowly is in the student's schema."""
    monkeypatch.setattr(exam_mysql, "CONNECT_SECONDS", LIMIT)
    monkeypatch.setattr(exam_mysql, "STATEMENT_SECONDS", LIMIT)
    with listening({**MYSQL, **STATEMENTS}[peer]) as (host, port):
        access = {"host": host, "port": port, "user": "u", "password": "p", "own": own,
                  "database": "d", "account": "u"}  # fmt: skip
        database = Database(lambda *_, **__: None, access)
        with in_time(), pytest.raises(Exception) as caught:
            database.rows("SELECT 1")
    assert isinstance(caught.value, Mismatch)


@pytest.mark.parametrize("peer", STATEMENTS)
def test_a_statement_of_the_grader_ends(peer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a server of ours: a fault of the platform."""
    monkeypatch.setattr("grader.services.mysql.connection.SECONDS", LIMIT)

    def ask() -> None:
        with connected(Server(), address) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    with listening(STATEMENTS[peer]) as address, in_time(), pytest.raises(PlatformError):
        ask()


def test_each_statement_has_its_own_time() -> None:
    """A connection may be older than what one statement may take."""

    def answers(connection: socket.socket) -> None:
        while True:
            connection.sendall(HEAD + packet(b"\1x", 4) + packet(b"\xfe\0\0\2\0", 5))
            connection.recv(65536)

    with listening(logged_in(answers)) as address:
        connection = open_mysql(address, login=LIMIT, statement=LIMIT, user="u", password="p")
        with connection, connection.cursor() as cursor:
            for _ in range(3):
                cursor.execute("SELECT 1")
                assert cursor.fetchall() == (("x",),)
                time.sleep(LIMIT / 2)


def test_nobody_there_is_told_as_pymysql_does() -> None:
    """With the number of its error, which tells a lost server."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
    with pytest.raises(pymysql.err.OperationalError) as caught:
        open_mysql(address, login=LIMIT, statement=LIMIT, user="u", password="p")
    assert caught.value.args[0] == 2003
