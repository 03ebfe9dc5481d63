"""Assignments in any text: `name = value`, `"name": "value"`, `export NAME=value`.

Text is searched from the words that names of secrets hold, a window around each, so that a line of
50 MB takes no longer than as many short ones.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from grader.inspect.secrets.decode import lowered
from grader.inspect.secrets.file_roles import FileRole
from grader.inspect.secrets.finding import Hit, Severity
from grader.inspect.secrets.following import value_after
from grader.inspect.secrets.names import Sureness, names_itself, rule_for, snake, sureness
from grader.inspect.secrets.sinks import Sink, container, describes
from grader.inspect.secrets.styles import CODE, DOCS, JSON, MARKUP, SHELL, Style
from grader.inspect.secrets.values import (
    LABELS,
    STATES,
    is_label,
    is_placeholder,
    is_weak,
    judge,
    looks_live,
    looks_random,
    points_elsewhere,
    tells_weak,
)

SIGNS = ("pass", "pwd", "secret", "token", "key", "cred", "salt", "psw", "pw", "contrase", "senha")
NAMES = string.ascii_letters + string.digits + "_.$-"
UNGIVEN = frozenset(",;({}&/|%#@~^\n\r")
"""What stands behind a name that is given nothing there."""
REST = re.compile(r"[\w.-]{0,80}")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
EXPRESSION = re.compile(r"[\w.]+\(.*|true|false|null|none|\w+\[.*", re.IGNORECASE)
MEMBER = re.compile(r"\$?[a-z]\w*(?:->\w+|\.[A-Za-z_]\w*)+")
"""`form.password`, `$row->password`: what code writes without quotes."""
WHOSE = re.compile(
    r"(?i)(?:mysql|mariadb|database|db|root|admin|server|login)[ _-]*(?:user[ _-]*)?pass"
)
LOGGED_IN = re.compile(
    r"(?i)\b(?:login|user|username|account|benutzer|benutzername|usuario)[*_`]{0,3}\s?[:=][*_`]{0,3}\s?"
    r"\S{1,24}\s?(?:[/,;|]|\n[ \t]{0,8}[-*+]?)[ \t]{0,4}[*_`]{0,3}$"
)
"""What stands before the password of somebody whom prose names: `login: admin / pw: value`."""
VARIABLE = re.compile(
    r"(?i)env(?:iron\w{0,20})?\b[^;\n]{0,90}$|environmentvariable|\bvariable \"[\w-]{0,60}$"
)
"""What stands before the name of a variable of the environment, or of Terraform."""
OPTION = re.compile(r"(?:^|\s)(?:-e|--env)[ =][\"']?$")
"""What stands before a variable that a container is given on a command line."""
TEST = re.compile(r"(?:^|[\s;])(?:\[\[?|test)\s[^\n;\]]{0,100}$")
CALL = re.compile(r"\w\(\s{0,20}.$")
"""What stands before the first argument of a call, in quotes; before an item of a row does not."""
OBJECT = re.compile(r"(\w{1,40})[\"']?\s{0,4}(?:[:=]|\()\s{0,4}\{[^{}]{0,200}$")
"""What stands before an entry of an object: the name of what takes it."""
TESTS = re.compile(r"\[[\w.]{0,40}(?:pytest|tox)[\w.]{0,40}\]")
"""Sections of a configuration with which tests run."""
MAX_HITS = 400
MAX_SPOTS = 100_000
"""Words in one file that names of secrets hold, of which each is looked at."""
CONNECTION = re.compile(
    r"(?i)\b(?:host|hostname|server|database|dbname|db|port|user|username|login|loginid)[\"']?\s?(?:[:=]|\s[\"'])"
)
"""What stands alongside a password that lets a program in."""


FORM = re.compile(r"(?i)form[\"']?\s{0,4}[:=]\s{0,4}(?:\w{1,20}\(\s{0,4})?\{[^{}]{0,200}$")
"""What stands before a value that a form of a page begins with."""


class _Given(NamedTuple):
    """A name, what it is given, and where."""

    text: str
    start: int
    name: str
    value: str
    how: str
    """`quoted`, `bare`, `argument`, `fallback`, `spaced`, `paired`: how it is given."""
    sure: Sureness


def assignments(
    text: str, place: FileRole, style: Style, lower: str | None = None
) -> Iterator[tuple[int, Hit]]:
    """Yield what names of secrets are given in `text`: where each stands, and the hit (line 0)."""
    lower = lowered(text) if lower is None else lower
    done = -1
    count = 0
    for spot in _spots(lower):
        if spot < done:
            continue
        rest = REST.match(text, spot)
        done = rest.end() if rest else spot + 1
        if text[done : done + 1] in UNGIVEN:
            continue
        before = text[max(0, spot - 80) : spot]
        start = spot - len(before) + len(before.rstrip(NAMES))
        name = text[start:done].strip("$[].-")
        sure = sureness(name)
        if sure is Sureness.NO or (style.equals and text[start - 1 : start] == "{"):
            continue
        value, how = value_after(text, start, done, style)
        if not value:
            continue
        given = _Given(text=text, start=start, name=name, value=value, how=how, sure=sure)
        hit = _judged(given, place, style)
        if hit:
            count += 1
            at = text.find(value, done) if how in {"paired", "fallback"} else start
            yield max(at, start), hit
        if count >= MAX_HITS:
            return


def _spots(lower: str) -> Iterator[int]:
    """Return where the words begin that names of secrets hold, in order."""
    found: list[int] = []
    for sign in SIGNS:
        at = lower.find(sign)
        while at >= 0:
            found.append(at)
            at = lower.find(sign, at + len(sign))
    return islice(sorted(set(found)), MAX_SPOTS)


def is_crowded(text: str) -> bool:
    """Return whether a text holds more such words than are looked at."""
    return len(text) > MAX_SPOTS and sum(map(text.lower().count, SIGNS)) > MAX_SPOTS


def _judged(given: _Given, place: FileRole, style: Style) -> Hit | None:
    value, quoted = given.value, given.how in {
        "quoted", "argument", "fallback", "paired", "told",
    }  # fmt: skip
    if " " in value.strip() and not (style.spaces and quoted and not is_label(value)):
        return None
    if place is FileRole.RUNS and style.comments and _is_of_tests(given):
        place = FileRole.TEST
    comment = (style.comments or not style.bare or style.drawn) and _is_comment(given, style)
    if comment:
        place = FileRole.DOCS if place is FileRole.RUNS else place
    if style is DOCS and given.sure is Sureness.SURE and _is_run(given):
        return Hit(rule=style.rule, severity=Severity.WEAK, line=0, name=given.name,
                   value=value, sure=False)  # fmt: skip
    if (not quoted and _is_expression(value, style)) or _says_nothing(given, style):
        return None
    if style is MARKUP and given.name.lower() == "key" and given.how == "quoted":
        return None
    severity = judge(value, place, given.sure)
    if severity is None:
        return _hinted(given, place, style)
    if (
        severity is Severity.DEFAULT
        and place is FileRole.DOCS
        and not (quoted or _is_machine(value))
    ):
        return _hinted(given, place, style)
    rule = rule_for(given.name, style.rule) if style.rule == "code.literal" else style.rule
    rule = "env.fallback" if given.how == "fallback" else rule
    sure = (
        not comment
        and (place is not FileRole.DOCS or looks_random(value))
        and place is not FileRole.TEST
        and not (place is FileRole.DOCS and value.startswith("eyJ"))  # tokens of a session end
    )
    if severity is Severity.WEAK and style is CODE and FORM.search(_before(given)):
        sure = False
    return Hit(rule=rule, severity=severity, line=0, name=given.name, value=value, sure=sure)


def _is_expression(value: str, style: Style) -> bool:
    """Return whether what stands without quotes is computed rather than written."""
    if style is not SHELL and EXPRESSION.fullmatch(value):
        return True
    if style.rule == "code.literal" and MEMBER.fullmatch(value):
        return True
    return style.drawn and not (looks_random(value) or looks_live(value))


def _is_compared(given: _Given) -> bool:
    """Return whether a shell compares with the value: `[ "$PASSWORD" = "changeme" ]`."""
    begin = given.text.rfind("\n", max(0, given.start - 200), given.start) + 1
    return bool(TEST.search(given.text[begin : given.start]))


def _hinted(given: _Given, place: FileRole, style: Style) -> Hit | None:
    """Return a hint, where a value is no secret by its look alone and may well be one."""
    if points_elsewhere(given.value):
        return None
    may_be = given.sure is Sureness.MAYBE and _may_be(given, place)
    if not may_be and not (style is DOCS and _is_told(given)):
        return None
    return Hit(rule=style.rule, severity=Severity.DEFAULT, line=0, name=given.name,
               value=given.value, sure=False)  # fmt: skip


def _says_nothing(given: _Given, style: Style) -> bool:
    """Return whether the value names or describes a field, or fills a gap.

    `password: "Passwort"` does.
    """
    value = given.value.strip()
    if style is SHELL:
        return _is_compared(given) and is_weak(value)
    if given.how == "fallback" and VARIABLE.search(_before(given)[-60:] + given.name):
        return False  # whatever it looks like, it stands in for what is not there
    generic = style.rule == "config.literal"
    if generic and (len(value) < 2 or (is_placeholder(value) and not looks_random(value))):
        return True
    if names_itself(given.name, value):
        return generic or not _is_connection(given)
    if generic and style is not JSON:
        return False
    if value.lower() in STATES or (value.isdigit() and len(value) < 3) or _is_message(given):
        return True
    if given.how == "argument":
        item = not CALL.search(_before(given))
        if is_weak(value) or EMAIL.fullmatch(value) or (item and is_label(value)):
            return True
    if style is DOCS and _is_told(given):
        return False
    return is_label(value) and not (given.sure is Sureness.SURE and _is_connection(given))


def _may_be(given: _Given, place: FileRole) -> bool:
    """Return whether a token's value is long and mixed, though words are in it."""
    value = given.value.strip()
    token = snake(given.name).endswith("TOKEN") and place is FileRole.RUNS
    return token and len(value) >= 16 and looks_live(value) and not is_weak(value)


def _is_run(given: _Given) -> bool:
    """Return whether a command in a document sets the variable: `docker run -e NAME=value`."""
    before = given.text[max(0, given.start - 12) : given.start]
    return bool(OPTION.search(before)) and tells_weak(given.value)


def _is_told(given: _Given) -> bool:
    """Whether prose tells the password of something that is named: `**mysql password**: value`."""
    before = given.text[max(0, given.start - 80) : given.start]
    before = before[before.rfind("\n", 0, max(0, before.rfind("\n"))) + 1 :]
    named = given.sure is Sureness.SURE and (
        WHOSE.search(before[-24:] + given.name) or LOGGED_IN.search(before)
    )
    word = re.fullmatch(r"\w[\w!#$%&*+.:@?~^-]{5,59}", given.value)
    said = given.value.lower() in LABELS or points_elsewhere(given.value)
    return bool(named and word) and not said and not is_weak(given.value)


def _before(given: _Given) -> str:
    return given.text[max(0, given.start - 240) : given.start]


def _is_connection(given: _Given) -> bool:
    around = given.text[max(0, given.start - 200) : given.start + 200]
    return bool(CONNECTION.search(around))


def _is_comment(given: _Given, style: Style) -> bool:
    begin = given.text.rfind("\n", max(0, given.start - 300), given.start) + 1
    line = given.text[begin : given.start].lstrip()
    return line.startswith(("#", "//", "*", "<!--", "--", *style.comments))


def _is_message(given: _Given) -> bool:
    """Return whether an object of messages holds the value: `errors = { password: "…" }`."""
    found = OBJECT.search(_before(given))
    if found is None or looks_random(given.value) or "form" in found[1].lower():
        return False
    return container(found[1]) is Sink.MESSAGE or describes(found[1])


def _is_of_tests(given: _Given) -> bool:
    """Return whether the section of a configuration is what tests run with."""
    begin = given.text.rfind("\n[", max(0, given.start - 5000), given.start) + 1
    return bool(TESTS.match(given.text, begin))


def _is_machine(value: str) -> bool:
    return looks_random(value) or bool(re.search(r"\d", value) and re.search(r"[^\w.:/,-]", value))
