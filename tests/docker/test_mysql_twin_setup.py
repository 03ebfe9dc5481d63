"""The pre-initialised MySQL sets up what variables and scripts ask for, as the usual image does."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator

import pymysql
import pytest

from grader.sandbox.engine import Engine
from grader.settings import Settings
from tests.docker.mysql_twins import (
    ACCOUNT,
    PATIENCE,
    POLL,
    ROOT,
    SCRIPTS,
    Launch,
    Server,
    archive,
    launching,
)


@pytest.fixture
def launch(engine: Engine, settings: Settings) -> Iterator[Launch]:
    with launching(engine, settings) as run:
        yield run


def await_file(server: Server, path: str) -> None:
    """Wait until `path` is there in the running container."""
    from docker import errors

    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            content, _ = server.api.get_archive(server.id, path)
            for _ in content:  # read to its end, so that the connection is free again
                pass
            return
        except errors.NotFound:
            assert server.running(), server.log()
            time.sleep(POLL)
    pytest.fail(f"{path} did not appear. {server.log()}")


def test_schema_and_user_are_made(launch: Launch) -> None:
    """MYSQL_DATABASE, MYSQL_USER and MYSQL_PASSWORD make what they name, odd characters and all."""
    server = launch(ACCOUNT)
    student = {"user": "student", "password": ACCOUNT["MYSQL_PASSWORD"]}
    rows = server.ask(
        "CREATE TABLE my_exam.t (id INT)",
        "SELECT schema_name FROM information_schema.schemata",
        **student,
    )
    assert ("my_exam",) in rows
    assert ("mysql",) not in rows


def test_a_user_has_its_own_schema_only(launch: Launch) -> None:
    """The underscore of a schema's name is no wildcard in the grant; no global right is given."""
    server = launch(ACCOUNT)
    server.ask("CREATE DATABASE myXexam")
    student = {"user": "student", "password": ACCOUNT["MYSQL_PASSWORD"]}
    for statement in ("CREATE TABLE myXexam.t (id INT)", "SET GLOBAL max_connections = 1"):
        with pytest.raises(pymysql.err.OperationalError, match=r"denied"):
            server.ask(statement, **student)


def test_a_restart_sets_nothing_up_again(launch: Launch) -> None:
    """A schema that was dropped stays dropped, and init scripts have run once."""
    server = launch(
        ACCOUNT,
        files={f"{SCRIPTS}/count.sql": b"CREATE TABLE runs (id INT); INSERT INTO runs VALUES (1);"},
    )
    server.ask("CREATE DATABASE kept", "RENAME TABLE my_exam.runs TO kept.runs")
    server.ask("DROP DATABASE my_exam")
    server.api.restart(server.id, timeout=10)
    assert server.ask("SELECT COUNT(*) FROM kept.runs") == ((1,),)
    assert ("my_exam",) not in server.ask("SHOW DATABASES")


def test_init_scripts_run_in_order(launch: Launch) -> None:
    """*.sql, *.sql.gz and *.sh run by name, in the schema that MYSQL_DATABASE names."""
    server = launch(
        ACCOUNT,
        files={
            f"{SCRIPTS}/1-schema.sql": b"CREATE TABLE t (id INT);",
            f"{SCRIPTS}/2-rows.sql.gz": gzip.compress(b"INSERT INTO t VALUES (1), (2);"),
            f"{SCRIPTS}/3-more.sh": b"docker_process_sql -e 'INSERT INTO t VALUES (3)'",
            f"{SCRIPTS}/notes.txt": b"not a script",
        },
    )
    assert server.ask("SELECT MAX(id), COUNT(*) FROM my_exam.t") == ((3, 3),)
    assert "ignoring /docker-entrypoint-initdb.d/notes.txt" in server.log()


def test_a_failing_init_script_ends_the_container(launch: Launch) -> None:
    """Half a set-up is not passed off as a whole one."""
    server = launch(files={f"{SCRIPTS}/bad.sql": b"CREATE NONSENSE;"})
    assert server.wait() != 0
    assert "NONSENSE" in server.log()


def test_a_first_start_that_was_killed_is_repeated(launch: Launch) -> None:
    """A kill in the midst of an init script leaves nothing half made."""
    waiting = b"touch /tmp/waiting; until [ -e /tmp/go ]; do sleep 0.02; done"
    server = launch(
        ACCOUNT,
        files={f"{SCRIPTS}/1.sql": b"CREATE TABLE t (id INT);", f"{SCRIPTS}/2.sh": waiting},
    )
    await_file(server, "/tmp/waiting")
    server.kill()
    server.api.put_archive(server.id, "/", archive({"/tmp/go": b""}))
    server.start()
    assert server.ask("SELECT COUNT(*) FROM my_exam.t") == ((0,),)
    assert "the first start was cut short" in server.log()


def test_data_lives_on_a_volume(launch: Launch) -> None:
    """An empty volume is filled, and a new container with it finds the data and the accounts."""
    volume = f"grader-test-{time.monotonic_ns()}"
    first = launch(ACCOUNT, volume=volume)
    first.ask("CREATE TABLE my_exam.t (id INT)", "INSERT INTO my_exam.t VALUES (7)")
    first.kill()
    second = launch({"MYSQL_ROOT_PASSWORD": "another"}, volume=volume)
    assert second.ask("SELECT id FROM my_exam.t") == ((7,),)


def test_any_user_may_run_it(launch: Launch, engine: Engine) -> None:
    """A number without a name, with init scripts and a volume of its own."""
    server = launch(
        ACCOUNT, files={f"{SCRIPTS}/1.sql": b"CREATE TABLE t (id INT);"}, user="1000:1000",
        volume=f"grader-test-{time.monotonic_ns()}",
    )  # fmt: skip
    assert server.ask("SELECT COUNT(*) FROM my_exam.t") == ((0,),)


def test_the_clients_environment_does_not_mislead_it(launch: Launch) -> None:
    """MYSQL_HOST is for the app; the container has it too where both share an env file."""
    server = launch(
        {**ACCOUNT, "MYSQL_HOST": "db", "MYSQL_TCP_PORT": "3306"},
        files={f"{SCRIPTS}/1.sql": b"CREATE TABLE t (id INT);"},
    )
    assert server.ask("SELECT COUNT(*) FROM my_exam.t") == ((0,),)


@pytest.mark.parametrize("end", ["", ";", ";\n-- the end\n"])
def test_an_init_file_is_run(launch: Launch, end: str) -> None:
    """At each start, alongside the grader's own; the one of a file of settings as well."""
    text = f"CREATE DATABASE IF NOT EXISTS one;\nCREATE TABLE IF NOT EXISTS one.t (id INT){end}"
    files = {"/srv/init.sql": text.encode()}
    for command, conf in ((["--init-file=/srv/init.sql"], ""), ([], "init_file = /srv/init.sql")):
        server = launch(
            ACCOUNT, command=command,
            files={**files, "/etc/mysql/conf.d/x.cnf": f"[mysqld]\n{conf}\n".encode()},
        )  # fmt: skip
        assert server.ask("SELECT COUNT(*) FROM one.t") == ((0,),)
        server.kill()
        server.start()
        assert server.ask("SELECT COUNT(*) FROM one.t", user="root") == ((0,),)


def test_an_init_file_that_is_not_there_ends_it(launch: Launch) -> None:
    """As with the usual image; its name is in the log."""
    server = launch(command=["--init-file=/srv/none.sql"])
    assert server.wait() == 1
    assert "init-file is /srv/none.sql, which cannot be read" in server.log()


def test_a_script_may_name_what_is_not_set(launch: Launch) -> None:
    """It is sourced without `set -u`, and has the usual image's functions."""
    script = b'echo "is $NOTHING"; mysql_note hello; docker_process_sql -e "SELECT \'$NOTHING\'"'
    server = launch(ACCOUNT, files={f"{SCRIPTS}/1.sh": script})
    server.connect().close()
    assert "grader-mysql: hello" in server.log()


def test_a_user_without_a_password_is_not_made(launch: Launch) -> None:
    """The server starts all the same, and says so."""
    server = launch({**ROOT, "MYSQL_USER": "student"})
    assert server.ask("SELECT COUNT(*) FROM mysql.user WHERE user = 'student'") == ((0,),)
    assert "so there will be no user student" in server.log()


def test_a_password_can_come_from_a_file(launch: Launch) -> None:
    """NAME_FILE names a file that holds the value of NAME."""
    server = launch(
        {"MYSQL_ROOT_PASSWORD_FILE": "/run/secret"}, files={"/run/secret": b"from a file\n"}
    )
    assert server.ask("SELECT 1", password="from a file") == ((1,),)


def test_root_may_have_no_password_if_asked(launch: Launch) -> None:
    """MYSQL_ALLOW_EMPTY_PASSWORD opens root without one."""
    server = launch({"MYSQL_ALLOW_EMPTY_PASSWORD": "yes"})
    assert server.ask("SELECT 1", password="") == ((1,),)


def test_root_can_be_kept_local(launch: Launch) -> None:
    """MYSQL_ROOT_HOST says where root may come from; the socket always works."""
    server = launch({**ACCOUNT, "MYSQL_ROOT_HOST": "localhost"})
    student = {"user": "student", "password": ACCOUNT["MYSQL_PASSWORD"]}
    assert server.ask("SELECT 1", **student) == ((1,),)
    with pytest.raises(pymysql.err.OperationalError):
        pymysql.connect(
            host="127.0.0.1",
            port=int(
                server.api.inspect_container(server.id)["NetworkSettings"]["Ports"]["3306/tcp"][0][
                    "HostPort"
                ]
            ),
            password="root pass",
            user="root",
        )


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "The root account has no password"),
        ({**ROOT, "MYSQL_USER": "root", "MYSQL_PASSWORD": "x"}, "MYSQL_USER is root"),
        ({**ROOT, "MYSQL_ROOT_PASSWORD_FILE": "/x"}, "are both set"),
    ],
)
def test_unusable_variables_are_named(
    launch: Launch, environment: dict[str, str], said: str
) -> None:
    """A server with accounts that nobody meant does not start; its log says what to set."""
    server = launch(environment)
    assert server.wait() == 1
    assert said in server.log()
