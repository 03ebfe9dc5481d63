"""What students' repositories printed, and the cause that is the true one of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from grader.app_spec import Readiness
from grader.requirement_files import RequiredPackage, read_requirements
from grader.sandbox.app_settings import AppSettings, LiteralAdvice
from grader.sandbox.causes import from_log
from grader.sandbox.container import ContainerState
from grader.sandbox.diagnosis import Facts, cannot_start, diagnose
from grader.sandbox.tracebacks import last_raised

TRACE = "Traceback (most recent call last):\n"
FRAME = '  File "/app/app.py", line 3, in <module>\n    from x import y\n'


def installed(package: str, file: str = "__init__.py") -> str:
    path = f"/usr/local/lib/python3.11/site-packages/{package}/{file}"
    return f'  File "{path}", line 7, in <module>\n    import something\n'


@dataclass
class Repository:
    """The files of a repository that a sentence may speak of."""

    files: dict[str, str] = field(default_factory=dict)
    executable: frozenset[str] = frozenset()
    mount: str = ""
    chmod: bool = False
    place: str = ""
    out: str = ""
    packages: frozenset[str] = frozenset()
    lists: dict[str, str] = field(default_factory=dict)
    broken: tuple[str, str] = ("", "")

    def named(self, program: str) -> str:
        name = program.rpartition("/")[2]
        return next((one for one in self.files if one.rpartition("/")[2] == name), "")

    def text(self, path: str) -> str:
        return self.files[path]

    def has_crlf(self, path: str) -> bool:
        return "\r\n" in self.files[path]

    def crlf_scripts(self) -> tuple[str, ...]:
        return tuple(one for one in self.files if one.endswith(".sh") and self.has_crlf(one))

    def is_executable(self, path: str) -> bool:
        return path in self.executable

    def mounted_over(self, program: str) -> str:
        return self.mount

    def changes_mode(self, path: str) -> bool:
        return self.chmod

    def command(self, text: str) -> str:
        return self.place

    def kept_out(self, path: str) -> str:
        return self.out

    def broken_list(self) -> tuple[str, str]:
        return self.broken

    def creates_app(self) -> tuple[str, ...]:
        return tuple(one for one in self.files if "Flask(" in self.files[one])

    def requires(self, package: str) -> bool:
        return package in self.packages

    def requirements(self) -> tuple[RequiredPackage, ...]:
        lists = self.lists.items()
        return tuple(one for path, text in lists for one in read_requirements(path, text))


def where(repository: Repository | None = None, quoted: tuple[str, ...] = ()) -> AppSettings:
    return AppSettings(sources=lambda: repository, literals=LiteralAdvice(quoted=quoted))


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


@pytest.mark.slow
def test_no_nesting_makes_it_slow() -> None:
    """A log that looks like a thousand tracebacks is read at once."""
    log = (TRACE + '  File "x", line 1\n' * 3) * 4000 + "sh: 1: " * 20000
    assert from_log(log, where()) == ("", "")


# -- with the repository's files at hand ---------------------------------------------------------

LISTS = {
    '"python", "app.py"': "/bin/sh: 1: python,: not found",
    "['python', 'app.py']": "/bin/sh: 1: [python,: not found",
    '["python" "app.py"]': "/bin/sh: 1: [python: not found",
    "[python, app.py]": "/bin/sh: 1: [python,: not found",
    "[\u201cpython\u201d, \u201capp.py\u201d]": "/bin/sh: 1: [\u201cpython\u201d,: not found",
    '["python", "app.py]': "/bin/sh: 1: Syntax error: Unterminated quoted string",
}
"""Commands that were to be a list, and what the shell prints that gets them instead."""


@pytest.mark.parametrize("command", LISTS)
def test_a_list_that_is_none_is_shown_as_it_is_meant(command: str) -> None:
    """Docker hands it to a shell, which takes its first word for a program."""
    at = "CMD, Dockerfile, line 6"
    cause, said = from_log(f"{LISTS[command]}\n", where(Repository(broken=(at, command))))
    assert cause in {"no-such-program", "bad-command"}
    assert f"is no list that Docker can read ({at})" in said
    assert '["python", "app.py"]' in said


def test_a_shell_of_a_script_has_no_list() -> None:
    """A test without blanks prints nearly the same."""
    at = ("CMD, Dockerfile, line 6", '["x", "y"')
    for log in ("start.sh: 3: [prod: not found", "/bin/sh: 1: [prod: not found"):
        assert "is no list" not in from_log(f"{log}\n", where(Repository(broken=at)))[1]


def test_a_command_in_quotes_is_one_program_to_the_shell() -> None:
    """CMD "python app.py" has no brackets."""
    cause, said = from_log("/bin/sh: 1: python app.py: not found\n", where())
    assert cause == "bad-command"
    assert "the whole text 'python app.py' for the name of one program" in said


def test_a_list_in_quotes_of_a_compose_file() -> None:
    """Compose makes words of it, and Docker starts the first."""
    at = ("command, compose.yml, line 7", "['python', 'app.py']")
    refused = 'exec: "[python,": executable file not found in $PATH'
    said = cannot_start(refused, where(Repository(broken=at)))
    assert "is no list that Docker can read (command, compose.yml, line 7)" in said
    assert '["python", "app.py"]' in said


def test_a_file_that_a_mount_hides() -> None:
    """The image has it, and the container does not."""
    log = "python: can't open file '/app/run.py': [Errno 2] No such file or directory\n"
    hidden = Repository({"flask-app/run.py": ""}, mount="compose.yml, line 22")
    said = from_log(log, where(hidden))[1]
    assert "There is no '/app/run.py' in the container: compose.yml, line 22 mounts" in said
    assert "your repository has it at flask-app/run.py" in said
    said = from_log(log, where(Repository({"src/run.py": ""})))[1]
    assert "in the image; your repository has it at src/run.py: check COPY" in said


CRLF = Repository({"entrypoint.sh": "#!/bin/sh\r\nset -e\r\n"})


@pytest.mark.parametrize(
    ("log", "repository", "sentences"),
    [
        (
            "exec /app/entrypoint.sh: no such file or directory",
            CRLF,
            ["entrypoint.sh has line ends of Windows (CRLF)", "'/bin/sh'", ".gitattributes"],
        ),
        (
            "exec ./run: no such file or directory",
            Repository({"bin/run": "#!/bin/zsh\n"}),
            ["bin/run cannot be run", "asks for /bin/zsh, which the image does not have"],
        ),
        (
            "exec /app/app.py: exec format error",
            Repository({"app.py": "import os"}, place="ENTRYPOINT, Dockerfile, line 7"),
            ["app.py cannot be run by itself", "#!/usr/bin/env python3", "Dockerfile, line 7"],
        ),
        (
            "exec /start: exec format error",
            Repository({"start": "flask run"}),
            ['["sh", "/start"]'],
        ),
        ("/app/entrypoint.sh: 3: set: Illegal option -\n", CRLF, ["entrypoint.sh has line ends"]),
        (
            "Error: Could not locate a Flask application.",
            Repository({"server.py": "app = Flask(__name__)"}),
            ["Your app is in server.py", "ENV FLASK_APP=server.py"],
        ),
        (
            f"{TRACE}{FRAME}ModuleNotFoundError: No module named 'models'",
            Repository({"backend/models.py": ""}),
            ["a file of your own, backend/models.py: COPY it"],
        ),
        (
            f"{TRACE}{FRAME}ModuleNotFoundError: No module named 'db_config'",
            Repository(out=".gitignore, line 3,"),
            [".gitignore, line 3, keeps db_config.py out"],
        ),
        (
            f"{TRACE}{FRAME}ModuleNotFoundError: No module named 'pymysql'",
            Repository(packages=frozenset({"PyMySQL"})),
            ["names its package, PyMySQL, but"],
        ),
        (
            f"{TRACE}{FRAME}FileNotFoundError: [Errno 2] No such file or directory: 'config.json'",
            Repository(out=".gitignore, line 2,"),
            ["opens 'config.json'", ".gitignore, line 2, keeps it out", "clones your repository"],
        ),
        (
            "Error: '$PORT' is not a valid port number.",
            Repository(place="CMD, Dockerfile, line 8"),
            ["in CMD, Dockerfile, line 8"],
        ),
    ],
)
def test_the_file_at_fault_is_named(log: str, repository: Repository, sentences: list[str]) -> None:
    """With its path, its line, and what to write."""
    said = from_log(log, where(repository))[1]
    for sentence in sentences:
        assert sentence in said


ENGINE = "OCI runtime create failed: unable to start container process: exec: "


@pytest.mark.parametrize(
    ("explanation", "repository", "sentences"),
    [
        (
            '"flask run --host=0.0.0.0": executable file not found in $PATH: unknown',
            Repository(place="CMD, Dockerfile, line 7"),
            [
                "taken for the name of one program (CMD, Dockerfile, line 7)",
                '["flask", "run", "--host=0.0.0.0"]',
            ],
        ),
        (
            '"/app/run.sh --prod": stat /app/run.sh --prod: no such file or directory: unknown',
            Repository(),
            ["one program", '["/app/run.sh", "--prod"]'],
        ),
        (
            '"gunicorn": executable file not found in $PATH: unknown',
            Repository(),
            ["no program 'gunicorn'", "Add gunicorn to requirements.txt"],
        ),
        (
            '"bash": executable file not found in $PATH: unknown',
            Repository(),
            ["apt-get install -y bash"],
        ),
        (
            '"/app/entrypoint.sh": permission denied: unknown',
            Repository(
                {"entrypoint.sh": "#!/bin/sh"}, mount="docker-compose.yml, line 4", chmod=True
            ),
            [
                "its execute bit is not set in your repository",
                "docker-compose.yml, line 4 mounts",
                "`chmod` of your Dockerfile",
                "git update-index --chmod=+x entrypoint.sh",
            ],
        ),
        (
            '"/app/entrypoint.sh": permission denied: unknown',
            Repository({"entrypoint.sh": "#!/bin/sh"}),
            ["its execute bit is not set", "RUN chmod +x /app/entrypoint.sh"],
        ),
        (
            '"/app/start.sh": stat /app/start.sh: no such file or directory: unknown',
            Repository({"scripts/start.sh": ""}),
            ["Your repository has it at scripts/start.sh"],
        ),
        (
            '"/app/start.sh": stat /app/start.sh: no such file or directory: unknown',
            Repository(mount="compose.yml, line 9"),
            ["compose.yml, line 9 mounts the repository"],
        ),
        (
            '"$APP_CMD": executable file not found in $PATH: unknown',
            Repository(),
            ["No shell puts"],
        ),
    ],
)
def test_a_command_that_cannot_be_run_is_explained(
    explanation: str, repository: Repository, sentences: list[str]
) -> None:
    """From the engine's words and the repository's files."""
    said = cannot_start(ENGINE + explanation, where(repository))
    for sentence in sentences:
        assert sentence in said


def test_quotes_inside_a_value_are_named() -> None:
    """MySQL refuses a user whose name has quotes only on one side."""
    quoted = ("MYSQL_USER in docker-compose.yml, line 24, has quotes inside its value.",)
    log = "(1045, \"Access denied for user 'board'@'172.18.0.3' (using password: YES)\")"
    said = from_log(log, where(quoted=quoted))[1]
    assert said == f"MySQL refused the user 'board' (error 1045): {quoted[0]}"


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
