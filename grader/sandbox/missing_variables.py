"""Failures that come of a variable which the app reads and nothing passes on to it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.text import clip

LOCAL = r"(?:localhost|127\.0\.0\.1|::1|None|0\.0\.0\.0|/[\w./-]*\.sock|)"
UNREACHABLE = re.compile(
    rf"Can't connect to (?:local )?(?:MySQL )?server (?:on|through socket) '{LOCAL}(?::\d+)?'|"
    rf"Unknown (?:MySQL )?server host '{LOCAL}'|"
    r"Can't connect to MySQL server on (?:localhost|127\.0\.0\.1)(?::\d+)?(?![\w.:-])"
)
REFUSED = re.compile(r"\b1045\b[^\n]{0,20}?Access denied for user '(?:None|root|nobody|)'")
UNKNOWN = re.compile(r"\b(?:1049\b[^\n]{0,20}?Unknown database 'None'|1046\b)")
SYMPTOMS: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (UNREACHABLE, frozenset({"host", "url"})),
    (REFUSED, frozenset({"user", "password", "root", "url"})),
    (UNKNOWN, frozenset({"database", "url"})),
)
"""What a driver says where it was given nothing, and what the variables stand for that give it."""
SETTINGS = frozenset().union(*(roles for _, roles in SYMPTOMS))
"""All that a connection needs: whoever lacks one of them lacks the others soon after."""
ERROR = re.compile(r"^(?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception|Exit)\b.*$", re.MULTILINE)
CONNECTION = re.compile(
    r"mysql|Operational|Interface|Database|\b(?:104[569]|200[235])\b", re.IGNORECASE
)
MAX_NAMED = 8
PARTS = re.compile(
    r"[\w+]{1,40}://(?P<user>[^:@/]*)(?::[^@/]*)?@(?P<host>[^:/?]+)(?::\d+)?(?:/(?P<database>[^?]*))?"
)
"""A URL of a database."""


@dataclass(frozen=True, kw_only=True)
class Unset:
    """A variable that the app reads and nothing gives it."""

    name: str
    where: str
    """The file and line that read it."""
    role: str
    """What it stands for by its name: `host`, `user`, `password`, `root`, `database`, `url`, …"""
    indirect: bool = False
    """Whether only its name stands in the code: it counts where the app's own error names it."""


@dataclass(frozen=True, kw_only=True)
class Fallback:
    """A text that the app takes in the place of a variable which nothing gives it."""

    name: str
    value: str
    where: str
    """The file and line that read it."""
    role: str
    """As that of an `Unset`."""

    def part(self, role: str) -> str | None:
        """Return what it holds of one role, `host`, `user` or `database`; None for another."""
        if self.role == role:
            return self.value
        found = PARTS.match(self.value) if self.role == "url" else None
        return found.groupdict().get(role) if found else None

    def said(self, what: str) -> str:
        """Say that the app took `what` for want of the variable."""
        return f"It took {what} because {self.name} is not set ({self.where})."


def find_fallback(found: tuple[Fallback, ...], role: str, value: str) -> str:
    """Say of which variable's absence the `value` of `role` comes; empty where that is not so."""
    for one in found:
        if one.part(role) == value:
            return one.said(repr(clip(value, 60)))
    return ""


def find_password(found: tuple[Fallback, ...]) -> str:
    """Say that a password comes of the absence of a variable; empty where that is not so."""
    one = next((one for one in found if one.role in {"password", "root"}), None)
    if one is None:
        return ""
    return one.said("a password that stands in the code" if one.value else "an empty password")


def unset_cause(logs: str, found: tuple[Unset, ...], *, service: str) -> str:
    """Say which variable is missing where `logs` show what comes of it; else nothing.

    `service` is the app's in the student's Compose file; empty where the exam gives the variables.
    """
    named = _named(logs, found)
    read = [one for one in found if not one.indirect]
    for pattern, roles in SYMPTOMS if not named and _of_database(logs) else ():
        if pattern.search(logs) and any(one.role in roles for one in read):
            named = [one for one in read if one.role in SETTINGS]
            break
    return _sentence(named, service) if named else ""


def _of_database(logs: str) -> bool:
    """Return whether the last error is one of a connection to a database, where there is any."""
    errors = ERROR.findall(logs)
    return not errors or bool(CONNECTION.search(errors[-1]))


def _named(logs: str, found: tuple[Unset, ...]) -> list[Unset]:
    """Those that the last error names: `KeyError: 'DB_HOST'`, or in words of the app's own."""
    errors = ERROR.findall(logs)
    words = set(re.findall(r"\w+", errors[-1])) if errors else set()
    return [one for one in found if one.name in words]


def _sentence(named: list[Unset], service: str) -> str:
    shown = named[:MAX_NAMED]
    names = [one.name for one in shown]
    several = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    it = "them" if len(names) > 1 else "it"
    start = f"It reads {several} from the environment ({shown[0].where}), and"
    if service:
        return (
            f"{start} your Compose file does not pass {it} on: name {it} under `environment` of "
            f"the service {service!r}."
        )
    return f"{start} the brief does not promise {it}: read the variables that the brief names."
