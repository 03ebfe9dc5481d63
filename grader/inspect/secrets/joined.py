"""What a run shows, joined with the lines of the files from which it comes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from grader.inspect.secrets.finding import Finding
from grader.inspect.secrets.names import snake
from grader.model import CheckResult, Outcome, SourceLocation
from grader.text import clean

WITHOUT = re.compile(r"Without (?P<name>\w+) the app (?P<what>starts and signs|logs in)")
"""How a run says that an app goes on without a secret."""
SIGNING = frozenset({"flask.secret-key"})
LOGIN = frozenset({"database.password", "url.password"})
KEY, PASSWORD = re.compile(r"KEY|SECRET"), re.compile(r"PASS|PWD|PW")
"""What a fallback is called that signs, or logs in."""
MARKED = 5
"""Lines that are named."""


def with_locations(result: CheckResult, findings: Sequence[Finding]) -> CheckResult:
    """Return a lost `secrets.no_fallback` with the lines that its value comes from.

    Without them, as it is: a value that only a run can tell stands nowhere.
    """
    said = WITHOUT.search(result.rationale)
    if result.outcome is not Outcome.FAILED or not said:
        return result
    found = _supporting(said["name"], findings, signs=said["what"] != "logs in")
    if not found:
        return result
    first = found[0]
    return replace(
        result,
        rationale=f"{result.rationale} Your files hold it at {first.place}: {first.preview}.",
        locations=tuple(map(_place, found[:MARKED])),
    )


def _supporting(name: str, findings: Sequence[Finding], *, signs: bool) -> list[Finding]:
    """Return the findings that the run bears out.

    Under the variable's own name, else of its use.
    """
    tree = [one for one in findings if one.commit is None]
    named = [one for one in tree if _given(one) == snake(name)]
    if named:
        return named
    telling = KEY if signs else PASSWORD
    fallbacks = [one for one in tree if one.rule == "env.fallback" and telling.search(_given(one))]
    rules = SIGNING if signs else LOGIN
    return fallbacks or [one for one in tree if one.rule in rules]


def _given(one: Finding) -> str:
    """Return what is given the value, in capital letters."""
    return snake(one.preview.partition(" = ")[0])


def _place(one: Finding) -> SourceLocation:
    return SourceLocation(
        path=clean(one.path),
        line=one.line,
        message=f"{one.preview} ({one.rule}). The app works with it. {one.fix}",
        level="error",
    )
