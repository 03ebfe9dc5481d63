"""Why MySQL ended: its own first error, the script that failed, and what to do."""

from __future__ import annotations

import pytest

from grader.sandbox.mysql_log import (
    ServerFiles,
    explain_server,
    removed_options,
    telling_lines,
)

FILES = ServerFiles(
    mounts={
        "/docker-entrypoint-initdb.d": "db/init",
        "/docker-entrypoint-initdb.d/init.sql": "./init.sql",
    },
    missing={"/docker-entrypoint-initdb.d/init.sql": "compose.yml, line 20"},
    command="compose.yml, line 9",
)
NOTE = "2026-11-28T18:02:53.7Z 0 [Note] [MY-012488] [InnoDB] DDL log recovery : end\n"
RUNNING = NOTE + "grader-mysql: running /docker-entrypoint-initdb.d/{}\n" + NOTE
SYNTAX = "ERROR 1064 (42000) at line 7: You have an error\n"
ABORTING = "2026-11-28T18:30:39Z 0 [ERROR] [MY-010119] [Server] Aborting\n"


def unknown(option: str) -> str:
    """What mysqld prints of an option that it has not."""
    said = f"[ERROR] [MY-000067] [Server] unknown variable '{option}'."
    return f"{NOTE}2026-11-28T18:30:39Z 0 {said}\n{ABORTING}"


@pytest.mark.parametrize(
    ("logs", "said"),
    [
        (RUNNING.format("01.sql") + "ERROR 1146 (42S02) at line 2: Table 'b.n' doesn't exist\n",
         "The init script db/init/01.sql failed at line 2: Table 'b.n' doesn't exist (error"),
        (RUNNING.format("0.sql") + RUNNING.format("2.sql.gz") + SYNTAX,
         "The init script db/init/2.sql.gz failed at line 7: You have"),
        (RUNNING.format("a.sh") + "ERROR 1045 (28000): Access denied for user 'root'@'localhost'\n",
         "The init script db/init/a.sh failed: Access denied for user 'root'@'localhost' (error"),
        (RUNNING.format("a.sh") + "/docker-entrypoint-initdb.d/a.sh: line 3: foo: not found\n",
         "The init script db/init/a.sh failed: /docker-entrypoint-initdb.d/a.sh: line 3: foo: not"),
        (2 * ("GENERATED ROOT PASSWORD: x\n" + RUNNING.format("a.sh") + "foo: not found\n")
         + "GENERATED ROOT PASSWORD: x\n",
         "The init script db/init/a.sh failed: foo: not found."),
        (RUNNING.format("init.sql") + "ERROR: Can't initialize batch_readline - may be the input\n",
         "db/init/init.sql is mounted as an init script (compose.yml, line 20), and your"),
        (RUNNING.format("x.sql") + "ERROR: Can't initialize batch_readline - may be the input\n",
         "The init script db/init/x.sql is a folder, which MySQL cannot run; name a file."),
        (unknown("default-authentication-plugin=mysql_native_password"),
         "MySQL 8.4 has no option --default-authentication-plugin any more: remove it (compose"),
        (unknown("default-character-set=utf8mb4"),
         "--default-character-set is an option of MySQL's clients, not of the server. Write --ch"),
        (unknown("max_conections=5"), "The server has no option --max-conections: correct or"),
        (unknown("query_cache_size=0"), "MySQL 8.0 has no option --query-cache-size any more"),
        (NOTE + "x 0 [ERROR] [MY-010457] [Server] --initialize specified but the\n" + ABORTING,
         "MySQL ended with: [ERROR] --initialize specified but the"),
        ("grader-mysql: The root account has no password. Set MYSQL_ROOT_PASSWORD.\n",
         "The root account has no password. Set MYSQL_ROOT_PASSWORD."),
        ("grader-mysql: this version of MySQL has no option --x; it is left out.\n" + NOTE, ""),
        (NOTE, ""),
        ("", ""),
    ],
)  # fmt: skip
def test_the_cause(logs: str, said: str) -> None:
    """The first error counts, and the last script that ran; nothing is told of notes."""
    found = explain_server(logs, FILES, "8.4")
    assert found.startswith(said)
    assert bool(found) == bool(said)


def test_an_option_that_the_series_had() -> None:
    """It was removed later than the series that was asked for: that is not said."""
    logs = unknown("default_authentication_plugin=x")
    assert explain_server(logs, ServerFiles(), "8.0").startswith(
        "The server has no option --default"
    )
    assert explain_server(logs, ServerFiles(), "any").startswith("MySQL 8.4 has no option")


def test_the_table_is_in_order() -> None:
    """Each option once, with a series; names as mysqld prints them."""
    table = removed_options()
    assert len(table) > 70
    assert set(table.values()) == {"8.0", "8.4", "9.7"}
    assert all(name == name.lower() and "_" not in name for name in table)


def test_lines_that_tell_something() -> None:
    """Notes are left out where anything else is there."""
    assert telling_lines(NOTE + ABORTING + NOTE) == ABORTING.strip()
    assert telling_lines(NOTE) == NOTE.strip()


MARIADB_NOTE = "2026-11-29 15:21:57 0 [Note] Plugin 'FEEDBACK' is disabled.\n"
ENTRYPOINT = "[Note] [Entrypoint]: /usr/local/lib/grader/entrypoint.sh: {}\n"
MARIADB_RUNNING = MARIADB_NOTE + ENTRYPOINT.format("running /docker-entrypoint-initdb.d/{}")


@pytest.mark.parametrize(
    ("logs", "said"),
    [
        ((f"{MARIADB_NOTE}2026-11-29 15:21:57 0 [ERROR] mariadbd: unknown variable 'foo-bar=1'\n"
         "2026-11-29 15:21:57 0 [ERROR] Aborting\n"),
         ("The server has no option --foo-bar: correct or remove it (compose.yml, line 9). MariaDB "
         "ended with: [ERROR] unknown variable 'foo-bar=1'")),
        (f"{MARIADB_NOTE}2026-11-29 15:21:57 0 [ERROR] InnoDB: Cannot open x\n",
         "MariaDB ended with: [ERROR] InnoDB: Cannot open x"),
        ("2026-11-29 15:21:57 0 [ERROR] mariadbd: unknown variable 'default-character-set=x'\n",
         "--default-character-set is an option of MariaDB's clients, not of the server."),
        ("2026-11-29 15:21:57 0 [ERROR] mariadbd: unknown variable 'query-cache-x=1'\n",
         "The server has no option --query-cache-x"),
        (MARIADB_RUNNING.format("2.sql") + SYNTAX,
         ("The init script db/init/2.sql failed at line 7: You have an error (error 1064). An init "
         "script that fails ends MariaDB")),
        (ENTRYPOINT.format("sourcing /docker-entrypoint-initdb.d/a.sh") + "a.sh: foo: not found\n"
         + MARIADB_NOTE, "The init script db/init/a.sh failed: a.sh: foo: not found."),
        (MARIADB_RUNNING.format("x.sql") + "ERROR: Can't initialize batch_readline - may be\n",
         "The init script db/init/x.sql is a folder, which MariaDB cannot run"),
        ("[ERROR] [Entrypoint]: MARIADB_USER is set, and neither MARIADB_PASSWORD nor",
         "MARIADB_USER is set, and neither MARIADB_PASSWORD nor"),
        (MARIADB_RUNNING.format("a.sql") + MARIADB_NOTE, ""),
    ],
)  # fmt: skip
def test_what_a_mariadb_says(logs: str, said: str) -> None:
    """Its entrypoint and its server have other forms; its options are not MySQL's."""
    found = explain_server(logs, FILES, "any", "MariaDB")
    assert found.startswith(said)
    assert bool(found) == bool(said)
