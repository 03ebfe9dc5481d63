"""The images of PostgreSQL and MariaDB: ready at once, and otherwise as the usual images behave."""

from __future__ import annotations

import gzip
import io
import sys
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg
import pymysql
import pytest

from grader.sandbox.engine import Engine
from grader.sandbox.images import ServerImage, mariadb_server, postgres_server
from grader.settings import Settings
from tests.docker.pace import slowness

pytestmark = pytest.mark.alone

POLL = 0.01
PATIENCE = 90.0
READY_SECONDS = 1.0
SCRIPTS = "/docker-entrypoint-initdb.d"
ODD = "p'\\\" %"
"""A password that nobody quotes right by luck."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One of the two."""

    image: ServerImage
    port: int

    def connect(self, port: int, user: str, password: str, database: str | None) -> Any:
        """Connect over the network."""
        if self.port == 5432:
            return psycopg.connect(
                host="127.0.0.1", port=port, user=user, password=password, dbname=database,
                autocommit=True, connect_timeout=5,
            )  # fmt: skip
        return pymysql.connect(
            host="127.0.0.1", port=port, user=user, password=password, database=database,
            autocommit=True, ssl_disabled=True, connect_timeout=5,
        )  # fmt: skip


POSTGRES = Kind(image=postgres_server("postgres:17"), port=5432)
MARIADB = Kind(image=mariadb_server("mariadb:11.8"), port=3306)


@dataclass(frozen=True, kw_only=True)
class Server:
    """A container of one."""

    kind: Kind
    api: Any
    id: str

    def log(self) -> str:
        return str(self.api.logs(self.id).decode("utf-8", "replace"))

    def connect(self, user: str, password: str, database: str | None = None) -> Any:
        """A connection, once the server takes it; a container that ends fails the test."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                ports = self.api.inspect_container(self.id)["NetworkSettings"]["Ports"]
                port = int(ports[f"{self.kind.port}/tcp"][0]["HostPort"])
                return self.kind.connect(port, user, password, database)
            except (psycopg.OperationalError, pymysql.err.MySQLError, KeyError, IndexError):
                assert self.api.inspect_container(self.id)["State"]["Running"], self.log()
                assert time.monotonic() < end, self.log()
                time.sleep(POLL)

    def ask(self, sql: str, *account: str) -> list[Any]:
        """The rows of one statement."""
        with closing(self.connect(*account)) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]

    def run(self, *command: str) -> int:
        """The exit code of a command in the container."""
        made = self.api.exec_create(self.id, list(command))
        self.api.exec_start(made["Id"])
        return int(self.api.exec_inspect(made["Id"])["ExitCode"])


Launch = Callable[..., Server]


@pytest.fixture
def launch(engine: Engine, settings: Settings) -> Iterator[Launch]:
    """Make containers; all are removed with their volumes."""
    api = engine.client.api
    made: list[str] = []

    def run(
        kind: Kind, environment: Mapping[str, str], files: Mapping[str, bytes] | None = None,
        *, start: bool = True,
    ) -> Server:  # fmt: skip
        image = kind.image.obtain(engine, settings=settings).image
        host = api.create_host_config(port_bindings={kind.port: ("127.0.0.1", None)})
        created = api.create_container(
            image, environment=dict(environment), ports=[kind.port], host_config=host
        )["Id"]
        made.append(created)
        if files:
            api.put_archive(created, "/", archive(files))
        if start:
            api.start(created)
        return Server(kind=kind, api=api, id=created)

    yield run
    for container in made:
        api.remove_container(container, force=True, v=True)


def archive(files: Mapping[str, bytes]) -> bytes:
    """A tar of `files`, readable by all, those of the shell's executable."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name.lstrip("/"))
            entry.size, entry.mode = len(content), 0o755 if name.endswith(".sh") else 0o644
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("kind", "environment", "account"),
    [
        (POSTGRES, {"POSTGRES_PASSWORD": "secret"}, ("postgres", "secret", "postgres")),
        (MARIADB, {"GRADER_PASSWORD": "secret"}, ("practical-exam-grader", "secret")),
    ],
    ids=["postgres", "mariadb"],
)
def test_a_server_of_the_graders_is_ready_in_under_a_second(
    launch: Launch, kind: Kind, environment: dict[str, str], account: tuple[str, ...]
) -> None:
    """From its container's start to the first answer, by what one gets of the machine's cores."""
    took = []
    for _ in range(3):
        server = launch(kind, {**environment, "GRADER_SIGNALS": "yes"}, start=False)
        began = time.monotonic()
        server.api.start(server.id)
        assert server.ask("SELECT 1", *account) == [(1,)]
        took.append(time.monotonic() - began)
    slower = slowness()
    figures = ", ".join(f"{one:.2f}" for one in took)
    sys.stdout.write(f"{kind.image.name}: ready in {figures} s, all {slower:.1f} times slower\n")
    assert min(took) < READY_SECONDS * slower, took


def test_postgres_takes_the_usual_variables_from_files(launch: Launch) -> None:
    """User, password and database; odd characters and all, without the file's last line break."""
    server = launch(
        POSTGRES,
        {
            "POSTGRES_PASSWORD_FILE": "/run/secrets/password", "POSTGRES_USER": "ada",
            "POSTGRES_DB_FILE": "/run/secrets/database",
        },
        {"/run/secrets/password": f"{ODD}\n".encode(), "/run/secrets/database": b"my_exam\n"},
    )  # fmt: skip
    account = ("ada", ODD, "my_exam")
    who = "SELECT current_user::text, current_database()::text"
    assert server.ask(who, *account) == [("ada", "my_exam")]
    superuser = "SELECT rolsuper FROM pg_roles WHERE rolname = 'ada'"
    assert server.ask(superuser, *account) == [(True,)]
    ports = server.api.inspect_container(server.id)["NetworkSettings"]["Ports"]
    port = int(ports["5432/tcp"][0]["HostPort"])
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        POSTGRES.connect(port, "ada", "wrong", "my_exam")


def test_postgres_runs_init_scripts_once_and_in_order(launch: Launch) -> None:
    """Of each kind; what one makes the next one has, and a restart runs none again."""
    sql = b"CREATE TABLE t (text TEXT);"
    server = launch(
        POSTGRES,
        {"POSTGRES_PASSWORD": "p", "POSTGRES_DB": "my_exam"},
        {
            f"{SCRIPTS}/1.sql": sql,
            f"{SCRIPTS}/2.sql.gz": gzip.compress(b"INSERT INTO t VALUES ('two');"),
            f"{SCRIPTS}/3.sh": b'#!/bin/bash\npsql -U "$POSTGRES_USER" -d "$POSTGRES_DB" '
            b"-c \"INSERT INTO t VALUES ('three')\"\n",
            f"{SCRIPTS}/README": b"ignored",
        },
    )  # fmt: skip
    rows, account = "SELECT text FROM t ORDER BY text", ("postgres", "p", "my_exam")
    assert server.ask(rows, *account) == [("three",), ("two",)]
    server.api.restart(server.id, timeout=20)
    assert server.ask(rows, *account) == [("three",), ("two",)]


def test_a_postgres_without_a_password_says_what_to_set(launch: Launch) -> None:
    server = launch(POSTGRES, {})
    assert server.api.wait(server.id, timeout=PATIENCE)["StatusCode"] == 1
    assert "Set POSTGRES_PASSWORD" in server.log()


@pytest.mark.parametrize("prefix", ["MARIADB", "MYSQL"])
def test_mariadb_takes_the_usual_variables(launch: Launch, prefix: str) -> None:
    """By either name, from files as well; the user has its own database and no other."""
    server = launch(
        MARIADB,
        {
            f"{prefix}_ROOT_PASSWORD_FILE": "/run/secrets/root", f"{prefix}_DATABASE": "my_exam",
            f"{prefix}_USER": "ada", f"{prefix}_PASSWORD_FILE": "/run/secrets/password",
        },
        {"/run/secrets/root": b"of root\n", "/run/secrets/password": f"{ODD}\n".encode()},
    )  # fmt: skip
    assert server.ask("SELECT DATABASE()", "ada", ODD, "my_exam") == [("my_exam",)]
    seen = {name for (name,) in server.ask("SHOW DATABASES", "ada", ODD)}
    assert seen == {"information_schema", "my_exam"}
    assert server.ask("SELECT COUNT(*) FROM mysql.global_priv", "root", "of root")[0][0] > 1
    checks = ("healthcheck.sh", "--connect", "--innodb_initialized")
    assert server.run(*checks) == 0
    assert server.run("healthcheck.sh", "--no-such-test") != 0
    assert server.run("mariadb-admin", "--skip-ssl", "-h127.0.0.1", "ping") == 0
    assert server.ask("SELECT @@version LIKE '%MariaDB%'", "root", "of root") == [(1,)]


def test_mariadb_runs_init_scripts_once_and_in_order(launch: Launch) -> None:
    server = launch(
        MARIADB,
        {"MARIADB_ROOT_PASSWORD": ODD, "MARIADB_DATABASE": "my_exam"},
        {
            f"{SCRIPTS}/1.sql": b"CREATE TABLE t (text TEXT);",
            f"{SCRIPTS}/2.sql.gz": gzip.compress(b"INSERT INTO t VALUES ('two');"),
            f"{SCRIPTS}/3.sh": b'#!/bin/bash\nmariadb -uroot -p"$MARIADB_ROOT_PASSWORD" my_exam '
            b"-e \"INSERT INTO t VALUES ('three')\"\n",
            f"{SCRIPTS}/README": b"ignored",
        },
    )  # fmt: skip
    rows, account = "SELECT text FROM t ORDER BY text", ("root", ODD, "my_exam")
    assert server.ask(rows, *account) == [("three",), ("two",)]
    server.api.restart(server.id, timeout=20)
    assert server.ask(rows, *account) == [("three",), ("two",)]


def test_a_mariadb_without_a_password_says_what_to_set(launch: Launch) -> None:
    server = launch(MARIADB, {})
    assert server.api.wait(server.id, timeout=PATIENCE)["StatusCode"] == 1
    assert "MARIADB_ROOT_PASSWORD" in server.log()


def test_nobody_comes_in_by_what_a_server_of_the_graders_is_made_with(launch: Launch) -> None:
    """Its root is locked, and nobody else has an account."""
    server = launch(MARIADB, {"GRADER_PASSWORD": "secret", "GRADER_SIGNALS": "yes"})
    grader = ("practical-exam-grader", "secret")
    users = "SELECT user, host, JSON_VALUE(priv, '$.account_locked') FROM mysql.global_priv"
    found = server.ask(users, *grader)
    reached = {(user, host) for user, host, locked in found if str(locked) not in {"1", "true"}}
    assert reached - {("mariadb.sys", "localhost"), ("PUBLIC", "")} == {(grader[0], "%")}
    files = server.ask("SELECT @@secure_file_priv, @@local_infile, @@have_symlink", *grader)
    assert files == [("/usr/local/share/grader-mariadb/nothing/", 0, "DISABLED")]
