"""Why an app did not start, named. Pure: from facts to a sentence a student can act on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from grader.sandbox.sockets import Listener
from grader.text import clip


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was seen of an app that did not become ready."""

    port: int
    """The port it should listen on, in its container."""
    path: str
    """The path that should answer."""
    status: int
    """With this status."""
    within: float
    """In this many seconds."""
    running: bool
    exit_code: int = 0
    oom_killed: bool = False
    logs: str = ""
    listening: tuple[Listener, ...] = ()
    answered: int | None = None
    """The last status that the path answered with; None where it never answered."""
    hung: bool = False
    """Whether a request was accepted and not answered in time."""


@dataclass(frozen=True, kw_only=True)
class Cause:
    """A known reason: its name, a pattern to look for in the app's log, and the sentence."""

    id: str
    pattern: re.Pattern[str]
    sentence: Callable[[re.Match[str]], str]


def _cause(name: str, pattern: str, sentence: str | Callable[[re.Match[str]], str]) -> Cause:
    said = sentence if callable(sentence) else lambda _: sentence
    return Cause(id=name, pattern=re.compile(pattern), sentence=said)


LOG_CAUSES: tuple[Cause, ...] = (
    _cause(
        "module-not-found",
        r"ModuleNotFoundError: No module named '([^']+)'",
        lambda m: (
            f"Python has no module {m[1]!r} in the image (ModuleNotFoundError). Add its package to "
            "requirements.txt, or COPY the file if it is your own."
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
        r"\(1045, [\"']Access denied for user '([^']*)'",
        lambda m: (
            f"MySQL refused the user {m[1]!r} (error 1045). Take user and password from the "
            "environment variables that the brief names; they are new at every start."
        ),
    ),
    _cause(
        "database-forbidden",
        r"\((?:1044|1142|1227), [\"']([^\"\n]*denied[^\"\n]*)",
        lambda m: (
            f"MySQL refused a statement: {clip(m[1], 160)}. Use only the database that the "
            "environment names; it exists already."
        ),
    ),
    _cause(
        "database-unknown",
        r"\(1049, [\"']Unknown database '([^']*)'",
        lambda m: (
            f"There is no database {m[1]!r} (error 1049). Take its name from the environment "
            "variable that the brief names."
        ),
    ),
    _cause(
        "database-unreachable",
        r"\(2003, [\"']Can't connect to MySQL server on '([^']*)'|"
        r"Can't connect to (?:local )?MySQL server (?:on|through socket) '([^']*)'",
        lambda m: (
            f"It cannot reach MySQL at {m[1] or m[2]!r}. Take host and port from the environment "
            "variables that the brief names; inside a container, localhost is the container itself."
        ),
    ),
    _cause(
        "no-such-app",
        r"Failed to find attribute '([^']+)' in '([^']+)'",
        lambda m: (
            f"Gunicorn finds no {m[1]!r} in the module {m[2]!r}; correct the last line of "
            "your Dockerfile or the name in your code."
        ),
    ),
    _cause(
        "no-such-file",
        r"can't open file '([^']+)'",
        lambda m: f"There is no {m[1]!r} in the image; check WORKDIR, COPY and CMD.",
    ),
    _cause(
        "missing-variable",
        r"KeyError: '([A-Z][A-Z0-9_]+)'",
        lambda m: f"It wants the environment variable {m[1]}, which the brief does not promise.",
    ),
    _cause(
        "not-permitted",
        r"PermissionError: \[Errno 13\] Permission denied: '([^']+)'",
        lambda m: f"Its user may not write {m[1]!r}; `RUN chown` that folder in the Dockerfile.",
    ),
)
"""Looked for in this order; the first that the log shows is the cause."""


def diagnose(facts: Facts) -> str:
    """One sentence or two on why the app is not ready, most telling cause first."""
    if facts.oom_killed:
        return "It was killed because it used more memory than the exam allows."
    cause = _from_log(facts.logs)
    if not facts.running:
        return _ended(facts, cause)
    if cause and facts.answered is None and _looping(facts.logs):
        return f"It starts over and over again (a crash loop). {cause}"
    return _running(facts, cause)


def cannot_start(explanation: str) -> str:
    """A sentence for what the engine said when the image's command could not be run."""
    if found := re.search(r'exec: "?([^":]+)"?: (.*?)(?:: unknown|$)', explanation):
        return (
            f"The container's command cannot be run: {found[1]}: {found[2]}. Check CMD or "
            "ENTRYPOINT in your Dockerfile, and that requirements.txt installs it."
        )
    return f"The container cannot be started: {clip(explanation, 300)}"


def _from_log(logs: str) -> str:
    for cause in LOG_CAUSES:
        if found := cause.pattern.search(logs):
            return cause.sentence(found)
    return ""


def _ended(facts: Facts, cause: str) -> str:
    if cause:
        return f"It ended with exit code {facts.exit_code} before it was ready. {cause}"
    if facts.exit_code == 0:
        return (
            "It ended at once, without an error (exit code 0). The container's command must keep "
            "running: start the server in the foreground."
        )
    last = _exception(facts.logs)
    return f"It ended with exit code {facts.exit_code} before it was ready.{last}"


def _running(facts: Facts, cause: str) -> str:
    where = f"port {facts.port}"
    open_ports = [one.port for one in facts.listening if not one.loopback]
    local_ports = [one.port for one in facts.listening if one.loopback]
    if facts.answered is not None:
        return _wrong_answer(facts, cause)
    if facts.hung:
        return f"It listens on {where} but did not answer GET {facts.path} in time."
    if facts.port in open_ports:
        return f"It accepts connections on {where} but closes them without an HTTP answer."
    if facts.port in local_ports:
        return (
            f"It listens on {where}, but on 127.0.0.1 only, where nothing outside the container "
            'can reach it. Listen on all addresses: host="0.0.0.0".'
        )
    if cause:
        return f"It does not listen on {where} after {facts.within:.0f} s. {cause}"
    if open_ports or local_ports:
        found = " and ".join(str(port) for port in (open_ports or local_ports))
        return f"It listens on port {found}, not on {facts.port} as the brief asks."
    last = _exception(facts.logs)
    return f"It runs but never listened on {where} within {facts.within:.0f} s.{last}"


def _wrong_answer(facts: Facts, cause: str) -> str:
    sentence = (
        f"GET {facts.path} answered {facts.answered} instead of {facts.status} for "
        f"{facts.within:.0f} s."
    )
    return f"{sentence} {cause}" if cause else sentence


def _exception(logs: str) -> str:
    """The last line of a traceback, where the log ends in one."""
    found = re.findall(r"^(?:[\w.]+\.)?([A-Z]\w*(?:Error|Exception|Exit)\b.*)$", logs, re.MULTILINE)
    return f" Its last error: {clip(found[-1], 200)}" if found else ""


def _looping(logs: str) -> bool:
    """Whether the log shows the same failure again and again."""
    return logs.count("Traceback (most recent call last)") >= 3
