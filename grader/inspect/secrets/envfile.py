"""Secrets in `.env` files and in examples of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from grader.inspect.compose.interpolate import Malformed, references
from grader.inspect.secrets import phrases
from grader.inspect.secrets.file_roles import FileRole
from grader.inspect.secrets.finding import Hit
from grader.inspect.secrets.names import Sureness, sureness
from grader.inspect.secrets.values import judge

LINE = re.compile(
    r"[ \t]*+(#?[ \t]*+)(?:(?:export|set|SET)[ \t]++)?([A-Za-z_][\w.-]{0,100})[ \t]*[=:][ \t]*(.*)"
)
MAX_LINES = 20_000


def read_env(text: str, place: FileRole) -> Iterator[Hit]:
    """Yield the hits of a `.env` file, each with its line."""
    rule = "env.example" if place is FileRole.EXAMPLE else "env.committed"
    for number, line in enumerate(text.splitlines()[:MAX_LINES], start=1):
        found = LINE.match(line[:4096])
        if found is None:
            continue
        here = FileRole.DOCS if found[1].strip() and place is FileRole.RUNS else place
        value, literal = _value(found[3])
        for hit in _judged(found[2], value, here, rule, literal=literal):
            yield replace(hit, line=number)
        for _, hit in phrases.urls(value, here):
            yield replace(hit, line=number)


def _value(written: str) -> tuple[str, bool]:
    """Return the value of a line, and whether `$` means itself in it."""
    written = written.strip()
    if written[:1] in {'"', "'"} and (end := written.find(written[0], 1)) > 0:
        return written[1:end], written[0] == "'"
    return re.split(r"(?<![ \t])[ \t]++#", written, maxsplit=1)[0].strip(), False


def _judged(name: str, value: str, place: FileRole, rule: str, *, literal: bool) -> Iterator[Hit]:
    sure = sureness(name)
    if "${" in value and not literal:
        try:
            asked = references(value, 0)
        except Malformed:
            asked = []
        for one in asked:
            default = one.default or ""
            severity = judge(
                default, place, Sureness.SURE if sureness(one.name) is Sureness.SURE else sure
            )
            if severity:
                yield Hit(
                    rule="env.fallback", severity=severity, line=0, name=one.name, value=default
                )
        return
    severity = judge(value, place, sure, references=not literal)
    if severity:
        yield Hit(rule=rule, severity=severity, line=0, name=name, value=value)
