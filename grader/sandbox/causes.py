"""Reasons that an app's log gives for not starting: what to look for, and the sentence for each."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from grader.sandbox.app_settings import AppSettings
from grader.sandbox.causes_broker import BROKERS
from grader.sandbox.causes_database import DATABASE
from grader.sandbox.causes_python import PYTHON
from grader.sandbox.causes_shell import SHELL
from grader.sandbox.causes_start import START
from grader.sandbox.causes_stores import STORES
from grader.sandbox.missing_variables import unset_cause
from grader.sandbox.tracebacks import last_raised

DENIED = frozenset({"database-credentials", "database-unknown", "database-forbidden"})
"""Causes that a quote inside a name or password brings about."""


Sentence = Callable[[re.Match[str], AppSettings], str]


@dataclass(frozen=True, kw_only=True)
class Cause:
    """A known reason: its name, a pattern to look for in the app's log, and the sentence."""

    id: str
    expression: str
    sentence: Sentence

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression, compiled once a log is looked at: most runs need none."""
        return re.compile(self.expression)


def _cause(name: str, pattern: str, sentence: str | Sentence) -> Cause:
    said = sentence if callable(sentence) else lambda found, where: sentence
    return Cause(id=name, expression=pattern, sentence=said)


def _missing_variable(found: re.Match[str], where: AppSettings) -> str:
    if where.composed:
        return (
            f"It wants the environment variable {found[1]}, which your Compose file does not give "
            "it: name it under `environment` of the app's service."
        )
    return f"It wants the environment variable {found[1]}, which the brief does not promise."


def _no_such_file(found: re.Match[str], where: AppSettings) -> str:
    path = found[1]
    sources = where.sources()
    mounted = sources.mounted_over(path) if sources and path.startswith("/") else ""
    own = sources.named(path) if sources else ""
    if mounted:
        at = f" (your repository has it at {own})" if own else ""
        return (
            f"There is no {path!r} in the container: {mounted} mounts a folder of your repository "
            f"over that place, and it holds no such file there{at}. Mount the folder that has it, "
            "or leave the mount out."
        )
    if own:
        return (
            f"There is no {path!r} in the image; your repository has it at {own}: check COPY, "
            "WORKDIR and the path in CMD."
        )
    return f"There is no {path!r} in the image; check WORKDIR, COPY and CMD" + (
        ", and what your Compose file mounts over it." if where.composed else "."
    )


def _sqlite_file(where: AppSettings) -> str:
    begin = (
        "SQLite cannot open its database file: its folder is not there, or its user may not write"
    )
    if not where.volumes:
        return f"{begin} to it. Make the folder in the Dockerfile, and `RUN chown` it."
    folder = where.volumes[0]
    return (
        f"{begin} to it. The volume at {folder} has the owner of the image's folder {folder}: "
        f"`RUN mkdir -p {folder} && chown` it to your user in the Dockerfile."
    )


LOG_CAUSES: tuple[Cause, ...] = (
    *(_cause(*one) for one in (*SHELL, *START, *PYTHON)),
    _cause(
        "port-in-use",
        r"Address already in use|Errno 98|Connection in use: \('[^']*', (\d+)\)",
        "The port is already in use inside the container: something is started twice. "
        "Start one server only.",
    ),
    *(_cause(*one) for one in (*DATABASE, *STORES, *BROKERS)),
    _cause(
        "no-such-file",
        r"can't open file '([^']+)'",
        _no_such_file,
    ),
    _cause(
        "sqlite-file",
        r"sqlite3\.OperationalError\W+unable to open database file",
        lambda found, where: _sqlite_file(where),
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
"""On one line of a log the first of these that fits is the cause."""


def from_log(logs: str, where: AppSettings) -> tuple[str, str]:
    """Return the id and the sentence of the known cause that `logs` show last; empty where none.

    A variable that nothing gives comes before what follows from it. Where the last exception is
    none of the known ones, what was printed before it is not the cause.
    """
    if sentence := unset_cause(logs, where.unset() if logs else (), service=where.service):
        return "missing-variable", sentence
    raised = last_raised(logs)
    found = _last(logs, raised.chain if raised else 0)
    if found is None:
        return "", ""
    cause, match = found
    if cause.id == "module-not-found" and (late := _late_install(logs)):
        cause, match = late
    sentence = cause.sentence(match, where)
    if where.literals.quoted and cause.id in DENIED:
        sentence = f"{sentence.partition('. ')[0]}: {' '.join(where.literals.quoted)}"
    return cause.id, sentence


def _late_install(logs: str) -> tuple[Cause, re.Match[str]] | None:
    """Return the install at the start that failed, for which a module is missing afterwards."""
    cause = next(one for one in LOG_CAUSES if one.id == "installs-at-start")
    found = cause.pattern.search(logs)
    return (cause, found) if found else None


def before_last(logs: str, where: AppSettings) -> str:
    """Return the sentence of a known cause that `logs` show right before their last exception.

    An app that has tried to connect for a minute ends with an exception of its own.
    """
    raised = last_raised(logs)
    if raised is None:
        return ""
    before = logs[: raised.chain].rstrip().split("\n")[-BEFORE:]
    found = _last("\n".join(before), 0)
    return found[0].sentence(found[1], where) if found else ""


BEFORE = 5
"""Lines before an exception that may tell what it came of."""


def _last(logs: str, begin: int) -> tuple[Cause, re.Match[str]] | None:
    """Return the cause whose pattern is found last from `begin` on.

    Of those on one line the first.
    """
    best: tuple[int, Cause, re.Match[str]] | None = None
    for cause in LOG_CAUSES:
        matches = deque(cause.pattern.finditer(logs, begin), maxlen=1)
        if matches:
            line = logs.count("\n", 0, matches[0].end() - 1)
            if best is None or line > best[0]:
                best = line, cause, matches[0]
    return best[1:] if best else None
