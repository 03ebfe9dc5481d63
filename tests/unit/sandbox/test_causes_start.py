"""Apps that are started the wrong way, and accounts that let nobody in."""

from __future__ import annotations

import pytest

from grader.sandbox.app_settings import AppSettings
from grader.sandbox.causes import from_log
from tests.unit.sandbox.log_repository import FRAME, TRACE, where

NO_FLASK = f"{TRACE}{FRAME}ModuleNotFoundError: No module named 'flask'"
RETRY = (
    "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError('x')'\n"
    "ERROR: Could not find a version that satisfies the requirement flask (from versions: none)\n"
    "ERROR: No matching distribution found for flask\n"
)
HOST = "1130 (HY000): Host '172.18.0.3' is not allowed to connect to this MySQL server"
SHADOW = (
    "ImportError: cannot import name 'Flask' from partially initialized module 'flask' (most "
    "likely due to a circular import) (/app/flask.py)"
)
FOUND = [
    ("installs-at-start", RETRY, "It installs packages when it starts, and a container reaches no"),
    ("installs-at-start", f"{RETRY}{NO_FLASK}", "Install them in the Dockerfile (RUN)"),
    (
        "installs-at-start",
        "error: Request failed after 3 retries\n  Caused by: Failed to fetch: `https://index.invalid/x`",
        "`uv run --no-sync`",
    ),
    ("module-not-found", NO_FLASK, "no module 'flask'"),
    ("bad-arguments", "Usage: flask [OPTIONS]\n\nError: No such command 'db'.", "Flask-Migrate's"),
    ("bad-arguments", "Error: No such command 'runserver'.", "`flask run --host 0.0.0.0`"),
    (
        "bad-arguments",
        "Error: Got unexpected extra argument (app.py)",
        "argument (app.py). Correct",
    ),
    ("bad-arguments", "Error: No such option: --prot", "No such option: --prot. Correct CMD."),
    (
        "bad-arguments",
        "usage: gunicorn [OPTIONS]\ngunicorn: error: unrecognized arguments: --reloads",
        "unrecognized arguments: --reloads.",
    ),
    ("bad-address", "OSError: [Errno 99] Cannot assign requested address", 'host="0.0.0.0"'),
    ("bad-address", "[ERROR] Invalid address: ('192.168.1.5', 5000)", "(('192.168.1.5', 5000))"),
    (
        "missing-variable",
        ("RuntimeError: Either 'SQLALCHEMY_DATABASE_URI' or 'SQLALCHEMY_BINDS' must be set."),
        "The URL of its database is empty",
    ),
    (
        "missing-variable",
        f"{TRACE}{FRAME}sqlalchemy.exc.ArgumentError: Expected string or URL object, got None",
        "Read the variables that the brief names",
    ),
    ("database-forbidden", HOST, "`'NAME'@'%'` in CREATE USER, and leave MYSQL_ROOT_HOST out"),
    (
        "database-credentials",
        "(1045, \"Access denied for user 'root'@'172.18.0.3' (using password: NO)\")",
        "It gave no password: what it takes it from is empty or not set.",
    ),
    ("removed-name", f"{TRACE}{FRAME}{SHADOW}", "your file /app/flask.py has the name of the pack"),
]


@pytest.mark.parametrize(("cause", "log", "sentence"), FOUND)
def test_the_cause_is_named(cause: str, log: str, sentence: str) -> None:
    """In the words of the program that says it."""
    named, said = from_log(log, where())
    assert named == cause, said
    assert sentence in said


def test_a_services_command_is_where_it_stands() -> None:
    """In a Compose file, it may stand there."""
    composed = AppSettings(service="web")
    assert "your Compose file's `command`" in from_log("Error: No such option: -x", composed)[1]
