"""Reasons that an app's log gives for not starting: what to look for, and the sentence for each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from grader.sandbox.unset import Unset, unset_cause
from grader.text import clip


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Where an app runs, as far as its log or its sockets can be judged by it."""

    port: int = 5000
    """The port it should listen on, in its container."""
    asked_by: str = "the brief asks"
    """Who says so."""
    database: str = ""
    """What the MySQL service is called in the student's Compose file; empty without one."""
    database_hosts: tuple[str, ...] = ()
    """All names under which MySQL is reached there."""
    service: str = ""
    """What the app is called there; empty without one."""
    unset: Callable[[], tuple[Unset, ...]] = tuple
    """Looks for variables that the app reads and nothing gives it, once it has failed."""

    @property
    def source(self) -> str:
        """Where the app's settings come from."""
        return "your Compose file sets" if self.database_hosts else "the brief names"


Sentence = Callable[[re.Match[str], Surroundings], str]


@dataclass(frozen=True, kw_only=True)
class Cause:
    """A known reason: its name, a pattern to look for in the app's log, and the sentence."""

    id: str
    pattern: re.Pattern[str]
    sentence: Sentence


def _cause(name: str, pattern: str, sentence: str | Sentence) -> Cause:
    said = sentence if callable(sentence) else lambda found, where: sentence
    return Cause(id=name, pattern=re.compile(pattern), sentence=said)


def _credentials(found: re.Match[str], where: Surroundings) -> str:
    return (
        f"MySQL refused the user {found[1]!r} (error 1045). Take user and password from the "
        f"environment variables that {where.source}; they are new at every start."
    )


def _unknown_database(found: re.Match[str], where: Surroundings) -> str:
    return (
        f"There is no database {found[1]!r} (error 1049). Take its name from the environment "
        f"variable that {where.source}."
    )


def _unreachable(found: re.Match[str], where: Surroundings) -> str:
    host = next(group for group in found.groups() if group)
    name = host.partition(":")[0]
    if name in where.database_hosts and "not known" not in found.string[found.start() :][:300]:
        return (
            f"It tried to reach MySQL at {host!r} before that took connections, and gave up. Wait "
            "for it: `depends_on` with `condition: service_healthy`, and try again in the app."
        )
    if where.database:
        return (
            f"It cannot reach MySQL at {host!r}. In your Compose file the MySQL service is called "
            f"{where.database!r}: that is its host name; localhost is the container itself."
        )
    return (
        f"It cannot reach MySQL at {host!r}. Take host and port from the environment variables "
        f"that {where.source}; inside a container, localhost is the container itself."
    )


def _missing_variable(found: re.Match[str], where: Surroundings) -> str:
    if where.database_hosts:
        return (
            f"It wants the environment variable {found[1]}, which your Compose file does not give "
            "it: name it under `environment` of the app's service."
        )
    return f"It wants the environment variable {found[1]}, which the brief does not promise."


LOG_CAUSES: tuple[Cause, ...] = (
    _cause(
        "module-not-found",
        r"ModuleNotFoundError: No module named '([^']+)'",
        lambda found, where: (
            f"Python has no module {found[1]!r} in the image (ModuleNotFoundError). Add its "
            "package to requirements.txt, or COPY the file if it is your own."
        ),
    ),
    _cause(
        "port-in-use",
        r"Address already in use|Errno 98|Connection in use: \('[^']*', (\d+)\)",
        "The port is already in use inside the container: something is started twice. "
        "Start one server only.",
    ),
    _cause(
        "database-driver",
        r"'?cryptography'? package is required|Authentication plugin '([^']+)' cannot be loaded|"
        r"Authentication plugin '([^']+)' is not supported",
        "The database driver lacks MySQL's authentication plugin. Add `cryptography` to "
        "requirements.txt beside PyMySQL, or use a newer driver.",
    ),
    _cause(
        "database-credentials",
        r"\b1045\b[^\n]{0,20}?Access denied for user '([^']*)'",
        _credentials,
    ),
    _cause(
        "database-forbidden",
        r"\b(?:1044|1142|1227)\b[^\n]{0,20}?[\"': ]((?:Access|[A-Z]+ com)[^\"\n]*denied[^\"\n]*)",
        lambda found, where: (
            f"MySQL refused a statement: {clip(found[1], 160)}. Use only the database that the "
            "environment names; it exists already."
        ),
    ),
    _cause(
        "database-unknown", r"\b1049\b[^\n]{0,20}?Unknown database '([^']*)'", _unknown_database
    ),
    _cause(
        "database-unreachable",
        r"Can't connect to (?:local )?(?:MySQL )?server (?:on|through socket) '([^']*)'|"
        r"Unknown (?:MySQL )?server host '([^']*)'|Can't connect to MySQL server on ([\w.:-]+)",
        _unreachable,
    ),
    _cause(
        "migration-never-run",
        r"\b1146\b[^\n]{0,20}?Table '([^']*)' doesn't exist",
        lambda found, where: (
            f"The table {found[1].rpartition('.')[2]!r} does not exist (error 1146): nothing has "
            "made it. Create the tables, or run the migration, when the container starts."
        ),
    ),
    _cause(
        "no-such-app",
        r"Failed to find attribute '([^']+)' in '([^']+)'",
        lambda found, where: (
            f"Gunicorn finds no {found[1]!r} in the module {found[2]!r}; correct the last line of "
            "your Dockerfile or the name in your code."
        ),
    ),
    _cause(
        "no-such-file",
        r"can't open file '([^']+)'",
        lambda found, where: (
            f"There is no {found[1]!r} in the image; check WORKDIR, COPY and CMD"
            + (", and what your Compose file mounts over it." if where.database_hosts else ".")
        ),
    ),
    _cause("missing-variable", r"KeyError: '([A-Z][A-Z0-9_]+)'", _missing_variable),
    _cause(
        "not-permitted",
        r"PermissionError: \[Errno 13\] Permission denied: '([^']+)'",
        lambda found, where: (
            f"Its user may not write {found[1]!r}; `RUN chown` that folder in the Dockerfile."
        ),
    ),
)
"""Looked for in this order; the first that the log shows is the cause."""


def from_log(logs: str, where: Surroundings) -> tuple[str, str]:
    """The id and the sentence of the first known cause that `logs` shows; empty where none.

    A variable that nothing gives comes before what follows from it.
    """
    if sentence := unset_cause(logs, where.unset() if logs else (), service=where.service):
        return "missing-variable", sentence
    for cause in LOG_CAUSES:
        if found := cause.pattern.search(logs):
            return cause.id, cause.sentence(found, where)
    return "", ""
