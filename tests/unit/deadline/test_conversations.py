"""Every conversation with a container ends in time, whatever the other side sends.

Each is held with peers that drip, say nothing, and never stop, in the forms of its own protocol.
"""

from __future__ import annotations

import itertools
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import docker
import pymysql
import pytest

from grader.app_spec import Readiness
from grader.deadline import ANY_SIZE, DeadlineSocket, TooMuch, dial
from grader.deadline.http import MOST_INTERIM, status_of
from grader.deadline.mysql import open_mysql
from grader.errors import Cancelled, PlatformError
from grader.exam.client import Client
from grader.exam.faults import AppTimeout, AppUnreachable, Mismatch
from grader.exam.services import mysql_session as exam_mysql
from grader.exam.services.mysql import Database
from grader.sandbox import gateway, launch, transport
from grader.sandbox.app_settings import AppSettings
from grader.sandbox.engine import Engine
from grader.services.base import NotAnswering
from grader.services.mysql import server as mysql
from grader.services.mysql.connection import connected
from grader.services.mysql.server import MySql, MySqlAccess

pytestmark = pytest.mark.slow

LIMIT = 0.15
"""Seconds that each conversation may take."""
GRACE = 2.0
Peer = Callable[[socket.socket], None]


def often(connection: socket.socket, piece: bytes) -> None:
    while True:
        connection.sendall(piece)
        time.sleep(0.03)


def flood(connection: socket.socket, piece: bytes) -> None:
    block = piece * max(65536 // len(piece), 1)
    while True:
        connection.sendall(block)


def silence(connection: socket.socket) -> None:
    connection.settimeout(20)
    while connection.recv(65536):
        pass


def after(first: bytes, way: Callable[[socket.socket, bytes], None], piece: bytes) -> Peer:
    """A peer that sends `first`, and then `piece` for ever, in that way."""

    def peer(connection: socket.socket) -> None:
        connection.sendall(first)
        way(connection, piece)

    return peer


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
HTTP: dict[str, Peer] = {
    "says nothing": silence,
    "drips 100": after(b"", often, b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n"),
    "floods 100": after(b"", flood, b"HTTP/1.1 100 Continue\r\n\r\n"),
    "floods 102": after(b"", flood, b"HTTP/1.1 102 Processing\r\n\r\n"),
    "floods 103": after(b"", flood, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    "100 with headers for ever": after(b"HTTP/1.1 100 Continue\r\n", flood, b"X: y\r\n"),
    "100 with dripping headers": after(b"HTTP/1.1 100 Continue\r\n", often, b"X: y\r\n"),
    "drips its first line": after(b"HTTP/1.1 2", often, b"0"),
    "floods its first line": after(b"HTTP/1.1 2", flood, b"0"),
    "drips one header": after(OK + b"X: ", often, b"y"),
    "floods headers": after(OK, flood, b"X: y\r\n"),
    "long headers for ever": after(OK, flood, b"X: " + b"y" * 60000 + b"\r\n"),
}
BODIES: dict[str, Peer] = {
    "drips a body": after(OK + b"\r\n", often, b"x"),
    "floods a body": after(OK + b"\r\n", flood, b"x"),
    "drips a chunk's extension": after(CHUNKED + b"1;", often, b"x"),
    "chunks for ever": after(CHUNKED, often, b"1\r\nx\r\n"),
    "trailers drip": after(CHUNKED + b"0\r\n", often, b"X: y\r\n"),
    "trailers without end": after(CHUNKED + b"0\r\n", flood, b"X: y\r\n"),
    "a compressed body drips": after(OK + b"Content-Encoding: gzip\r\n\r\n", often, b"\x1f\x8b"),
}
VERSION = b"8.4.0\0"


def packet(content: bytes, number: int = 0) -> bytes:
    return struct.pack("<I", len(content))[:3] + bytes([number]) + content


GREETING = packet(
    b"\x0a" + VERSION + struct.pack("<I", 7) + b"abcdefgh\0" + struct.pack("<H", 0xFFFF)
    + b"\x2d" + struct.pack("<HH", 2, 0xFFFF) + b"\x15" + b"\0" * 10 + b"ijklmnopqrst\0"
    + b"mysql_native_password\0"
)  # fmt: skip
DIALOG = b"\xfedialog\0"


def numbered(first: int, content: bytes) -> Iterator[bytes]:
    return (packet(content, number % 256) for number in itertools.count(first))


def switches(connection: socket.socket) -> None:
    """Asks for another way to log in, again and again."""
    connection.sendall(GREETING)
    number = 2
    while connection.recv(65536):
        connection.sendall(packet(DIALOG + b"\x02?", number % 256))
        number += 2


def asks_for_ever(connection: socket.socket) -> None:
    """Asks one question after the other in PAM's dialogue."""
    connection.sendall(GREETING)
    connection.recv(65536)
    connection.sendall(packet(DIALOG + b"\x02?", 2))
    number = 4
    while connection.recv(65536):
        connection.sendall(packet(b"\x02?", number % 256))
        number += 2


def refuses_slowly(connection: socket.socket) -> None:
    connection.sendall(GREETING)
    often(connection, b"\xff")


MYSQL: dict[str, Peer] = {
    "says nothing": silence,
    "drips a greeting": after(b"\xff\xff\xff\0\x0a", often, b"8"),
    "floods a greeting": after(b"", flood, (b"\xff\xff\xff\0" + b"8" * 0xFFFF)),
    "packets of size zero": after(b"", flood, packet(b"")),
    "greets, then nothing": after(GREETING, lambda connection, _: silence(connection), b""),
    "switches for ever": switches,
    "asks for ever": asks_for_ever,
    "refuses slowly": refuses_slowly,
    "no MySQL": after(b"SSH-2.0-nope\r\n", often, b"\r\n"),
}


def logged_in(after_query: Callable[[socket.socket], None]) -> Peer:
    """A server that lets anybody in and answers statements of the log-in, then does that."""

    def peer(connection: socket.socket) -> None:
        connection.sendall(GREETING)
        connection.recv(65536)
        connection.sendall(packet(b"\0\0\0\2\0\0\0", 2))
        while command := connection.recv(65536):
            if b"SELECT" in command:
                after_query(connection)
                return
            connection.sendall(packet(b"\0\0\0\2\0\0\0", 1))

    return peer


COLUMN = (
    b"\3def\0\0\0\1a\0\x0c" + struct.pack("<HIBHB", 33, 255, 253, 0, 0) + b"\0\0"
)  # fmt: skip
HEAD = packet(b"\1", 1) + packet(COLUMN, 2) + packet(b"\xfe\0\0\2\0", 3)


def rows(connection: socket.socket) -> None:
    """A result set without end, as fast as it is read."""
    connection.sendall(HEAD)
    for row in numbered(4, b"\1x"):
        connection.sendall(row)


def rows_slowly(connection: socket.socket) -> None:
    connection.sendall(HEAD)
    for row in numbered(4, b"\1x"):
        connection.sendall(row)
        time.sleep(0.03)


def big_rows(connection: socket.socket) -> None:
    connection.sendall(HEAD)
    for row in numbered(4, b"\xfd\0\0\2" + b"x" * 0x20000):
        connection.sendall(row)


STATEMENTS: dict[str, Peer] = {
    "no answer": logged_in(silence),
    "rows without end": logged_in(rows),
    "rows that drip": logged_in(rows_slowly),
    "large rows without end": logged_in(big_rows),
    "an answer that drips": logged_in(lambda one: often(one, b"\xff")),
    "columns without end": logged_in(after(packet(b"\xfd\xff\xff\xff", 1), flood, b"\xff")),
}


@contextmanager
def listening(peer: Peer, family: socket.AddressFamily = socket.AF_INET, path: str = "") -> Any:
    """A server whose connections are each `peer`'s; gives its address."""
    listener = socket.socket(family)
    listener.bind(path or ("127.0.0.1", 0))
    listener.listen(50)

    def serve(connection: socket.socket) -> None:
        with connection:
            try:
                peer(connection)
            except OSError:
                pass  # the client has gone

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@contextmanager
def in_time(limit: float = LIMIT) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < limit + GRACE


# -- HTTP ------------------------------------------------------------------------------------


@pytest.mark.parametrize("peer", HTTP)
def test_a_request_for_readiness_ends(peer: str) -> None:
    """One attempt is over within its seconds, and is no answer."""
    readiness = Readiness(path="/", status=200, within=5)
    with listening(HTTP[peer]) as address, in_time():
        assert not launch._answers(address, readiness, launch.SeenAnswers(), 9, LIMIT)


class Never:
    """A container that runs and prints nothing."""

    id = "x"

    def state(self) -> Any:
        return SimpleNamespace(
            running=True, exit_code=0, oom_killed=False, restarts=0, waiting=False
        )

    def logs(self, lines: int = 0) -> str:
        return ""


@pytest.mark.parametrize("peer", ["drips 100", "floods 100", "drips one header", "says nothing"])
def test_waiting_for_readiness_ends(peer: str) -> None:
    """With the sentence that the app does not answer, though requests overlap the limit."""
    surroundings = AppSettings(port=5000)
    with listening(HTTP[peer]) as address, in_time():
        failure = launch.await_ready(
            Never(), address, Readiness(path="/", status=200, within=LIMIT), surroundings,  # type: ignore[arg-type]
            cancel=threading.Event(), listening=lambda _: (),
        )  # fmt: skip
    assert failure is not None


@pytest.mark.parametrize("peer", [*HTTP, *BODIES])
def test_a_request_of_the_suite_ends(peer: str) -> None:
    """As a loss of the app's, on a new connection."""
    client = Client(("", 0), shown="", deadline=LIMIT, body_cap=50_000)
    with listening({**HTTP, **BODIES}[peer]) as address, in_time():
        client = Client(address, shown="http://localhost", deadline=LIMIT, body_cap=50_000)
        with pytest.raises((AppTimeout, AppUnreachable, Mismatch)):
            client.get("/")


@pytest.mark.parametrize("peer", [*HTTP, *BODIES])
def test_a_request_over_a_connection_that_is_kept_ends(peer: str) -> None:
    """The deadline of the first request is not the second one's, and the second has one."""
    then = {**HTTP, **BODIES}[peer]

    def well_at_first(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(OK + b"Content-Length: 0\r\n\r\n")
        connection.recv(65536)
        then(connection)

    with listening(well_at_first) as address:
        client = Client(address, shown="http://localhost", deadline=LIMIT, body_cap=50_000)
        client.get("/")
        with in_time(), pytest.raises((AppTimeout, AppUnreachable, Mismatch)):
            client.get("/")


def interim(*statuses: int) -> Peer:
    def peer(connection: socket.socket) -> None:
        connection.recv(65536)
        for status in statuses:
            connection.sendall(b"HTTP/1.1 %d X\r\nLink: </a>\r\n\r\n" % status)
        connection.sendall(OK + b"Content-Length: 2\r\nConnection: close\r\n\r\nhi")

    return peer


@pytest.mark.parametrize("statuses", [(100,), (103,), (102, 103), (103,) * MOST_INTERIM])
def test_a_few_interim_answers_are_skipped(statuses: tuple[int, ...]) -> None:
    """The final answer counts (RFC 9110, section 15.2)."""
    with listening(interim(*statuses)) as address:
        assert status_of(address, "/", 2) == 200
        client = Client(address, shown="", deadline=2, body_cap=100)
        reply = client.get("/")
    assert (reply.status, reply.text) == (200, "hi")


def test_more_are_named() -> None:
    """They are the app's fault, and said to be."""
    with listening(interim(*[103] * (MOST_INTERIM + 1))) as address:
        client = Client(address, shown="", deadline=2, body_cap=100)
        with pytest.raises(Mismatch, match="interim answers"):
            client.get("/")


def test_a_switch_of_protocols_is_an_answer() -> None:
    """Nobody asked for it, and what follows is no answer to the next request."""

    def upgrade(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")
        often(connection, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with listening(upgrade) as address, in_time():
        client = Client(address, shown="", deadline=LIMIT, body_cap=100)
        assert client.get("/").status == 101
        assert client.get("/").status == 101


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


# -- the engine, which passes on what containers send -------------------------------------------

JSON = OK + b"Content-Type: application/json\r\nContent-Length: 99\r\n\r\n"
FRAMES = OK + b"Content-Type: application/vnd.docker.multiplexed-stream\r\n\r\n"
ENGINE: dict[str, Peer] = {
    "says nothing": silence,
    "drips": after(JSON, often, b" "),
    "a log that never ends": after(FRAMES, often, b"\1\0\0\0\0\0\0\1x"),
    "headers that drip": after(OK + b"X: ", often, b"y"),
    "interim answers": after(b"", flood, b"HTTP/1.1 100 Continue\r\n\r\n"),
}
CALLS: dict[str, Callable[[Any], object]] = {
    "inspect": lambda api: api.inspect_container("x"),
    "health": lambda api: api.inspect_container("x")["State"]["Health"],
    "logs": lambda api: api.logs("x", tail=9),
    "wait": lambda api: api.wait("x", timeout=LIMIT),
    "top": lambda api: api.top("x"),
    "stop": lambda api: api._post(api._url("/containers/x/stop"), timeout=LIMIT).json(),
    "archive": lambda api: b"".join(api.get_archive("x", "/a")[0]),
    "exec": lambda api: api.exec_start("x"),
}


@pytest.mark.parametrize("peer", ENGINE)
@pytest.mark.parametrize("call", CALLS)
def test_a_call_of_the_engine_ends(
    call: str, peer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it passes on of a container."""
    monkeypatch.setattr(transport, "STREAM_SECONDS", LIMIT)
    path = str(tmp_path / "docker.sock")
    with listening(ENGINE[peer], socket.AF_UNIX, path):
        client = docker.DockerClient(base_url=f"unix://{path}", version="1.44", timeout=1)
        client.api.timeout = LIMIT  # type: ignore[assignment]
        transport.install(client.api)
        with in_time(), pytest.raises(Exception):  # noqa: B017
            CALLS[call](client.api)
        client.close()


def test_the_engine_is_reached_this_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The door to Docker uses it."""

    def answers(connection: socket.socket) -> None:
        body = b'{"ApiVersion": "1.44", "Version": "28.0.0"}'
        head = OK + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        while connection.recv(65536):
            connection.sendall(head + body)

    path = str(tmp_path / "docker.sock")
    with listening(answers, socket.AF_UNIX, path):
        engine = Engine.connect(f"unix://{path}")
        adapter = engine.client.api.get_adapter("http+docker://localhost/x")
        engine.close()
    assert isinstance(adapter, transport.EngineAdapter)


def test_a_gateway_is_looked_at_for_its_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where nothing answers at its address."""
    monkeypatch.setattr(gateway, "REACHED_SECONDS", LIMIT)
    nowhere = gateway.Gateway(container="x", addresses={1: ("127.0.0.1", 1)})
    with in_time():
        assert not gateway._accepts(nowhere)


# -- the socket itself --------------------------------------------------------------------------


def test_what_others_set_for_a_time_out_does_not_count() -> None:
    """Not even none at all."""
    with listening(silence) as address, dial(address, LIMIT) as connection, in_time():
        connection.settimeout(None)
        with pytest.raises(TimeoutError):
            connection.recv(1)


def test_sending_has_the_same_end() -> None:
    """A peer that never reads does not hold up the one who writes."""
    over = threading.Event()

    def never_reads(connection: socket.socket) -> None:
        over.wait(10)

    with listening(never_reads) as address:
        with dial(address, LIMIT) as connection, in_time(), pytest.raises(TimeoutError):
            connection.sendall(b"x" * 50_000_000)
        over.set()


def test_more_bytes_than_it_may_have_end_a_conversation() -> None:
    """However fast they come; the next conversation has a bound of its own."""
    with listening(after(b"", flood, b"x")) as address, dial(address, 5, 100_000) as connection:
        with pytest.raises(TooMuch):
            _drain(connection)
        connection.begin(5)
        assert connection.room == ANY_SIZE
        assert connection.recv(1) == b"x"


def _drain(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def test_a_socket_is_taken_over_whole() -> None:
    """The one before cannot be used any more, and no descriptor is left."""
    left, right = socket.socketpair()
    with right, DeadlineSocket.over(left, 1) as own:
        assert left.fileno() == -1
        right.sendall(b"x")
        assert own.recv(1) == b"x"
