"""Secrets in YAML: Compose files, CI workflows, manifests and any other configuration."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from grader import yamldoc
from grader.inspect.compose.interpolate import Malformed, references
from grader.inspect.secrets import phrases
from grader.inspect.secrets.dsns import dsns
from grader.inspect.secrets.file_roles import FileRole, is_ci
from grader.inspect.secrets.finding import Hit, Note, Severity, Wanted
from grader.inspect.secrets.lines import assignments
from grader.inspect.secrets.names import (
    DATABASE,
    Sureness,
    is_identity,
    is_plain,
    names_itself,
    snake,
    sureness,
)
from grader.inspect.secrets.stand_ins import of_commands, stand_ins
from grader.inspect.secrets.styles import CONFIG
from grader.inspect.secrets.values import is_label, is_placeholder, judge, looks_live

NEXT = re.compile(r"(?m)^---[ \t]*(?:#.*)?$")
COMPOSE = re.compile(r"(?m)^services:[\s\S]{0,4000}?^\s{1,20}(?:image|build|environment):")
MAX_DOCUMENTS = 100
MAX_HITS = 2000
"""Of one document; a scan lists fewer."""
PAIR = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.-]{0,80})\s*=(.*)", re.DOTALL)
PLAIN = frozenset({"true", "false", "yes", "no", "inherit", "write", "read", "nan"})
DESCRIBED = frozenset({
    "errors", "error", "messages", "labels", "properties", "example", "examples", "schemas",
    "translations",
    "columns", "fields", "required", "validation", "hints", "placeholders", "outputs",
    "encrypteddata", "responses", "annotations",
})  # fmt: skip
"""Keys under which fields are described, or people are told something."""
SIGNING = re.compile(r"(?i)(?:jwt|token|sign\w{0,9}|encrypt\w{0,9}|hmac|aes|fernet)$")
"""Keys under which `key` is what signs or encrypts."""
TESTING = re.compile(
    r"\b(?:pytest|unittest|tox|nox|phpunit|rspec|jest|vitest|coverage|playwright|cypress"
    r"|(?:npm|yarn|pnpm|go|cargo|mvn|gradle|manage\.py|make|flask|rake)(?: run)? (?:test|check))\b"
)
"""What a workflow runs that only tests."""
WORD = re.compile(r"[\w.-]*")
"""A text that is neither a pair nor a phrase, whatever `_Reader.read` would try with it."""
REFERENCE = re.compile(r"\$\{[^}]*+\}?|\$\w++")
MAX_JSON = 64 * 1024
SAVED = frozenset({"__export_format", "_postman_variable_scope", "_postman_id"})
"""Keys at the top of what Insomnia and Postman save."""
PROSE = frozenset({"description", "summary", "title", "example", "examples", "comment", "help"})


def read_yaml(text: str, path: str, place: FileRole, wants: list[Note] | None = None) -> list[Hit]:
    """Return the hits in each document of `text`; what is no YAML is read line by line.

    Files that a Compose file hands to services as secrets are appended to `wants`.
    """
    rule = "ci.literal" if is_ci(path) else "config.literal"
    if COMPOSE.search(text):
        rule = "compose.literal"
    hits: list[Hit] = []
    begin = 0
    for count, part in enumerate(NEXT.split(text)):
        if count >= MAX_DOCUMENTS:
            break
        hits += _document(part, begin, rule, place, wants)
        begin += part.count("\n")
    return hits


def read_json(text: str, place: FileRole) -> list[Hit] | None:
    """Return the hits in a JSON document.

    None where it is none, or too large to be read like this.
    """
    if len(text) > MAX_JSON:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict | list):
        return None
    if place is FileRole.RUNS and _is_collection(value):
        place = FileRole.EXAMPLE
    found = _Reader(yamldoc.Document(name="", value=value), "config.literal", place)
    return [replace(hit, line=_json_line(text, hit)) for hit in found.read(value, ())]


def _is_collection(value: dict[str, Any] | list[Any]) -> bool:
    """Return whether it is what a client for APIs saved: requests to try, with what they send."""
    if not isinstance(value, dict):
        return False
    about = value.get("info")
    saved = isinstance(about, dict) and "_postman_id" in about
    return saved or not SAVED.isdisjoint(value)


def _json_line(text: str, hit: Hit) -> int:
    """Return the line on which a hit's value stands, after its name where it is there."""
    named = json.dumps(hit.name, ensure_ascii=False)
    for written in (named, f"{named[:-1]}="):  # an entry, or `NAME=value` in a list
        name = text.find(written)
        while name >= 0:
            at = text.find(hit.value, name)
            if 0 <= at <= name + len(hit.name) + 200:
                return text.count("\n", 0, at) + 1
            name = text.find(written, name + 1)
    at = text.find(hit.value)
    return text.count("\n", 0, max(at, 0)) + 1


def _document(
    text: str, begin: int, rule: str, place: FileRole, wants: list[Note] | None
) -> list[Hit]:
    if not text.strip():
        return []
    document = yamldoc.parse("", text.lstrip("\n\r"), core=True)
    begin += len(text) - len(text.lstrip("\n\r"))
    if document.value is None or any("unfolds" in problem for problem in document.problems):
        hits = [(at, replace(hit, rule=rule)) for at, hit in assignments(text, place, CONFIG)]
        hits += phrases.urls(text, place)
        return [replace(hit, line=begin + text.count("\n", 0, at) + 1) for at, hit in hits]
    reader = _Reader(document, rule, place)
    if wants is not None and rule == "compose.literal":
        wants += _mounted(document)
    found = islice(reader.read(document.value, ()), MAX_HITS)
    return [replace(hit, line=hit.line + begin) for hit in found]


READERS = (phrases.urls, phrases.queries, dsns, phrases.sql, phrases.commands)


PHRASE = (" ", "://", "?", "&", ";", "${", "\n", "@tcp(")
"""A text without any of these is no phrase."""


def _mounted(document: yamldoc.Document) -> Iterator[Wanted]:
    """Yield the files that are secrets of a Compose file."""
    secrets = document.value.get("secrets") if isinstance(document.value, dict) else None
    for name, one in secrets.items() if isinstance(secrets, dict) else ():
        file = one.get("file") if isinstance(one, dict) else None
        if is_plain(str(name)):
            continue
        if isinstance(file, str) and "$" not in file and not file.startswith("/"):
            line = document.line(("secrets", name, "file"))
            yield Wanted(
                path="", line=line, target=file, constant="", rule="file.secret", name=name
            )


class _Reader:
    """Walks one document."""

    def __init__(self, document: yamldoc.Document, rule: str, place: FileRole) -> None:
        self.document = document
        self.rule = rule
        self.place = place
        top = document.value if isinstance(document.value, dict) else {}
        self.describes = "openapi" in top or "swagger" in top or "$schema" in top
        self.kind = top.get("kind")
        told = str(top) if rule == "ci.literal" else ""
        self.thrown_away = "'services'" in told
        """Whether a workflow brings a database of its own, which ends with it."""
        self.tests = bool(TESTING.search(told))

    def read(self, value: Any, place: yamldoc.Place) -> Iterator[Hit]:
        """Yield the hits in a value and all that is in it."""
        if isinstance(value, dict):
            yield from self._mapping(value, place)
        elif isinstance(value, list):
            name = str(place[-1]) if place else ""
            for index, item in enumerate(value):
                if isinstance(item, str) and sureness(name) is Sureness.SURE and "=" not in item:
                    yield from self._named(name, item, (*place, index))
                yield from self.read(item, (*place, index))
            yield from self._command(value, place)
        elif isinstance(value, str):
            if found := PAIR.match(value):  # a list's NAME=value
                yield from self._named(found[1], found[2].strip().strip("\"'"), place)
            yield from self._text(value, place)

    def _command(self, words: list[Any], place: yamldoc.Place) -> Iterator[Hit]:
        """Passwords in a command that is written as a list of words."""
        texts = [str(word) for word in words if isinstance(word, str | int | float)]
        if len(texts) == len(words):
            for _, hit in phrases.commands(" ".join(texts), self.place):
                index = next((at for at, text in enumerate(texts) if hit.value in text), 0)
                yield replace(hit, line=self.document.line((*place, index)))

    def _mapping(self, value: dict[str, Any], place: yamldoc.Place) -> Iterator[Hit]:
        name, given = value.get("name", value.get("key")), value.get("value")
        if isinstance(name, str) and isinstance(given, str | int):
            yield from self._named(name, str(given), (*place, "value"))
        encoded = place[-1:] == ("data",) and self.kind == "Secret"
        outer = str(place[-1]) if place else ""
        default = value.get("Default", value.get("default"))
        sure = isinstance(default, str | int) and sureness(outer) is Sureness.SURE
        if sure and not self._is_described(place):
            yield from self._named(outer, str(default), (*place, "Default"))
        used: bool | None = None
        has_login: bool | None = None
        for key, inner in value.items():
            here = (*place, key)
            if isinstance(inner, str | int | float):
                named = f"{outer}_{key}" if key.lower() == "key" and SIGNING.search(outer) else key
                told = isinstance(inner, bool) or sureness(named) is Sureness.NO
                if not told and used is None:
                    used = not self._is_described(place)
                if used and not told and key.lower() not in PROSE:
                    text = _decoded(str(inner)) if encoded else str(inner)
                    if has_login is None:  # of a large mapping it takes its time
                        has_login = any(map(is_identity, value))
                    yield from self._named(named, text, here, has_login=has_login)
                if not isinstance(inner, str) or WORD.fullmatch(inner):
                    continue
            yield from self.read(inner, here)

    def _is_described(self, place: yamldoc.Place) -> bool:
        """Return whether a mapping describes fields, or says something to people."""
        return self.describes or any(str(part).lower() in DESCRIBED for part in place)

    def _named(
        self, name: str, value: str, place: yamldoc.Place, *, has_login: bool = False
    ) -> Iterator[Hit]:
        """Yield what a name is given: a literal, or a variable's default.

        `has_login` says whether who logs in stands alongside it.
        """
        sure = sureness(name)
        if sure is Sureness.NO or value.strip().lower() in PLAIN:
            return
        for inner, literal in stand_ins(name, value):
            severity = judge(literal, self.place, Sureness.SURE)
            if severity and self.rule != "compose.literal":
                yield self._hit("env.fallback", severity, inner, literal, place)
        if "\n" in value.strip() or (len(value.split()) > 4 and not value.startswith("${")):
            return  # a text for people or programs
        if self.rule == "config.literal" and self._says_nothing(name, value, has_login=has_login):
            return
        if "$" in value:
            yield from self._defaults(name, value, place)
            return
        severity = judge(value, self.place, sure)
        if severity:
            yield self._hit(self.rule, severity, name, value, place)

    def _says_nothing(self, name: str, value: str, *, has_login: bool) -> bool:
        """Return whether a value in a file of any use is a label, or a gap for somebody to fill."""
        if len(value.strip()) < 2 or names_itself(name, value):
            return True
        if "$" not in value and is_placeholder(value):
            return True
        return not has_login and " " in value.strip() and is_label(value)

    def _defaults(self, name: str, value: str, place: yamldoc.Place) -> Iterator[Hit]:
        """`${DB_PASSWORD:-literal}`; and a literal that only begins like a variable."""
        try:
            asked = references(value, 0)
        except Malformed:
            return
        for one in asked:
            default = one.default or ""
            known = sureness(name) is not Sureness.NO or sureness(one.name) is Sureness.SURE
            severity = judge(default, self.place, Sureness.SURE) if known else None
            if severity and "$" not in default:
                yield self._hit("env.fallback", severity, one.name, default, place)
        rest = REFERENCE.sub("", value)
        if asked and "$$" not in value and not any(one.default for one in asked):
            severity = judge(rest, self.place, sureness(name)) if looks_live(rest) else None
            if severity and not is_placeholder(rest):
                yield self._hit(self.rule, severity, name, rest, place)
        if not asked and "$$" in value and not re.match(r"\$\$\w+$", value):
            literal = value.replace("$$", "$")
            severity = judge(literal, self.place, sureness(name), references=False)
            if severity:
                yield self._hit(self.rule, severity, name, literal, place)

    def _text(self, text: str, place: yamldoc.Place) -> Iterator[Hit]:
        """Phrases in a value; defaults of variables; what a script of several lines assigns."""
        if not any(sign in text for sign in PHRASE):
            return
        line = self.document.line(place)
        below = 1 if "\n" in text else 0
        found = [hit for read in READERS for hit in read(text, self.place)]
        if below:
            found += [
                (at, replace(hit, rule=self.rule))
                for at, hit in assignments(text, self.place, CONFIG)
            ]
        key = next((one for one in reversed(place) if isinstance(one, str)), "")
        found += of_commands(key, text, self.place)
        for at, hit in found:
            ends = self.thrown_away or self.tests
            sure = hit.sure and not (ends and hit.severity is Severity.WEAK)
            yield replace(hit, line=line + below + text.count("\n", 0, at), sure=sure)
        if "${" in text and "-" in text:
            yield from self._defaults("", text, place)

    def _hit(self, rule: str, severity: Any, name: str, value: str, place: yamldoc.Place) -> Hit:
        weak = severity is Severity.WEAK or (rule == "ci.literal" and "services" in place)
        return Hit(
            rule=rule,
            severity=severity,
            line=self.document.line(place),
            name=name,
            value=value,
            sure=self.place is not FileRole.TEST
            and not (self.tests and (weak or is_label(value)))
            and not (self.thrown_away and (weak or is_label(value) or _is_of_database(name))),
        )


def _is_of_database(name: str) -> bool:
    return bool(DATABASE.search(snake(name)))


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8").strip()
    except (ValueError, binascii.Error):
        return text
