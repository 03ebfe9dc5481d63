"""Why an app did not start, named. Pure: from facts to a sentence a student can act on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from grader.app_spec import Readiness
from grader.sandbox.app_settings import AppSettings
from grader.sandbox.causes import before_last, from_log
from grader.sandbox.causes_shell import explain_exec, no_list
from grader.sandbox.container import ContainerState
from grader.sandbox.packages import program_advice
from grader.sandbox.sockets import Listener
from grader.sandbox.tracebacks import last_raised
from grader.text import clip, last_lines

__all__ = [
    "AppSettings",
    "Diagnosis",
    "Facts",
    "ServiceFacts",
    "cannot_start",
    "diagnose",
    "diagnose_service",
]  # fmt: skip

CERTAIN = frozenset(
    {"module-not-found", "port-in-use", "no-such-app", "no-such-file", "not-permitted", "command",
     "memory", "localhost", "wrong-port", "ended-well", "disk", "service-deaf",
     "installs-at-start", "bad-arguments", "bad-address", "no-such-program", "crlf",
     "exec-format", "no-interpreter", "not-executable", "bad-port", "bad-command",
     "removed-name", "broken-driver", "syntax", "template-not-found"}
)  # fmt: skip
"""Causes that no other password would change."""
SERVER_ERROR = 500
"""The first status that tells of an exception in the app."""


class Diagnosis(NamedTuple):
    """The name of a cause, empty where it is none of the known ones, and the sentence."""

    cause: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was seen of an app that did not become ready."""

    ready: Readiness
    """What was waited for."""
    surroundings: AppSettings
    state: ContainerState
    logs: str = ""
    listening: tuple[Listener, ...] = ()
    answered: int | None = None
    """The last status that the path answered with; None where it never answered."""
    hung: bool = False
    """Whether a request was accepted and not answered in time."""


def diagnose(facts: Facts) -> Diagnosis:
    """One sentence or two on why the app is not ready, most telling cause first."""
    if facts.state.oom_killed:
        sentence = "It was killed because it used more memory than the exam allows."
        return Diagnosis("memory", sentence)
    cause = Diagnosis(*from_log(facts.logs, facts.surroundings))
    if restarts := facts.state.restarts:
        times = "once" if restarts == 1 else f"{restarts} times"
        last = cause.sentence or _exception(facts).strip()
        sentence = f"It crashes at each start (a crash loop): it was restarted {times}. {last}"
        return Diagnosis(cause.cause, sentence.strip())
    if not facts.state.running:
        return _ended(facts, cause)
    if cause.cause and facts.answered is None and not facts.listening and _looping(facts.logs):
        sentence = f"It starts over and over again (a crash loop). {cause.sentence}"
        return Diagnosis(cause.cause, sentence)
    return _running(facts, cause)


def cannot_start(explanation: str, where: AppSettings | None = None) -> str:
    """Return a sentence for what the engine said when the image's command could not be run."""
    found = re.search(r'exec: "((?:[^"\\]|\\.)+)": (.*?)(?:: unknown|$)', explanation)
    if found is None:
        return f"The container cannot be started: {clip(explanation, 300)}"
    where = where or AppSettings()
    program, said = found[1].replace('\\"', '"'), found[2]
    sources = where.sources()
    place = sources.command(program) if sources else ""
    at = f" ({place})" if place else ""
    begin = f"The container's command cannot be run: {program}: {said}."
    if program.startswith("[") or program.endswith(","):
        listed = sources.broken_list() if sources else ("", "")
        return f"{begin} {no_list(listed[1] or program, listed[0] or place or 'the command')}"
    if " " in program:
        words = ", ".join(f'"{word}"' for word in program.split())
        return (
            f"{begin} The whole text {program!r} is taken for the name of one program{at}: make "
            f"each word an item of the list, [{words}], or write it without the brackets."
        )
    if "$" in program:
        return (
            f"{begin} No shell puts a value in the place of {program!r}{at}: write the command "
            "without the brackets, or the value itself."
        )
    if "permission denied" in said:
        return f"{begin} {explain_exec(program, said, where)[1]}"
    if "/" in program:
        return f"{begin} {_no_such_path(program, where)}"
    return f"{begin} The image has no program {program!r}{at}. {program_advice(program)}"


def _no_such_path(program: str, where: AppSettings) -> str:
    sources = where.sources()
    path = sources.named(program) if sources else ""
    mounted = sources.mounted_over(program) if sources else ""
    out = sources.kept_out(path or program) if sources else ""
    if out:
        return f"{out} keeps it out: take it from there, and COPY it."
    if mounted:
        return (
            f"{mounted} mounts the repository over that folder, and it holds no such file there"
            f"{f' (it is {path})' if path else ''}. Correct the path or the mount."
        )
    if path:
        return (
            f"Your repository has it at {path}: COPY it, and check WORKDIR and the path in CMD or "
            "ENTRYPOINT."
        )
    return "There is no such file in the image: check COPY, WORKDIR, and CMD or ENTRYPOINT."


def _ended(facts: Facts, cause: Diagnosis) -> Diagnosis:
    ended = f"It ended with exit code {facts.state.exit_code} before it was ready."
    if cause.cause:
        return Diagnosis(cause.cause, f"{ended} {cause.sentence}")
    if facts.state.exit_code == 0:
        sentence = (
            "It ended at once, without an error (exit code 0). The container's command must keep "
            "running: start the server in the foreground."
        )
        return Diagnosis("ended-well", sentence)
    return Diagnosis("", f"{ended}{_exception(facts)}")


def _running(facts: Facts, cause: Diagnosis) -> Diagnosis:
    port = facts.surroundings.port
    where = f"port {port}"
    open_ports = [one.port for one in facts.listening if not one.loopback]
    local_ports = [one.port for one in facts.listening if one.loopback]
    if facts.answered is not None:
        last = _exception(facts).strip() if facts.answered >= SERVER_ERROR else ""
        return Diagnosis(cause.cause, _wrong_answer(facts, cause.sentence or last))
    if facts.hung and port in open_ports:
        sentence = f"It listens on {where} but did not answer GET {facts.ready.path} in time."
        return Diagnosis("", sentence)
    if port in open_ports:
        sentence = (
            f"It accepts connections on {where} but closes them without an HTTP answer. "
            f"{cause.sentence}"
        )
        return Diagnosis(cause.cause, sentence.strip())
    if port in local_ports:
        sentence = (
            f"It listens on {where}, but on 127.0.0.1 only, where nothing outside the container "
            'can reach it. Listen on all addresses: host="0.0.0.0".'
        )
        return Diagnosis("localhost", sentence)
    if cause.cause:
        sentence = (
            f"It does not listen on {where} after {facts.ready.within:.0f} s. {cause.sentence}"
        )
        return Diagnosis(cause.cause, sentence)
    if open_ports or local_ports:
        found = " and ".join(str(port) for port in (open_ports or local_ports))
        sentence = f"It listens on port {found}, not on {port} as {facts.surroundings.asked_by}."
        return Diagnosis("wrong-port", sentence)
    last = _exception(facts)
    return Diagnosis(
        "", f"It runs but never listened on {where} within {facts.ready.within:.0f} s.{last}"
    )


def _wrong_answer(facts: Facts, cause: str) -> str:
    instead = "" if facts.ready.status is None else f" instead of {facts.ready.status}"
    sentence = (
        f"GET {facts.ready.path} answered {facts.answered}{instead} for {facts.ready.within:.0f} s."
    )
    return f"{sentence} {cause}" if cause else sentence


def _exception(facts: Facts) -> str:
    """Return the last exception that the log shows, and what it may have come of."""
    raised = last_raised(facts.logs)
    if raised is None:
        found = re.findall(
            r"^(?:[\w.]+\.)?([A-Z]\w*(?:Error|Exception|Exit)\b.*)$", facts.logs, re.MULTILINE
        )
        return f" Its last error: {clip(found[-1], 600)}" if found else ""
    frame = raised.own_frame
    at = f" ({frame.file}, line {frame.line})" if frame else ""
    before = before_last(facts.logs, facts.surroundings)
    came = f". Before that: {before}" if before else ""
    return f" Its last error: {clip(raised.text, 600)}{at}{came}"


def _looping(logs: str) -> bool:
    """Return whether the log shows the same failure again and again."""
    return logs.count("Traceback (most recent call last)") >= 3


@dataclass(frozen=True, kw_only=True)
class ServiceFacts:
    """What was seen of a service that the app waits for."""

    name: str
    running: bool = True
    exit_code: int = 0
    logs: str = ""
    test: tuple[str, ...] = ()
    """Its health check, as the engine takes it; empty where it has none that failed."""
    probes: tuple[str, ...] = ()
    """What the failing runs of the health check printed, oldest first."""


def diagnose_service(facts: ServiceFacts) -> Diagnosis:
    """Return why a service alongside the app keeps it from starting."""
    if not facts.running:
        last = last_lines(facts.logs, 1).strip()
        ended = f"The service {facts.name!r} ended with exit code {facts.exit_code}"
        return Diagnosis("service-ended", f"{ended}: {clip(last, 300)}" if last else f"{ended}.")
    return _unhealthy(facts)


def _unhealthy(facts: ServiceFacts) -> Diagnosis:
    said = facts.probes[-1] if facts.probes else ""
    start = f"The health check of {facts.name!r} can never pass:"
    command = facts.test[-1] if facts.test[:1] == ("CMD-SHELL",) else " ".join(facts.test[1:])
    if found := re.search(
        r'exec: "?([^":]+)"?: executable file not found|'
        r"(?<![\w./-])([\w./-]+): (?:command )?not found",
        said,
    ):
        missing = next(group for group in found.groups() if group)
        sentence = (
            f"{start} its image has no {missing!r}. Install it in the Dockerfile, or check with "
            "what is there (Python: `urllib.request.urlopen(…)`)."
        )
        return Diagnosis("no-such-program", sentence)
    answered = r"(?:HTTP Error|returned error:|[Ss]tatus(?: code)?:?|HTTP/[\d.]+)\s*([45]\d\d)\b"
    if found := re.search(answered, said, re.IGNORECASE):
        sentence = (
            f"{start} `{clip(command, 120)}` is answered with {found[1]}. Ask for a route that "
            "exists and answers 200."
        )
        return Diagnosis("health-check", sentence)
    reason = f" It printed: {clip(last_lines(said, 1), 200)}" if said else " It printed nothing."
    sentence = f"{start} `{clip(command, 120)}` fails though the service is up.{reason}"
    return Diagnosis("health-check", sentence)
