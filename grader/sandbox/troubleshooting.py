"""`docs/students/troubleshooting.md`: what each start-up failure is called, and how it looks.

Every sentence in it comes from the functions that write it into a report.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from grader.app_spec import Readiness
from grader.sandbox.app_settings import AppSettings, LiteralAdvice
from grader.sandbox.build_log import explain_log
from grader.sandbox.container import ContainerState
from grader.sandbox.diagnosis import (
    Facts,
    ServiceFacts,
    cannot_start,
    diagnose,
    diagnose_service,
)
from grader.sandbox.missing_variables import Fallback, Unset
from grader.sandbox.mysql_log import ServerFiles, explain_server
from grader.sandbox.sockets import Listener

HEAD = """# When it does not start

The grader names the cause of a failed start in one sentence, and shows the last lines of the log.
This table is made from the program (`make docs`), so the sentences are the ones that you will read;
names, ports and numbers in them are those of an example.

| what is wrong | what the grader says |
|---|---|
"""

WHERE = AppSettings(
    port=5000,
    asked_by="your Compose file publishes",
    database="db",
    database_hosts=("db",),
)
CRASHED = ContainerState(running=False, exit_code=1, oom_killed=False)
ENDED = Facts(
    ready=Readiness(path="/health", status=200, within=30.0), state=CRASHED, surroundings=WHERE
)
ALIVE = replace(ENDED, state=replace(CRASHED, running=True, exit_code=0))
BUILD_LOG = """#5 [2/3] RUN pip install -r requirements.txt
#5 1.2 ERROR: No matching distribution found for flaskk
#5 ERROR: process "/bin/sh -c pip install" did not complete successfully: exit code: 1
Dockerfile:4
   4 | >>> RUN pip install -r requirements.txt
ERROR: failed to solve: process "/bin/sh -c pip" did not complete successfully: exit code: 1"""


BUILD_LINE = "ERROR: No matching distribution found for flaskk"


def _refused(host: str, error: str = "[Errno 111] Connection refused") -> str:
    return f"(2003, \"Can't connect to MySQL server on '{host}' ({error})\")"


LITERALS_THAT_DIFFER = (
    'app.py, line 9 has password = "r…(4 characters)", and compose.yaml, line 11, sets '
    "MYSQL_ROOT_PASSWORD to another literal. Have the app take it from the environment: name it "
    "under `environment` of the service 'web', and read it there."
)
UNKNOWN = "(1049, \"Unknown database 'board'\")"
NOT_MADE = (
    "Your Compose file has none made: write `MYSQL_DATABASE: board` under `environment` of 'db'."
)
ROT = """Traceback (most recent call last):
  File "/x/site-packages/pydantic/fields.py", line 7, in <module>
ImportError: cannot import name 'Self' from 'typing_extensions' (/x/site-packages/x.py)"""
DEFAULT = Fallback(name="DB_NAME", value="board", where="app.py, line 5", role="database")
APPS: dict[str, Facts] = {
    "A package is missing": replace(ENDED, logs="ModuleNotFoundError: No module named 'pymysql'"),
    "The port is taken": replace(ENDED, logs="OSError: [Errno 98] Address already in use"),
    "Another port": replace(ALIVE, listening=(Listener(port=8000, loopback=False),)),
    "Bound to localhost": replace(ALIVE, listening=(Listener(port=5000, loopback=True),)),
    "It never listens": ALIVE,
    "A crash loop": replace(
        ENDED,
        state=replace(CRASHED, restarts=5),
        logs="Traceback (most recent call last):\nValueError: bad port\n",
    ),
    "Started before the database": replace(ENDED, logs=_refused("db")),
    "Wrong database host": replace(ENDED, logs=_refused("localhost")),
    "Wrong credentials": replace(
        ENDED, logs="(1045, \"Access denied for user 'root'@'172.18.0.3' (using password: YES)\")"
    ),
    "Passwords that differ": replace(
        ENDED,
        logs="(1045, \"Access denied for user 'root'@'172.18.0.3' (using password: YES)\")",
        surroundings=replace(
            WHERE,
            literals=LiteralAdvice(refused=lambda user: LITERALS_THAT_DIFFER),
        ),
    ),
    "Unknown database": replace(ENDED, logs=UNKNOWN),
    "A database that nothing makes": replace(
        ENDED,
        logs=UNKNOWN,
        surroundings=replace(WHERE, literals=LiteralAdvice(unknown_database=lambda name: NOT_MADE)),
    ),
    "A fixed address": replace(
        ENDED,
        logs=_refused("172.28.0.10"),
        surroundings=replace(WHERE, literals=LiteralAdvice(addresses={"172.28.0.10": "db"})),
    ),
    "A service that is not started here": replace(
        ENDED,
        logs="Error -2 connecting to cache:6379. Name or service not known.",
        surroundings=replace(WHERE, literals=LiteralAdvice(services={"cache": "redis:7"})),
    ),
    "RabbitMQ refuses the user": replace(
        ENDED, logs='(403) "ACCESS_REFUSED - Login was refused using mechanism PLAIN."'
    ),
    "A virtual host that is not there": replace(
        ENDED, logs='ConnectionClosedByBroker: (530) "NOT_ALLOWED - vhost / not found"'
    ),
    "An account for another host": replace(
        ENDED, logs="(1130, \"Host '172.18.0.3' is not allowed to connect to this MySQL server\")"
    ),
    "The authentication plugin": replace(
        ENDED, logs="RuntimeError: 'cryptography' package is required for caching_sha2_password"
    ),
    "A migration that never ran": replace(
        ALIVE, answered=500, logs="(1146, \"Table 'exam.messages' doesn't exist\")"
    ),
    "A variable is not passed on": replace(ENDED, logs="KeyError: 'DB_HOST'"),
    "The code reads a variable that nothing gives": replace(
        ENDED,
        logs=_refused("127.0.0.1:3306"),
        surroundings=replace(
            WHERE,
            service="web",
            unset=lambda: (Unset(name="DB_HOST", where="app.py, line 5", role="host"),),
        ),
    ),
    "A default in the place of a variable": replace(
        ENDED,
        logs=UNKNOWN,
        surroundings=replace(
            WHERE, service="web", literals=LiteralAdvice(fallbacks=lambda: (DEFAULT,))
        ),
    ),
    "Gunicorn finds no app": replace(ENDED, logs="Failed to find attribute 'app' in 'wsgi'."),
    "Flask finds no app": replace(
        ENDED,
        state=replace(CRASHED, exit_code=2),
        logs="Error: Could not locate a Flask application. Use …",
    ),
    "A script with line ends of Windows": replace(
        ENDED, logs="/app/entrypoint.sh: line 2: $'\\r': command not found"
    ),
    "A script that nothing in the image can run": replace(
        ENDED, logs="exec /app/entrypoint.sh: no such file or directory"
    ),
    "A script without its first line": replace(ENDED, logs="exec /app/app.py: exec format error"),
    "A variable in a list": replace(ENDED, logs="Error: '$PORT' is not a valid port number."),
    "A program that the shell does not find": replace(ALIVE, logs="sh: 1: nc: not found"),
    "MySQLdb is mysqlclient": replace(ENDED, logs="ModuleNotFoundError: No module named 'MySQLdb'"),
    "A name that Werkzeug has removed": replace(
        ENDED, logs="ImportError: cannot import name 'url_quote' from 'werkzeug.urls'"
    ),
    "A name that another package lacks": replace(ENDED, logs=ROT),
    "Packages that are installed at the start": replace(
        ENDED, logs="ERROR: No matching distribution found for flask"
    ),
    "An option that there is not": replace(ENDED, logs="Error: No such option: --prot"),
    "An address of another machine": replace(
        ENDED, logs="OSError: [Errno 99] Cannot assign requested address"
    ),
    "A user without a name": replace(ENDED, logs="OSError: No username set in the environment"),
    "A file that is not in the repository": replace(
        ENDED, logs="FileNotFoundError: [Errno 2] No such file or directory: 'config.json'"
    ),
    "Python cannot read a file": replace(
        ENDED,
        logs="  File \"/app/app.py\", line 12\n    x(\n     ^\nSyntaxError: '(' was never closed",
    ),
    "A file is not in the image": replace(
        ENDED, logs="python: can't open file '/app/run.py': [Errno 2] No such file or directory"
    ),
    "No right to write": replace(
        ENDED, logs="PermissionError: [Errno 13] Permission denied: '/app/log'"
    ),
    "It ends without an error": replace(ENDED, state=replace(CRASHED, exit_code=0)),
    "Too much memory": replace(ENDED, state=replace(CRASHED, oom_killed=True, exit_code=137)),
    "Another answer than was asked for": replace(ALIVE, answered=404),
    "It hangs": replace(ALIVE, hung=True, listening=(Listener(port=5000, loopback=False),)),
}
CURL = ("CMD", "curl", "-f", "http://localhost:5000/health")
SERVICES: dict[str, ServiceFacts] = {
    "A health check without its program": ServiceFacts(
        name="web", test=CURL, probes=('exec: "curl": executable file not found in $PATH',)
    ),
    "A health check of no route": ServiceFacts(
        name="web", test=CURL, probes=("curl: (22) The requested URL returned error: 404",)
    ),
    "MySQL ends at once": ServiceFacts(
        name="db", running=False, exit_code=1,
        logs="The root account has no password. Set MYSQL_ROOT_PASSWORD.",
    ),
}  # fmt: skip
FILES = ServerFiles(
    mounts={"/docker-entrypoint-initdb.d": "init"},
    missing={"/docker-entrypoint-initdb.d/tables.sql": "compose.yaml, line 21"},
    command="compose.yaml, line 15",
)
INIT = "grader-mysql: running /docker-entrypoint-initdb.d/"
SERVERS: dict[str, str] = {
    "An init script fails": (
        f"{INIT}01.sql\nERROR 1146 (42S02) at line 2: Table 'board.posts' doesn't exist\n"
    ),
    "An init script is not in the repository": (
        f"{INIT}tables.sql\nERROR: Can't initialize batch_readline - may be the input source is a\n"
    ),
    "MySQL lacks an option": (
        "0 [ERROR] [MY-000067] [Server] unknown variable 'default-authentication-plugin=x'.\n"
    ),
}
BUILDS: dict[str, tuple[str, str]] = {
    "A package that PyPI does not have": (
        "RUN pip install -r requirements.txt",
        "ERROR: No matching distribution found for flaskk",
    ),
    "A module of Python's own": (
        "RUN pip install -r requirements.txt",
        "ERROR: No matching distribution found for sqlite3",
    ),
    "Something that is fetched from another place": (
        "RUN git clone https://github.com/user/project",
        "fatal: unable to access 'https://github.com/user/project/': Could not resolve host",
    ),
    "A package that Debian does not have": (
        "RUN apt-get update && apt-get install -y netcat",
        "E: Package 'netcat' has no installation candidate",
    ),
    "apt-get without its lists": (
        "RUN apt-get install -y curl",
        "E: Unable to locate package curl",
    ),
    "A key or a source that is none of this Debian's": (
        (
            'RUN apt-key add nginx.asc && echo "deb http://nginx.org/packages/debian/ jessie '
            'nginx" >> /etc/apt/sources.list && apt-get install -y nginx'
        ),
        "sh: apt-key: not found",
    ),
}
"""Steps of builds, and the line that tells what is wrong."""
COMMANDS = {
    "The whole command in one word": (
        'exec: "flask run --host=0.0.0.0": executable file not found in $PATH: unknown'
    ),
    "A script that may not be executed": 'exec: "/app/entrypoint.sh": permission denied: unknown',
    "A script that is not in the image": (
        'exec: "/app/start.sh": stat /app/start.sh: no such file or directory: unknown'
    ),
}
NO_COMMAND = 'exec: "gunicorn": executable file not found in $PATH: unknown'

FOOT = """
## "Not all of your git history could be looked at"

`secrets.history` reads every commit. A clone with `--depth`, `--filter` or `--shared`, a worktree
or a submodule has only a part of them, and what could not be read has not passed.

```sh
git fetch --unshallow            # in a shallow clone; else: git clone ADDRESS whole
git fsck --full                  # has to report nothing missing and nothing corrupt
zip -r ../answer.zip .           # with the folder .git
```

In CI, check out with `fetch-depth: 0`.
"""
"""What follows the table."""


@dataclass(frozen=True, kw_only=True)
class FailureRow:
    """One failure: what it is, and the sentence."""

    what: str
    sentence: str


def rows() -> list[FailureRow]:
    """Every failure that has a sentence of its own."""
    found = {"A build step fails": explain_log(BUILD_LOG).rationale}
    found["The command is not in the image"] = cannot_start(NO_COMMAND)
    found |= {what: _build(*one) for what, one in BUILDS.items()}
    found |= {what: cannot_start(said) for what, said in COMMANDS.items()}
    found |= {what: diagnose(facts).sentence for what, facts in APPS.items()}
    found |= {what: diagnose_service(facts).sentence for what, facts in SERVICES.items()}
    found |= {what: explain_server(logs, FILES, "8.4") for what, logs in SERVERS.items()}
    return [FailureRow(what=what, sentence=sentence) for what, sentence in found.items()]


def _build(step: str, line: str) -> str:
    log = BUILD_LOG.replace("RUN pip install -r requirements.txt", step)
    return explain_log(log.replace(BUILD_LINE, line)).rationale


def markdown() -> str:
    """Return the page."""
    lines = [f"| {row.what} | {row.sentence.replace('|', chr(92) + '|')} |" for row in rows()]
    return HEAD + "\n".join(lines) + "\n" + FOOT
