"""Assignments in any text: `name = value`, `"name": "value"`, `export NAME=value`.

Text is searched from the words that names of secrets hold, a window around each, so that a line of
50 MB takes no longer than as many short ones.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from grader.inspect.secrets.finding import Hit, Severity
from grader.inspect.secrets.names import Sureness, rule_for, snake, sureness
from grader.inspect.secrets.places import Place
from grader.inspect.secrets.values import judge, looks_random

SIGNS = ("pass", "pwd", "secret", "token", "key", "cred", "salt", "psw", "pw")
NAMES = frozenset(string.ascii_letters + string.digits + "_.$[]-")
REST = re.compile(r"[\w.-]{0,80}")
ASSIGN = re.compile(
    r"(?P<close>\\?[\"'`]?\]?\)?)[ \t]{0,20}"
    r"(?::[ \t]?[A-Za-z][\w\[\], |.]{0,40}=|(?P<sign>:=|\?=|\+=|===?|!==?|=>|->|[=:]))[ \t]{0,20}"
)
ATTRIBUTE = re.compile(r"</")
QUOTED = re.compile(
    r"(?:[bruf]{0,2}|@)(?:\\?(?P<quote>[\"'`]))(?P<value>(?:\\.|(?!(?P=quote))[^\n\\]){0,600})\\?(?P=quote)"
)
BARE = re.compile(r"[^\s\"'`,;#(){}\[\]<>]{1,400}(?=[\s\"',;}\])<]|$)")
XML = re.compile(r">([^<>\n]{1,200})</")
EXPRESSION = re.compile(r"[\w.]+\(.*|true|false|null|none|\w+\[.*", re.IGNORECASE)
LABELS = frozenset({"STRING", "TEXT", "REQUIRED", "HIDDEN", "STR", "PASSWORT", "MOTDEPASSE"})
MAX_HITS = 400
MAX_SPOTS = 100_000
"""Words in one file that names of secrets hold, of which each is looked at."""
CONNECTION = re.compile(r"(?i)\b(?:host|hostname|server|database|dbname|db|port|user)[\"']?\s?[:=]")
"""What stands beside a password that lets a program in."""


@dataclass(frozen=True, kw_only=True)
class Style:
    """How values are written in a kind of file."""

    bare: bool
    """Whether without quotes."""
    rule: str
    spaces: bool = False
    """Whether a value may hold spaces: where it is no label for people."""
    equals: bool = False
    """Whether only `=` assigns, and `${NAME…` is a reference."""
    comments: str = ""
    """What a comment begins with; nothing in one runs."""


CODE = Style(bare=False, rule="code.literal")
CONFIG = Style(bare=True, rule="config.literal", comments="#;")
SHELL = Style(bare=True, rule="shell.password", comments="#", spaces=True, equals=True)
DOCS = Style(bare=True, rule="docs.literal")
JSON = Style(bare=False, rule="config.literal", spaces=True)


@dataclass(frozen=True, kw_only=True)
class _Given:
    """A name, what it is given, and where."""

    text: str
    start: int
    name: str
    value: str
    quoted: bool
    sure: Sureness


def assignments(
    text: str, place: Place, style: Style, lower: str | None = None
) -> Iterator[tuple[int, Hit]]:
    """What names of secrets are given in `text`: where each stands, and the hit (line 0)."""
    lower = text.lower() if lower is None else lower
    done = -1
    count = 0
    for spot in _spots(lower):
        if spot < done:
            continue
        start = spot
        while start > max(0, spot - 80) and text[start - 1] in NAMES:
            start -= 1
        rest = REST.match(text, spot)
        done = rest.end() if rest else spot + 1
        name = text[start:done].strip("$[].-")
        sure = sureness(name)
        if sure is Sureness.NO or (style.equals and text[start - 1 : start] == "{"):
            continue
        value, quoted = _value(text, done, style)
        given = _Given(text=text, start=start, name=name, value=value, quoted=quoted, sure=sure)
        hit = _judged(given, place, style) if value else None
        if hit:
            count += 1
            yield start, hit
        if count >= MAX_HITS:
            return


def _spots(lower: str) -> Iterator[int]:
    """Where the words begin that names of secrets hold, in order."""
    found: list[int] = []
    for sign in SIGNS:
        at = lower.find(sign)
        while at >= 0:
            found.append(at)
            at = lower.find(sign, at + len(sign))
    return islice(sorted(set(found)), MAX_SPOTS)


def is_crowded(text: str) -> bool:
    """Whether a text holds more such words than are looked at."""
    return len(text) > MAX_SPOTS and sum(map(text.lower().count, SIGNS)) > MAX_SPOTS


def _value(text: str, at: int, style: Style) -> tuple[str, bool]:
    """The value that follows a name, and whether it stands in quotes."""
    if style.rule == "config.literal" and (found := XML.match(text, at)):
        return found[1], False
    sign = ASSIGN.match(text, at)
    if sign is None:
        return "", False
    if sign["sign"] in {"==", "===", "!=", "!=="} and style.bare:
        return "", False
    if style.equals and sign["sign"] not in {"=", "?=", ":="}:
        return "", False
    if found := QUOTED.match(text, sign.end()):
        following = text[found.end() : found.end() + 2].lstrip()
        return ("", False) if following[:1] in {"+", "%", "."} else (found["value"], True)
    if not style.bare or (sign["sign"] == "=>" and not style.spaces):
        return "", False
    found = BARE.match(text, sign.end())
    return (found[0], False) if found else ("", False)


def _judged(given: _Given, place: Place, style: Style) -> Hit | None:
    value, quoted = given.value, given.quoted
    if " " in value.strip() and not (style.spaces and quoted):
        return None
    if (style.comments or not style.bare) and _is_comment(given, style):
        place = Place.DOCS if place is Place.RUNS else place
    if not quoted and style is not SHELL and EXPRESSION.fullmatch(value):
        return None
    if style in {DOCS, CODE, JSON} and _is_label(given):
        return None
    severity = judge(value, place, given.sure)
    if severity is Severity.DEFAULT and place is Place.DOCS and not (quoted or _is_machine(value)):
        return None
    if severity is None:
        return None
    rule = rule_for(given.name, style.rule) if style.rule == "code.literal" else style.rule
    return Hit(rule=rule, severity=severity, line=0, name=given.name, value=value)


def _is_comment(given: _Given, style: Style) -> bool:
    begin = given.text.rfind("\n", max(0, given.start - 300), given.start) + 1
    line = given.text[begin : given.start].lstrip()
    return line.startswith(("#", "//", "*", "<!--", "--", *style.comments))


def _is_label(given: _Given) -> bool:
    """Whether the value names a field for people or programs, like `password: "Passwort"`."""
    plain = snake(given.value).replace("_", "")
    name = snake(given.name).replace("_", "")
    if given.sure is not Sureness.SURE or not plain.isalpha():
        return False
    around = given.text[max(0, given.start - 300) : given.start + 300]
    return (name.endswith(plain) or plain in LABELS) and not CONNECTION.search(around)


def _is_machine(value: str) -> bool:
    return looks_random(value) or bool(re.search(r"\d", value) and re.search(r"[^\w.:/,-]", value))
