"""Commands, scripts and interpreters that cannot be run, by the file that is at fault."""

from __future__ import annotations

import pytest

from grader.sandbox.causes import from_log
from grader.sandbox.diagnosis import cannot_start
from tests.unit.sandbox.log_repository import FRAME, TRACE, Repository, where

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
