"""The pre-initialised MySQL: ready at once, and otherwise as the usual image behaves."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

import pymysql
import pytest

from grader.sandbox.engine import Engine
from grader.sandbox.images import mysql_image
from grader.settings import Settings
from tests.docker.pace import slowness

POLL = 0.02
PATIENCE = 60.0
SCRIPTS = "/docker-entrypoint-initdb.d"
ROOT = {"MYSQL_ROOT_PASSWORD": "root pass"}
ACCOUNT = {
    **ROOT,
    "MYSQL_DATABASE": "my_exam",
    "MYSQL_USER": "student",
    "MYSQL_PASSWORD": "p'\\\" %",
}


@dataclass(frozen=True, kw_only=True)
class Server:
    """A container of the twin."""

    api: Any
    id: str

    def start(self) -> None:
        self.api.start(self.id)

    def kill(self) -> None:
        self.api.kill(self.id)
        self.api.wait(self.id)

    def log(self) -> str:
        return str(self.api.logs(self.id).decode("utf-8", "replace"))

    def running(self) -> bool:
        return bool(self.api.inspect_container(self.id)["State"]["Running"])

    def connect(self, user: str = "root", password: str = "root pass", **more: Any) -> Any:
        """A connection, once the server takes it; a container that ends fails the test."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                ports = self.api.inspect_container(self.id)["NetworkSettings"]["Ports"]
                port = int(ports["3306/tcp"][0]["HostPort"])
                return pymysql.connect(
                    host="127.0.0.1", port=port, user=user, password=password, **more
                )
            except (pymysql.err.OperationalError, KeyError, IndexError):
                assert self.running(), self.log()
                assert time.monotonic() < end, self.log()
                time.sleep(POLL)

    def ask(self, *statements: str, **account: Any) -> Any:
        """The rows of the last of `statements`."""
        with closing(self.connect(**account)) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()
            return cursor.fetchall()

    def wait(self) -> int:
        """The status that it ends with."""
        return int(self.api.wait(self.id, timeout=PATIENCE)["StatusCode"])


Launch = Callable[..., Server]


@pytest.fixture
def launch(engine: Engine, settings: Settings) -> Iterator[Launch]:
    """Make containers of the twin; all are removed with their volumes."""
    image = mysql_image(engine, settings=settings).image
    api = engine.client.api
    made: list[str] = []
    volumes: set[str] = set()

    def run(
        environment: Mapping[str, str] = ROOT,
        command: Sequence[str] = (),
        files: Mapping[str, bytes] | None = None,
        volume: str = "",
        user: str = "",
        start: bool = True,
    ) -> Server:
        host = api.create_host_config(
            port_bindings={3306: ("127.0.0.1", None)},
            binds=[f"{volume}:/var/lib/mysql"] if volume else [],
        )
        created = api.create_container(
            image,
            command=list(command) or None,
            environment=dict(environment),
            ports=[3306],
            host_config=host,
            user=user or None,
        )["Id"]
        made.append(created)
        volumes.update({volume} - {""})
        if files:
            api.put_archive(created, "/", archive(files))
        server = Server(api=api, id=created)
        if start:
            server.start()
        return server

    yield run
    for container in made:
        api.remove_container(container, force=True, v=True)
    for name in volumes:
        api.remove_volume(name)


def archive(files: Mapping[str, bytes]) -> bytes:
    """A tar of `files`, readable by all."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name.lstrip("/"))
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


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


def test_it_is_ready_at_once(launch: Launch) -> None:
    """From a start to an answered query it takes a fraction of a cold initialisation's time."""
    times = []
    for _ in range(3):
        server = launch(ACCOUNT, start=False)
        started = time.monotonic()
        server.start()
        server.ask("SELECT 1")
        times.append(time.monotonic() - started)
    assert min(times) < 2.5 * slowness(), times


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


def test_local_files_are_out_of_reach(launch: Launch) -> None:
    """Neither side can be made to read or write files, even where the container's command asks."""
    server = launch(command=["--local-infile=1", "--secure-file-priv=/tmp"])
    rows = server.ask("SELECT @@local_infile, @@secure_file_priv")
    assert rows == ((0, "NULL"),)


def test_rows_survive_a_kill(launch: Launch) -> None:
    """What was committed is there after SIGKILL and a start."""
    server = launch(ACCOUNT)
    server.ask("CREATE TABLE my_exam.t (id INT PRIMARY KEY)", "INSERT INTO my_exam.t VALUES (1)")
    for number in range(2, 6):
        server.ask(f"INSERT INTO my_exam.t VALUES ({number})")
        server.kill()
        server.start()
    assert server.ask("SELECT COUNT(*) FROM my_exam.t") == ((5,),)


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


def test_signals_kill_and_start_the_server_within_its_container(launch: Launch) -> None:
    """As often as they come; what was committed stays, and nothing is set up again."""
    server = launch({**ACCOUNT, "GRADER_SIGNALS": "yes"})
    server.ask("CREATE TABLE my_exam.t (id INT PRIMARY KEY)", "INSERT INTO my_exam.t VALUES (1)")
    started = server.api.inspect_container(server.id)["State"]["StartedAt"]
    for number in range(2, 12):
        server.ask(f"INSERT INTO my_exam.t VALUES ({number})")
        server.api.kill(server.id, "SIGUSR1")
        end = time.monotonic() + PATIENCE
        while "mysqld" in names_of_processes(server) and time.monotonic() < end:
            time.sleep(POLL)
        assert "mysqld" not in names_of_processes(server)
        server.api.kill(server.id, "SIGUSR2")
    assert server.ask("SELECT COUNT(*) FROM my_exam.t") == ((11,),)
    assert server.api.inspect_container(server.id)["State"]["StartedAt"] == started


def test_a_server_that_ends_by_itself_ends_its_container(launch: Launch) -> None:
    """Also where signals are obeyed: it must not look as if it ran."""
    server = launch({**ROOT, "GRADER_SIGNALS": "yes"})
    with suppress(pymysql.err.OperationalError):  # it ends before it has answered all
        server.ask("SHUTDOWN")
    assert server.wait() == 0
    server.start()
    server.connect().close()
    server.kill()
    assert server.wait() == 137


def names_of_processes(server: Server) -> list[str]:
    """The names of the processes in its container."""
    rows = server.api.top(server.id, ps_args="-eo pid,comm")["Processes"] or []
    return [str(row[-1]) for row in rows]


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


NATIVE = "default-authentication-plugin=mysql_native_password"


@pytest.mark.parametrize(
    ("series", "command", "files"),
    [
        ("8.0", [f"--{NATIVE}", "--max_connections=77"], {}),
        ("5.7", ["--query_cache_size=0", "--skip-secure-auth", "--max_connections=77"], {}),
        ("8.4", ["--mysql-native-password=ON", "--max_connections=77"], {}),
        ("any", ["--aria-log-purge-type=at_flush", "--max_connections=77"], {}),
        ("8.0", [], {"my.cnf": f"[mysqld]\n{NATIVE}\nmax_connections = 77\n[mysql]\nx-y=1\n"}),
        ("5.7", [], {"a.cnf": "[mysqld]\nquery-cache-type = 1\n[client]\n", "b.cnf":
                     "[mysqld]\r\nmax-connections=77\r\nexpire_logs_days=1\r\n"}),
    ],
)  # fmt: skip
def test_options_of_the_series_that_it_stands_for_are_left_out(
    launch: Launch, series: str, command: list[str], files: dict[str, str]
) -> None:
    """What this version no longer has is named in the log; the server starts without it."""
    server = launch(
        {**ROOT, "GRADER_MYSQL_SERIES": series},
        command=command,
        files={f"/etc/mysql/conf.d/{name}": text.encode() for name, text in files.items()},
    )
    rows = server.ask("SELECT @@max_connections, @@innodb_buffer_pool_size")
    assert rows == ((77, 32 << 20),)
    assert "this version of MySQL has no option " in server.log()


@pytest.mark.parametrize("series", ["8.4", "8.0", "5.7", "any"])
@pytest.mark.parametrize("files", [{}, {f"{SCRIPTS}/1.sql": b"CREATE TABLE t (id INT);"}])
def test_functions_of_the_series_that_it_stands_for_are_there(
    launch: Launch, series: str, files: dict[str, bytes]
) -> None:
    """MD5 and SHA1, for every account, also after a kill; 9.6 moved them into a component."""
    server = launch({**ACCOUNT, "GRADER_MYSQL_SERIES": series}, files=files)
    for _ in range(2):
        rows = server.ask(
            "SELECT MD5('a'), SHA1('a'), SHA('a')",
            user=ACCOUNT["MYSQL_USER"], password=ACCOUNT["MYSQL_PASSWORD"],
        )  # fmt: skip
        sha1 = hashlib.sha1(b"a", usedforsecurity=False).hexdigest()
        assert rows == ((hashlib.md5(b"a", usedforsecurity=False).hexdigest(), sha1, sha1),)
        server.kill()
        server.start()


def test_functions_that_the_very_image_lacks_are_not_there(launch: Launch) -> None:
    """As with the official image of that series."""
    server = launch({**ROOT, "GRADER_MYSQL_SERIES": "9.7"})
    with pytest.raises(pymysql.Error):
        server.ask("SELECT MD5('a')")


@pytest.mark.parametrize(
    ("series", "command", "files"),
    [
        ("", [f"--{NATIVE}"], {}),
        ("8.4", [f"--{NATIVE}"], {}),
        ("8.0", ["--default-character-set=utf8mb4"], {}),
        ("8.0", ["--query-cache-size=0"], {}),
        ("8.4", [], {"my.cnf": f"[mysqld]\n{NATIVE}\n"}),
    ],
)
def test_options_that_nobody_knows_end_it(
    launch: Launch, series: str, command: list[str], files: dict[str, str]
) -> None:
    """With the words of the server that was asked for."""
    server = launch(
        {**ROOT, "GRADER_MYSQL_SERIES": series},
        command=command,
        files={f"/etc/mysql/conf.d/{name}": text.encode() for name, text in files.items()},
    )
    assert server.wait() == 1
    assert "[ERROR] [MY-000067] [Server] unknown variable '" in server.log()


def test_the_table_of_removed_options_is_true(launch: Launch) -> None:
    """None of them is an option of the server that stands in for others."""
    server = launch()
    server.connect().close()
    script = "grep -xF -f <(sed -n 's/^\\([a-z0-9-]*\\) .*/\\1/p' removed) options; true"
    job = server.api.exec_create(
        server.id, ["bash", "-c", f"cd /usr/local/share/grader-mysql && {script}"]
    )
    assert server.api.exec_start(job).decode() == ""


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


def test_a_named_time_zone_is_known(launch: Launch) -> None:
    """The usual image loads all of them; this one the one that its settings name."""
    server = launch(command=["--default-time-zone=Europe/Berlin"])
    assert server.ask("SELECT @@time_zone") == (("Europe/Berlin",),)


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


def test_a_layout_option_is_obeyed(launch: Launch) -> None:
    """An option fixed when data is initialised leads to a new data folder, not to a crash."""
    server = launch(command=["--lower-case-table-names=1"])
    assert server.ask("SELECT @@lower_case_table_names") == ((1,),)


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
