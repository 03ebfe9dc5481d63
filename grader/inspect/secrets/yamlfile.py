"""Secrets in YAML: Compose files, CI workflows, manifests and any other configuration."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from grader import yamldoc
from grader.inspect.compose.interpolate import Malformed, references
from grader.inspect.secrets import phrases
from grader.inspect.secrets.finding import Hit
from grader.inspect.secrets.lines import CONFIG, assignments
from grader.inspect.secrets.names import Sureness, sureness
from grader.inspect.secrets.places import Place, is_ci
from grader.inspect.secrets.values import judge

NEXT = re.compile(r"(?m)^---[ \t]*(?:#.*)?$")
COMPOSE = re.compile(r"(?m)^services:[\s\S]{0,4000}?^\s{1,20}(?:image|build|environment):")
MAX_DOCUMENTS = 100
PAIR = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.-]{0,80})\s*=(.*)", re.DOTALL)
PLAIN = frozenset({"true", "false", "yes", "no", "inherit", "write", "read", "nan"})
PROSE = frozenset({"description", "summary", "title", "example", "examples", "comment", "help"})


def read_yaml(text: str, path: str, place: Place) -> list[Hit]:
    """The hits in each document of `text`; what is no YAML is read line by line."""
    rule = "ci.literal" if is_ci(path) else "config.literal"
    if COMPOSE.search(text):
        rule = "compose.literal"
    hits: list[Hit] = []
    begin = 0
    for count, part in enumerate(NEXT.split(text)):
        if count >= MAX_DOCUMENTS:
            break
        hits += _document(part, begin, rule, place)
        begin += part.count("\n")
    return hits


def _document(text: str, begin: int, rule: str, place: Place) -> list[Hit]:
    if not text.strip():
        return []
    document = yamldoc.parse("", text.lstrip("\n\r"), core=True)
    begin += len(text) - len(text.lstrip("\n\r"))
    if document.value is None or any("unfolds" in problem for problem in document.problems):
        hits = [(at, replace(hit, rule=rule)) for at, hit in assignments(text, place, CONFIG)]
        hits += phrases.urls(text, place)
        return [replace(hit, line=begin + text.count("\n", 0, at) + 1) for at, hit in hits]
    reader = _Reader(document, rule, place)
    return [replace(hit, line=hit.line + begin) for hit in reader.read(document.value, ())]


READERS = (phrases.urls, phrases.sql, phrases.commands)


class _Reader:
    """Walks one document."""

    def __init__(self, document: yamldoc.Document, rule: str, place: Place) -> None:
        self.document = document
        self.rule = rule
        self.place = place

    def read(self, value: Any, place: yamldoc.Place) -> Iterator[Hit]:
        """The hits in a value and all that is in it."""
        if isinstance(value, dict):
            yield from self._mapping(value, place)
        elif isinstance(value, list):
            for index, item in enumerate(value):
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
        encoded = place[-1:] == ("data",) and self.document.value.get("kind") == "Secret"
        for key, inner in value.items():
            here = (*place, key)
            if isinstance(inner, str | int | float) and not isinstance(inner, bool):
                text = _decoded(str(inner)) if encoded else str(inner)
                if key.lower() not in PROSE and place[-1:] not in {("properties",), ("outputs",)}:
                    yield from self._named(key, text, here)
            yield from self.read(inner, here)

    def _named(self, name: str, value: str, place: yamldoc.Place) -> Iterator[Hit]:
        """What a name is given: a literal, or a variable's default."""
        sure = sureness(name)
        if sure is Sureness.NO or value.strip().lower() in PLAIN:
            return
        if "\n" in value.strip() or (len(value.split()) > 4 and not value.startswith("${")):
            return  # a text for people or programs
        if "$" in value:
            yield from self._defaults(name, value, place)
            return
        severity = judge(value, self.place, sure)
        if severity:
            yield self._hit(self.rule, severity, name, value, place)

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
        if not asked and "$$" in value and not re.match(r"\$\$\w+$", value):
            literal = value.replace("$$", "$")
            severity = judge(literal, self.place, sureness(name), references=False)
            if severity:
                yield self._hit(self.rule, severity, name, literal, place)

    def _text(self, text: str, place: yamldoc.Place) -> Iterator[Hit]:
        """Phrases in a value; defaults of variables; what a script of several lines assigns."""
        line = self.document.line(place)
        below = 1 if "\n" in text else 0
        found = [hit for read in READERS for hit in read(text, self.place)]
        if below:
            found += [
                (at, replace(hit, rule=self.rule))
                for at, hit in assignments(text, self.place, CONFIG)
            ]
        for at, hit in found:
            yield replace(hit, line=line + below + text.count("\n", 0, at))
        if "${" in text and "-" in text:
            yield from self._defaults("", text, place)

    def _hit(self, rule: str, severity: Any, name: str, value: str, place: yamldoc.Place) -> Hit:
        return Hit(
            rule=rule, severity=severity, line=self.document.line(place), name=name, value=value
        )


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8").strip()
    except (ValueError, binascii.Error):
        return text
