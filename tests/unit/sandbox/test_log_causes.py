"""What an app printed before it ended, and the cause that is read from it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.app_spec import Readiness
from grader.sandbox.app_settings import AppSettings
from grader.sandbox.causes import from_log
from grader.sandbox.container import ContainerState
from grader.sandbox.diagnosis import Facts, diagnose
from grader.sandbox.tracebacks import last_raised, log_tail
from tests.unit.sandbox.log_repository import FRAME, TRACE, installed, where

LOGS: list[tuple[str, str, str]] = [
    # a module that is not there
    (
        "module-not-found",
        f"{TRACE}{FRAME}ModuleNotFoundError: No module named 'flask_mysqldb'",
        (
            "no module 'flask_mysqldb' in the image (ModuleNotFoundError). Add its package, "
            "Flask-MySQLdb"
        ),
    ),
    (
        "module-not-found",
        "/usr/local/bin/python: No module named flask",
        "no module 'flask' in the image (`python -m flask`). Add its package, Flask, to",
    ),
    (
        "module-not-found",
        "/usr/bin/python3.11: No module named gunicorn\n",
        "no module 'gunicorn' in the image (`python -m gunicorn`)",
    ),
    (
        "module-not-found",
        (
            "/usr/local/bin/python3: No module named app.__main__; 'app' is a package "
            "and cannot be directly executed"
        ),
        "package without `__main__.py`",
    ),
    (
        "module-not-found",
        (
            f"{TRACE}{FRAME}{installed('sqlalchemy', 'dialects/mysql/mysqldb.py')}"
            "ModuleNotFoundError: No module named 'MySQLdb'"
        ),
        "mysql+pymysql://",
    ),
    (
        "module-not-found",
        f"{TRACE}{FRAME}ModuleNotFoundError: No module named 'MySQLdb'",
        "Add its package, mysqlclient, to requirements.txt",
    ),
    (
        "module-not-found",
        (
            f"{TRACE}{FRAME}{installed('flask_mysqldb')}ModuleNotFoundError: No module "
            "named 'flask_mysqldb._version'"
        ),
        "The package flask_mysqldb is broken as it is installed",
    ),
    (
        "module-not-found",
        (f"{TRACE}{FRAME}{installed('odd_driver')}ModuleNotFoundError: No module named '_version'"),
        "The package odd_driver is broken as it is installed",
    ),
    (
        "module-not-found",
        (
            f"{TRACE}{FRAME}{installed('flask_script')}ModuleNotFoundError: No module "
            "named 'flask._compat'"
        ),
        "Flask 2 has removed it",
    ),
    (
        "module-not-found",
        (
            f"{TRACE}{FRAME}ModuleNotFoundError: No module named 'mysql.connector'; "
            "'mysql' is not a package"
        ),
        "Rename mysql.py",
    ),
    # what newer versions dropped
    (
        "removed-name",
        (
            f"{TRACE}{FRAME}{installed('flask', 'app.py')}ImportError: cannot import name "
            "'url_quote' from 'werkzeug.urls' (/usr/lib/site-packages/werkzeug/urls.py)"
        ),
        "`Werkzeug<3`",
    ),
    (
        "removed-name",
        (
            f"{TRACE}{FRAME}ImportError: cannot import name 'escape' from 'jinja2' "
            "(/x/site-packages/jinja2/__init__.py)"
        ),
        "`Jinja2<3.1`",
    ),
    (
        "removed-name",
        f"{TRACE}{FRAME}ImportError: cannot import name 'Markup' from 'flask' (/x)",
        "import it from `markupsafe`",
    ),
    (
        "removed-name",
        (
            f"{TRACE}{FRAME}ImportError: cannot import name 'soft_unicode' from "
            "'markupsafe' (/x/site-packages/markupsafe/__init__.py)"
        ),
        "`MarkupSafe<2.1`",
    ),
    (
        "removed-name",
        (
            f"{TRACE}{FRAME}ImportError: cannot import name 'Mapping' from 'collections' "
            "(/usr/lib/python3.11/collections/__init__.py)"
        ),
        "`collections.abc`",
    ),
    (
        "removed-name",
        (
            f"{TRACE}{FRAME}AttributeError: 'Flask' object has no attribute "
            "'before_first_request'. Did you mean: '_got_first_request'?"
        ),
        "Flask 2.3 has removed it",
    ),
    (
        "removed-name",
        (
            f"{TRACE}{FRAME}ImportError: cannot import name 'db' from partially "
            "initialized module 'models' (most likely due to a circular import) (/app/models.py)"
        ),
        "import each other in a circle",
    ),
    (
        "broken-driver",
        (
            f"{TRACE}{installed('MySQLdb')}ImportError: libmariadb.so.3: cannot open "
            "shared object file: No such file or directory"
        ),
        "libmariadb3",
    ),
    # Flask and gunicorn
    (
        "no-such-app",
        (
            "Usage: flask run [OPTIONS]\n\nError: Could not locate a Flask application. Use "
            "the 'flask --app' option, 'FLASK_APP' environment variable"
        ),
        "`flask run` finds no app",
    ),
    ("no-such-app", "Usage: flask run\nError: Could not import 'wsgi'.", "cannot import 'wsgi'"),
    ("no-such-app", "Error: Failed to find attribute 'application' in 'app'.", "Flask finds no"),
    ("no-such-app", "Failed to find attribute 'app' in 'wsgi'.", "Gunicorn finds no 'app'"),
    (
        "no-such-app",
        (
            "Error: Failed to find Flask application or factory in module 'main'. Use "
            "'main:name' to specify one."
        ),
        "Flask finds no app in the module 'main'",
    ),
    (
        "module-not-found",
        (
            f"Error: While importing 'app', an ImportError was raised:\n\n{TRACE}{FRAME}"
            "ModuleNotFoundError: No module named 'pymysql'\n"
        ),
        "Add its package, PyMySQL",
    ),
    (
        "module-not-found",
        (
            f"[2026-11-28 18:00:00 +0000] [7] [ERROR] Exception in worker process\n"
            f"{TRACE}{FRAME}ModuleNotFoundError: No module named 'flask'\n"
            "[2026-11-28 18:00:00 +0000] [7] [INFO] Worker exiting (pid: 7)\n"
            f"{TRACE}{installed('gunicorn', 'arbiter.py')}"
            "gunicorn.errors.HaltServer: <HaltServer 'Worker failed to boot.' 3>\n"
        ),
        "no module 'flask'",
    ),
    (
        "syntax",
        (
            '  File "/app/app.py", line 12\n    def home(\n            ^\n'
            "SyntaxError: '(' was never closed\n"
        ),
        "Python cannot read /app/app.py, line 12: '(' was",
    ),
    (
        "syntax",
        (
            f'{TRACE}{FRAME}  File "/app/db.py", line 4\n    x = 1\nIndentationError: unexpected '
            "indent"
        ),
        "Python cannot read /app/db.py, line 4: unexpected indent",
    ),
    # ports
    ("bad-port", "Error: '$PORT' is not a valid port number.", "given the text '$PORT' itself"),
    (
        "bad-port",
        (
            "Usage: flask run [OPTIONS]\nError: Invalid value for '--port' / '-p': '${PORT}' is "
            "not a valid integer."
        ),
        "given the text '${PORT}' itself",
    ),
    (
        "bad-port",
        f"{TRACE}{FRAME}ValueError: invalid literal for int() with base 10: '$PORT'",
        "given the text '$PORT' itself",
    ),
    ("bad-port", "Error: '' is not a valid port number.", "the variable that should hold it is"),
    # shells
    ("no-such-program", "sh: 1: nc: not found\n" * 3, "finds no program 'nc' in the image"),
    (
        "no-such-program",
        "/app/wait.sh: line 3: mysqladmin: command not found",
        "default-mysql-client",
    ),
    ("no-such-program", "/bin/sh: 1: gunicorn: not found", "Add gunicorn to requirements.txt"),
    ("no-such-program", "./entrypoint.sh: 4: exec: waitress-serve: not found", "Add waitress to"),
    ("no-such-program", "entrypoint.sh: 2: source: not found", "`source` is bash's"),
    ("no-such-program", "/usr/bin/env: 'bash': No such file or directory", "asks for 'bash'"),
    (
        "crlf",
        "/app/entrypoint.sh: line 2: $'\\r': command not found",
        "line ends of Windows (CRLF)",
    ),
    ("crlf", "/app/entrypoint.sh: 2: set: Illegal option -\n", "line ends of Windows (CRLF)"),
    (
        "crlf",
        (
            "env: 'python3\\r': No such file or directory\nenv: use -[v]S to pass options in "
            "shebang"
            " lines"
        ),
        "line ends of Windows (CRLF)",
    ),
    (
        "crlf",
        "python: can't open file '/app/app.py\\r': [Errno 2] No such file or directory",
        "line ends of Windows (CRLF)",
    ),
    (
        "no-interpreter",
        "exec /app/entrypoint.sh: no such file or directory\n",
        "what has to run it",
    ),
    ("exec-format", "exec /app/app.py: exec format error\n", '["python", "/app/app.py"]'),
    ("not-executable", "sh: 1: ./start.sh: Permission denied", "its execute bit is not set"),
    # files
    (
        "file-not-found",
        (f"{TRACE}{FRAME}FileNotFoundError: [Errno 2] No such file or directory: 'config.json'"),
        "opens 'config.json', which is not in the container",
    ),
    (
        "template-not-found",
        f"{TRACE}{FRAME}jinja2.exceptions.TemplateNotFound: Index.html",
        "no template 'Index.html'",
    ),
]


LOGS.append(
    (
        "crlf",
        "/usr/bin/env: \u2018bash\\r\u2019: No such file or directory",
        "line ends of Windows (CRLF)",
    )
)


LOGS += [
    ("broken-driver", f"{TRACE}{FRAME}{said}\n", sentence)
    for said, sentence in (
        (
            "ImportError: libGL.so.1: cannot open shared object file: No such file or directory",
            "install -y libgl1` in the stage that runs the app, or take opencv-python-headless",
        ),
        ("ImportError: Unable to find zbar shared library", "install -y libzbar0`"),
        (
            "OSError: cannot load library 'libgobject-2.0-0': libgobject-2.0-0: cannot open shared",
            "library libgobject-2.0-0, which the image does not have. Install it with `RUN apt-get",
        ),
        ("ImportError: failed to find libmagic.  Check your installation", "-y libmagic1`"),
        (
            "OSError: libstrange.so.3: cannot open shared object file: No such file or directory",
            "libstrange.so.3, which the image does not have. Install it with apt-get in the",
        ),
    )
]


@pytest.mark.parametrize(("cause", "log", "sentence"), LOGS)
def test_the_cause_is_named(cause: str, log: str, sentence: str) -> None:
    """Each kind that public repositories show, without their files at hand."""
    named, said = from_log(log, where())
    assert named == cause, said
    assert sentence in said


MANY_TRIES = "(2003, \"Can't connect to MySQL server on 'db' ([Errno 111])\")\n"


def test_the_last_exception_is_the_cause() -> None:
    """What was tried again with success, or was fixed before the last start, is none."""
    log = f"{MANY_TRIES * 3}{TRACE}{FRAME}KeyError: 'DB_NAME'\n"
    assert from_log(log, where())[0] == "missing-variable"
    log = (
        f"{TRACE}{FRAME}ModuleNotFoundError: No module named 'x'\n{TRACE}{FRAME}KeyError: 'A_KEY'\n"
    )
    assert from_log(log, where())[0] == "missing-variable"


def ended(log: str) -> Facts:
    """An app that ended with an error and printed `log`."""
    return Facts(
        ready=Readiness(path="/", status=None, within=30),
        state=ContainerState(running=False, exit_code=1, oom_killed=False),
        logs=log,
        surroundings=where(),
    )


def test_an_exception_that_is_not_known_hides_what_was_before() -> None:
    """It is shown itself, with its place, and not an older one in its stead."""
    log = f"{TRACE}{FRAME}KeyError: 'A_KEY'\nstarted\n{TRACE}{FRAME}shop.NoStock: sold out\n"
    assert from_log(log, where()) == ("", "")
    said = diagnose(ended(log)).sentence
    assert "Its last error: NoStock: sold out (/app/app.py, line 3)" in said


def test_what_an_app_gave_up_over_is_said_too() -> None:
    """An app that tried for a minute ends with an exception of its own."""
    log = f"{MANY_TRIES * 9}{TRACE}{FRAME}RuntimeError: the database never came\n"
    said = diagnose(ended(log)).sentence
    assert "RuntimeError: the database never came" in said
    assert "Before that: It cannot reach MySQL at 'db'" in said


def test_of_a_chain_the_known_one_is_named() -> None:
    """The exceptions that led to one another are one failure."""
    log = (
        f"{TRACE}{FRAME}ModuleNotFoundError: No module named 'MySQLdb'\n\nDuring handling of the "
        f"above exception, another exception occurred:\n\n{TRACE}{FRAME}shop.Configuration: no\n"
    )
    assert from_log(log, where())[0] == "module-not-found"


def test_messages_of_several_lines_are_kept() -> None:
    """SQLAlchemy says on the second line what was executed."""
    said = "sqlalchemy.exc.DataError: too long\n[SQL: INSERT INTO t]\n(Background on x)\n"
    log = f"{TRACE}{FRAME}{said}"
    raised = last_raised(log)
    assert raised is not None
    assert raised.text == "DataError: too long [SQL: INSERT INTO t] (Background on x)"


LONG = f"RuntimeError: cannot load {'x' * 3000}, as the port is taken"
WORDY = "sqlalchemy.exc.DataError: too long\n" + "  and more\n" * 19 + "  of the column title"


@pytest.mark.parametrize(
    ("said", "begins", "ends"),
    [
        (LONG, "RuntimeError: cannot load xxx", "xxx, as the port is taken"),
        (WORDY, "DataError: too long and more", "and more and more of the column title"),
    ],
    ids=["3000 characters", "20 lines"],
)
def test_the_end_of_a_long_message_is_shown(said: str, begins: str, ends: str) -> None:
    """What is left out is in the middle, and its length is said."""
    log = f"{TRACE}{FRAME}{said}\nthe worker has ended\n"
    raised = last_raised(log)
    assert raised is not None
    assert raised.text.endswith(ends)
    sentence = diagnose(ended(log)).sentence
    assert f" Its last error: {begins}" in sentence
    assert sentence.endswith(f"{ends} (/app/app.py, line 3)")
    assert "the worker has ended" not in sentence
    left_out = len(raised.text) - 600
    assert (f"… ({left_out} characters left out) …" in sentence) is (left_out > 0)


def test_the_log_tail_shows_an_exception_of_many_lines_to_its_end() -> None:
    """Where lines that come after it push it out of the last ones."""
    tail = log_tail(f"{TRACE}{FRAME}{WORDY}\n" + "GET / 500\n" * 30)
    assert tail.endswith("  and more\n  of the column title")


@pytest.mark.slow
def test_no_nesting_makes_it_slow() -> None:
    """A log that looks like a thousand tracebacks is read at once."""
    log = (TRACE + '  File "x", line 1\n' * 3) * 4000 + "sh: 1: " * 20000
    assert from_log(log, where()) == ("", "")


# -- with the repository's files at hand ---------------------------------------------------------
def test_a_sqlite_file_that_cannot_be_opened() -> None:
    """The folder of a volume has the owner of the image's folder; without one it is any folder."""
    logs = f"{TRACE}{FRAME}sqlite3.OperationalError: unable to open database file\n"
    cause, sentence = from_log(logs, AppSettings(volumes=("/data",)))
    assert cause == "sqlite-file"
    assert "`RUN mkdir -p /data && chown` it to your user" in sentence
    assert "volume" not in from_log(logs, AppSettings())[1]


def test_a_server_error_shows_the_exception_behind_it() -> None:
    """An app that catches what its driver raises falls over the next line."""
    printed = "Error 2003 (HY000): Can't connect to MySQL server on 'localhost:3306' (111)\n"
    log = f"{printed}{TRACE}{FRAME}AttributeError: 'NoneType' object has no attribute 'cursor'\n"
    up = ContainerState(running=True, exit_code=0, oom_killed=False)
    facts = replace(ended(log), state=up, answered=500)
    said = diagnose(facts).sentence
    assert "GET / answered 500 for 30 s. Its last error: AttributeError: 'NoneType'" in said
    assert "(/app/app.py, line 3)" in said
    assert "Before that: It cannot reach MySQL at 'localhost:3306'" in said
    assert "Its last error" not in diagnose(replace(facts, answered=404)).sentence
