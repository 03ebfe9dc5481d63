"""What comes of a variable that nothing gives is put down to it."""

from __future__ import annotations

import pytest

from grader.sandbox.missing_variables import Unset, unset_cause

HOST = Unset(name="DB_HOST", where="app.py, line 5", role="host")
USER = Unset(name="DB_USER", where="app.py, line 5", role="user")
NAME = Unset(name="DB_NAME", where="app.py, line 6", role="database")
MAIL = Unset(name="MAIL_SENDER", where="mail.py, line 2", role="other")
SECRET = Unset(name="SECRET_KEY", where="app.py, line 9", role="secret", indirect=True)
SOCKET = "(2002, \"Can't connect to local server through socket '/run/mysqld/mysqld.sock' (2)\")"
ALL = (HOST, USER, NAME, MAIL, SECRET)


@pytest.mark.parametrize(
    "logs",
    [
        "2003 (HY000): Can't connect to MySQL server on '127.0.0.1:3306' (111)",
        "(2003, \"Can't connect to MySQL server on 'localhost' ([Errno 111] Connection refused)\")",
        "2003: Can't connect to MySQL server on 'localhost:3306' (Errno 111: Connection refused)",
        "(2003, \"Can't connect to MySQL server on 'None' ([Errno -2] Name not known)\")",
        SOCKET,
        "(1045, \"Access denied for user ''@'172.18.0.3' (using password: NO)\")",
        "1045 (28000): Access denied for user 'root'@'172.18.0.3' (using password: NO)",
        "(1049, \"Unknown database 'None'\")",
        "1046 (3D000): No database selected",
    ],
)
def test_a_driver_that_was_given_nothing(logs: str) -> None:
    """All of the connection's variables are named at once, and not the others."""
    said = unset_cause(logs, ALL, service="web")
    assert said == (
        "It reads DB_HOST, DB_USER and DB_NAME from the environment (app.py, line 5), and your "
        "Compose file does not pass them on: name them under `environment` of the service 'web'."
    )


@pytest.mark.parametrize(
    "logs",
    [
        "(2003, \"Can't connect to MySQL server on 'db' ([Errno 111] Connection refused)\")",
        "Can't connect to MySQL server on 'localhost.example'",
        "(1045, \"Access denied for user 'board'@'172.18.0.3' (using password: YES)\")",
        "(1049, \"Unknown database 'board'\")",
        "ModuleNotFoundError: No module named 'flask'",
        f"pymysql.err.OperationalError: {SOCKET}\nModuleNotFoundError: No module named 'flask'",
        "",
    ],
)
def test_something_else(logs: str) -> None:
    """It is not the variable's fault."""
    assert unset_cause(logs, ALL, service="web") == ""


def test_another_variable_is_not_blamed() -> None:
    """A host that was written down is one, whatever else is read."""
    logs = "Can't connect to MySQL server on '127.0.0.1:3306' (111)"
    assert unset_cause(logs, (USER, NAME, MAIL), service="web") == ""
    assert unset_cause(logs, (), service="web") == ""


@pytest.mark.parametrize(
    ("error", "name"),
    [
        ("KeyError: 'MAIL_SENDER'", "MAIL_SENDER"),
        ("RuntimeError: SECRET_KEY is not set. Copy .env.example to .env.", "SECRET_KEY"),
        ("pydantic.ValidationError: DB_HOST", "DB_HOST"),
    ],
)
def test_the_apps_own_error_names_it(error: str, name: str) -> None:
    """Python's, or one of the app's own words; the last one counts."""
    said = unset_cause(f"KeyError: 'DB_NAME'\nmore\n{error}\n", ALL, service="")
    assert said.startswith(f"It reads {name} from the environment (")
    assert said.endswith("the brief does not promise it: read the variables that the brief names.")
