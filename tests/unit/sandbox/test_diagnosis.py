"""Why an app did not start: from facts to a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from grader.app_spec import Readiness
from grader.sandbox.container import ContainerState
from grader.sandbox.diagnosis import AppSettings, Facts, cannot_start, diagnose
from grader.sandbox.sockets import Listener

TRACE = 'Traceback (most recent call last):\n  File "app.py", line 1, in <module>\n'


def facts(*, running: bool = True, exit_code: int = 0, **changes: Any) -> Facts:
    """What was seen of an app that should answer 200 in 30 s."""
    state = ContainerState(
        running=running, exit_code=exit_code, oom_killed=changes.pop("oom_killed", False)
    )
    values: dict[str, Any] = {
        "surroundings": AppSettings(),
        "ready": Readiness(path="/health", status=200, within=30.0),
        "state": state,
    }
    return Facts(**values | changes)


def said(**changes: Any) -> str:
    return diagnose(facts(**changes)).sentence


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        ("ModuleNotFoundError: No module named 'flask'", "Python has no module 'flask'"),
        ("OSError: [Errno 98] Address already in use", "The port is already in use inside"),
        ("[ERROR] Connection in use: ('0.0.0.0', 5000)", "The port is already in use inside"),
        (
            "RuntimeError: 'cryptography' package is required for sha256_password",
            "lacks MySQL's authentication plugin",
        ),
        ("Authentication plugin 'x' is not supported", "lacks MySQL's authentication plugin"),
        (
            "(1045, \"Access denied for user 'root'@'172.18.0.3' (using password: YES)\")",
            "MySQL refused the user 'root' (error 1045)",
        ),
        (
            "(1044, \"Access denied for user 'app'@'%' to database 'shop'\")",
            "MySQL refused a statement: Access denied for user 'app'",
        ),
        ("(1049, \"Unknown database 'shop'\")", "There is no database 'shop' (error 1049)"),
        (
            "(2003, \"Can't connect to MySQL server on 'localhost' ([Errno 111])\")",
            "It cannot reach MySQL at 'localhost'",
        ),
        (
            "Can't connect to local MySQL server through socket '/run/mysqld/mysqld.sock' (2)",
            "It cannot reach MySQL at '/run/mysqld/mysqld.sock'",
        ),
        ("Failed to find attribute 'app' in 'wsgi'.", "Gunicorn finds no 'app' in the module"),
        ("python: can't open file '/app/run.py': [Errno 2]", "There is no '/app/run.py' in"),
        ("KeyError: 'DATABASE_URL'", "wants the environment variable DATABASE_URL"),
        (
            "PermissionError: [Errno 13] Permission denied: '/app/log'",
            "Its user may not write '/app/log'",
        ),
    ],
)
def test_a_cause_in_the_log_is_named(log: str, sentence: str) -> None:
    """Whether the app ended over it, runs without listening, or answers with an error."""
    logs = f"{TRACE}{log}\n"
    ended = said(running=False, exit_code=1, logs=logs)
    assert ended.startswith("It ended with exit code 1 before it was ready. ")
    assert sentence in ended
    deaf = said(logs=logs)
    assert deaf.startswith("It does not listen on port 5000 after 30 s. ")
    assert sentence in deaf
    wrong = said(answered=500, logs=logs)
    assert wrong.startswith("GET /health answered 500 instead of 200 for 30 s. ")
    assert sentence in wrong


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"running": False, "exit_code": 137, "oom_killed": True}, "It was killed because it used"),
        ({"running": False}, "It ended at once, without an error (exit code 0)."),
        (
            {"running": False, "exit_code": 1, "logs": f"{TRACE}ValueError: bad port\n"},
            "It ended with exit code 1 before it was ready. Its last error: ValueError: bad port",
        ),
        ({"running": False, "exit_code": 2}, "It ended with exit code 2 before it was ready."),
        (
            {"logs": f"{TRACE}KeyError: 'DB_URL'\n" * 3},
            "It starts over and over again (a crash loop). It wants the environment variable",
        ),
        ({"answered": 404}, "GET /health answered 404 instead of 200 for 30 s."),
        (
            {"hung": True, "listening": (Listener(port=5000, loopback=False),)},
            "It listens on port 5000 but did not answer GET /health in time.",
        ),
        (
            {"listening": (Listener(port=5000, loopback=False),)},
            "It accepts connections on port 5000 but closes them without an HTTP answer.",
        ),
        (
            {"listening": (Listener(port=5000, loopback=True),)},
            "It listens on port 5000, but on 127.0.0.1 only",
        ),
        (
            {"listening": (Listener(port=8000, loopback=False),)},
            "It listens on port 8000, not on 5000 as the brief asks.",
        ),
        (
            {"listening": (Listener(port=80, loopback=True), Listener(port=8000, loopback=False))},
            "It listens on port 8000, not on 5000 as the brief asks.",
        ),
        (
            {"listening": (Listener(port=8000, loopback=True),)},
            "It listens on port 8000, not on 5000 as the brief asks.",
        ),
        ({}, "It runs but never listened on port 5000 within 30 s."),
        (
            {"logs": "sqlite3.OperationalError: no such table\n"},
            ("It runs but never listened on port 5000 within 30 s. Its last error: "
            "OperationalError: no such table"),
        ),
    ],
)  # fmt: skip
def test_each_way_not_to_start_has_its_sentence(changes: dict[str, Any], sentence: str) -> None:
    """The most telling cause comes first."""
    assert said(**changes).startswith(sentence)


@pytest.mark.parametrize(
    ("explanation", "sentence"),
    [
        (
            ('OCI runtime create failed: exec: "gunicorn": executable file not found in $PATH: '
            "unknown"),
            "cannot be run: gunicorn: executable file not found in $PATH.",
        ),
        ('exec: "/run.sh": permission denied: unknown', "run: /run.sh: permission denied."),
        ("something else", "The container cannot be started: something else"),
    ],
)  # fmt: skip
def test_a_command_that_cannot_be_run_is_named(explanation: str, sentence: str) -> None:
    """From what the engine says, without its own terms."""
    assert sentence in cannot_start(explanation)
