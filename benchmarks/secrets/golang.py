"""The samples in gitleaks' rules: Go expressions that are evaluated as far as they need be."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from re import _constants, _parser  # type: ignore[attr-defined, unused-ignore]
from typing import Any

TOKEN = re.compile(
    r"""\s*(?://[^\n]*\s*)*(?:(?P<text>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?P<name>[A-Za-z_][\w.]*)"""
    r"""|(?P<number>\d+)|(?P<sign>\[\]string|map\[string\]string|\.\.\.|.))""",
    re.DOTALL,
)
STATEMENT = re.compile(r"\n\t(?P<name>\w+)\s*:?=\s*")
RULE = re.compile(r"\nfunc (?P<name>\w+)\(\) \*config\.Rule \{(?P<body>.*?)\n\}", re.DOTALL)
IDENTIFIER = re.compile(r'RuleID:\s*"([^"]+)"')
FORMATS = (
    '{i}_api_token = "{s}"', "{i}Token={s}", '"{i}_token": "{s}"', "{i}_token: {s}",
    "{i}Token = '{s}'",
    'var {i}Token string = "{s}"', "{i}_token: '{s}'",
)  # fmt: skip
"""How a service's token is written, for a name `{i}` and a token `{s}`."""
ALPHABETS = {"Hex": "[a-f0-9]", "AlphaNumeric": "[a-z0-9]", "Numeric": "[0-9]",
             "AlphaNumericExtended": "[a-z0-9=_-]", "AlphaNumericExtendedShort": "[a-z0-9_-]",
             "AlphaNumericExtendedLong": "[a-z0-9/=_+-]"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Samples:
    """What one rule has to find, and what it must not."""

    rule: str
    true: tuple[str, ...]
    false: tuple[str, ...]


def samples(source: str, seed: int) -> Iterator[Samples]:
    """Yield the samples of each rule in a file of gitleaks' rules that can be evaluated."""
    for rule in RULE.finditer(source):
        body = rule["body"]
        identifier = IDENTIFIER.search(body)
        reader = _Reader(random.Random(seed))
        for found in STATEMENT.finditer(body):
            try:
                value = reader.read(body[found.end() :])
            except (ValueError, KeyError, IndexError, TypeError, re.error):
                continue
            reader.known[found["name"]] = value
        yield Samples(
            rule=identifier[1] if identifier else rule["name"],
            true=tuple(_texts(reader.known.get("tps"))),
            false=tuple(_texts(reader.known.get("fps"))),
        )


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


@dataclass
class _Reader:
    """Evaluates expressions; `known` are variables to their values."""

    rng: random.Random
    known: dict[str, Any] = field(default_factory=dict)
    tokens: list[tuple[str, str]] = field(default_factory=list)
    at: int = 0

    def read(self, text: str) -> Any:
        """Return the value of the expression that begins `text`. Raises `ValueError` if unknown."""
        self.tokens = [
            (str(found.lastgroup), found[str(found.lastgroup)])
            for found in TOKEN.finditer(text[:20_000])
        ]
        self.at = 0
        return self._sum()

    def _peek(self) -> str:
        return self.tokens[self.at][1]

    def _next(self) -> tuple[str, str]:
        self.at += 1
        return self.tokens[self.at - 1]

    def _sum(self) -> Any:
        value = self._term()
        while self.at < len(self.tokens) and self._peek() == "+":
            self._next()
            value += self._term()
        return value

    def _term(self) -> Any:
        kind, text = self._next()
        if kind == "text":
            return text[1:-1] if text[0] == "`" else json.loads(text.replace("\\'", "'"))
        if kind == "number":
            return text
        if text in {"[]string", "map[string]string"}:
            return self._list("{", "}")
        if kind == "name":
            if self.at < len(self.tokens) and self._peek() == "(":
                return self._call(text, self._list("(", ")"))
            return self.known[text]
        msg = f"nothing begins with {text!r}"
        raise ValueError(msg)

    def _list(self, begin: str, end: str) -> list[Any]:
        if self._next()[1] != begin:
            msg = f"a {begin} is missing"
            raise ValueError(msg)
        values: list[Any] = []
        while self._peek() != end:
            value = self._sum()
            if self._peek() == "...":
                self._next()
                values += value
            elif self._peek() == ":":  # the name of a map's entry
                self._next()
            else:
                values.append(value)
            if self._peek() == ",":
                self._next()
        self._next()
        return values

    def _call(self, name: str, values: list[Any]) -> Any:
        last = name.rpartition(".")[2]
        calls: Mapping[str, Callable[[], Any]] = {
            "append": lambda: values[0] + values[1:],
            "NewSecret": lambda: drawn(values[0], self.rng),
            "GenerateSampleSecrets": lambda: [
                one.replace("{i}", values[0]).replace("{s}", values[1]) for one in FORMATS
            ],
            "GenerateSampleSecret": lambda: f'{values[0]}_api_token = "{values[1]}"',
            "Sprintf": lambda: re.sub(r"%[sv]", "%s", values[0]) % tuple(values[1:]),
            "Hex8_4_4_4_12": lambda: "[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}",
            "ToUpper": str(values[0]).upper if values else str,
        }
        if last in ALPHABETS:
            return f"{ALPHABETS[last]}{{{values[0]}}}"
        return calls[last]()


def drawn(pattern: str, rng: random.Random) -> str:
    """Return a text that `pattern` matches."""
    return "".join(_drawn(_parser.parse(pattern), rng))


def _drawn(parsed: Any, rng: random.Random) -> Iterator[str]:
    for kind, value in parsed:
        if kind is _constants.LITERAL:
            yield chr(value)
        elif kind is _constants.IN:
            yield chr(rng.choice(_codes(value)))
        elif kind in {_constants.MAX_REPEAT, _constants.MIN_REPEAT}:
            least, most, inner = value
            for _ in range(rng.randint(least, max(least, min(most, least + 8)))):
                yield from _drawn(inner, rng)
        elif kind is _constants.SUBPATTERN:
            yield from _drawn(value[-1], rng)
        elif kind is _constants.BRANCH:
            yield from _drawn(rng.choice(value[1]), rng)
        elif kind is _constants.ANY:
            yield "x"
        elif kind is not _constants.AT:
            msg = f"a pattern holds {kind}"
            raise ValueError(msg)


def _codes(members: Any) -> list[int]:
    codes: list[int] = []
    for kind, value in members:
        if kind is _constants.LITERAL:
            codes.append(value)
        elif kind is _constants.RANGE:
            codes += range(value[0], value[1] + 1)
        elif kind is _constants.CATEGORY:
            letters = "0123456789" if "DIGIT" in str(value) else "0123456789abcdefghijkABCDEFG_"
            codes += map(ord, letters)
        else:
            msg = f"a class holds {kind}"
            raise ValueError(msg)
    return codes
