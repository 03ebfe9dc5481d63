"""The pre-initialised MySQL is ready at once, survives kills, and takes its series' options."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import suppress

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
    launching,
)
from tests.docker.pace import slowness


@pytest.fixture
def launch(engine: Engine, settings: Settings) -> Iterator[Launch]:
    with launching(engine, settings) as run:
        yield run


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


def test_a_named_time_zone_is_known(launch: Launch) -> None:
    """The usual image loads all of them; this one the one that its settings name."""
    server = launch(command=["--default-time-zone=Europe/Berlin"])
    assert server.ask("SELECT @@time_zone") == (("Europe/Berlin",),)


def test_a_layout_option_is_obeyed(launch: Launch) -> None:
    """An option fixed when data is initialised leads to a new data folder, not to a crash."""
    server = launch(command=["--lower-case-table-names=1"])
    assert server.ask("SELECT @@lower_case_table_names") == ((1,),)
