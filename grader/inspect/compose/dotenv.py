"""A `.env` file, read by Compose's own rules; nothing of the grader's own environment goes in.

The rules are those of Compose's parser (compose-spec/compose-go, dotenv/parser.go). They are not
the shell's nor python-dotenv's: `NAME: value` is an entry, a line of prose is a fault that ends the
reading, and text in double quotes knows the escapes of Go. A test holds this against
`docker compose config`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.inspect.compose.interpolate import Malformed, VariableUse, fill, parse
from grader.inspect.files import read_bytes
from grader.text import clean, clip

MAX_CHARACTERS = 256 * 1024
MAX_ENTRIES = 1000
MAX_FILLED = 4 * 1024 * 1024
"""Characters that all values together may grow to; what goes beyond stays as it is written."""
BLANK = "[\t\v\f\r \x85\xa0]"
"""White space within a line, as Compose's parser counts it."""
EXPORT = re.compile(r"export[\t\n\v\f\r ]+")
BLANKS = re.compile(f"{BLANK}*")
COMMENT = re.compile(r"#[^\n]*")
NAME_END = re.compile(r"[=:\n]")
ESCAPE = re.compile(r'\\(?:[abcfnrtv$"\\]|0\d{0,3})')
QUOTED = {quote: re.compile(rf"\\.|{quote}", re.DOTALL) for quote in "'\""}
ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
NO_UTF_8 = "it is no UTF-8, perhaps UTF-16 as PowerShell's `>` writes; save it as UTF-8"
WRITE_IT = "write NAME=value, one on each line, and `#` before a remark"


class UnreadableEnvFile(ValueError):
    """Compose refuses the file. The message is a clause with the line and what to do."""


@dataclass(frozen=True, kw_only=True)
class EnvFile:
    """The variables of a `.env` file, in its order."""

    values: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    """Why Compose refuses the file, a clause; empty where it does not. `values` end there."""


def env_text(root: Path, path: str) -> str:
    """Return the text of the file at `path` under `root` as Compose decodes it: always UTF-8."""
    return read_bytes(root, path).decode("utf-8", "replace").removeprefix("\ufeff")


def raw_problem(root: Path, path: str) -> str:
    """Return why Compose refuses the file at `path` of `format: raw`, a clause; empty if not."""
    content = read_bytes(root, path)
    at = content.find(b"\0")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start
    line = content.count(b"\n", 0, at) + 1
    return f"line {line}: {NO_UTF_8}" if at >= 0 else ""


def read_dotenv(
    text: str, *, given: Mapping[str, str] | None = None, known: Mapping[str, str] | None = None
) -> EnvFile:
    """Read the variables of a `.env` file.

    Values that are not in single quotes are filled in from `known`, then from the entries above
    them. An entry that `given` names has the value given there. A name without `=` has its value
    from `known`, and is left out without one. Entries after `MAX_ENTRIES` are left out.
    """
    reader = _Reader(text[:MAX_CHARACTERS], given or {}, known or {})
    try:
        reader.read()
    except UnreadableEnvFile as error:
        return EnvFile(values=reader.values, problem=str(error))
    return EnvFile(values=reader.values)


class _Reader:
    """The state of one reading."""

    def __init__(self, text: str, given: Mapping[str, str], known: Mapping[str, str]) -> None:
        self._text = text
        self._given = given
        self._known = known
        self._at = 0
        self._grown = 0
        self.values: dict[str, str] = {}

    def read(self) -> None:
        """Read every entry. Raises `UnreadableEnvFile`."""
        while self._skip_to_entry() and len(self.values) < MAX_ENTRIES:
            begun = self._at
            name, valued = self._name()
            if " " in name:
                said = clip(clean(self._line_at(begun)), 80)
                raise self._refused(begun, f"`{said}` has a name with a blank in it; {WRITE_IT}")
            if valued:
                self._keep(name, self._value())
            elif name in self._known:
                self._keep(name, self._known[name])

    def _keep(self, name: str, value: str) -> None:
        value = self._given.get(name, value)
        self._grown += len(value)
        if name:
            self.values[name] = value

    def _skip_to_entry(self) -> bool:
        """Go past blank lines and remarks; whether an entry follows."""
        text = self._text
        while self._at < len(text):
            if text[self._at].isspace():
                self._at += 1
            elif found := COMMENT.match(text, self._at):
                self._at = found.end()
            else:
                return True
        return False

    def _name(self) -> tuple[str, bool]:
        """Return the name of an entry, and whether a value follows."""
        text = self._text
        if EXPORT.match(text, self._at):
            self._at = BLANKS.match(text, self._at + len("export")).end()  # type: ignore[union-attr]  # matches anything
        begun, end = self._at, NAME_END.search(text, self._at)
        for sign in text[begun : end.start() if end else len(text)]:
            if not (sign in "_.-[]\t\v\f\r \x85\xa0" or unicodedata.category(sign)[0] in "LN"):
                raise self._refused(begun, self._odd(sign, self._line_at(begun)))
        if end is None:
            return "", True  # Compose takes a last line without its end for a value of no name
        self._at = BLANKS.match(text, end.end()).end()  # type: ignore[union-attr]
        return text[begun : end.start()].rstrip(), end[0] != "\n"

    def _odd(self, sign: str, line: str) -> str:
        if "\0" in self._text[:200] or "\ufffd" in self._text[:2]:
            return NO_UTF_8
        said = clip(clean(line), 80)
        return f"`{said}` has a {clean(sign)!r} in its name; {WRITE_IT}"

    def _value(self) -> str:
        quote = self._text[self._at : self._at + 1]
        if quote in {"'", '"'} and quote:
            begun = self._at
            inner = self._quoted(quote)
            return inner if quote == "'" else self._filled(_unescaped(inner), begun)
        begun = self._at
        line = self._line_at(begun)
        self._at += len(line) + 1
        return self._filled(line.partition(" #")[0].rstrip(), begun)

    def _quoted(self, quote: str) -> str:
        """Return what stands between quotes; a backslash before one keeps it from ending there."""
        text, begun = self._text, self._at
        parts: list[str] = []
        at = begun + 1
        for found in QUOTED[quote].finditer(text, at):
            parts.append(text[at : found.start()])
            at = found.end()
            if found[0] == quote:
                self._at = at
                return "".join(parts)
            parts.append(quote if found[0] == f"\\{quote}" else found[0])
        said = clip(clean(self._line_at(begun)), 80)
        raise self._refused(begun, f"`{said}` opens a {quote} that nothing closes; add it")

    def _filled(self, text: str, begun: int) -> str:
        if "$" not in text or self._grown > MAX_FILLED:
            return text
        values = {**self.values, **self._known}
        try:
            for part in parse(text):
                if isinstance(part, VariableUse) and _is_missing(part, values):
                    why = f"it wants the variable {part.name}, which is not set"
                    raise self._refused(begun, why)
            return fill(text, values)
        except Malformed as error:
            raise self._refused(begun, f"`{clip(clean(text), 80)}` {error}") from error

    def _line_at(self, at: int) -> str:
        """From `at` to the end of its line."""
        end = self._text.find("\n", at)
        return self._text[at : end if end >= 0 else len(self._text)]

    def _refused(self, at: int, why: str) -> UnreadableEnvFile:
        return UnreadableEnvFile(f"line {self._text.count(chr(10), 0, at) + 1}: {why}")


def _is_missing(use: VariableUse, values: Mapping[str, str]) -> bool:
    """Return whether Compose refuses the text for want of the variable (`${X?…}`, `${X:?…}`)."""
    if use.operator[-1:] != "?":
        return False
    return not values.get(use.name) if use.operator == ":?" else use.name not in values


def _unescaped(text: str) -> str:
    """Text of double quotes, with the escapes of Go that Compose knows."""

    def plain(found: re.Match[str]) -> str:
        code = found[0][1:]
        if code == "$":
            return "$$"  # which means a plain `$` where it is filled in
        if code.startswith("0"):
            octal = code[1:]
            valid = len(octal) == 3 and octal.isascii() and set(octal) <= set("01234567")
            return chr(int(octal, 8)) if valid and int(octal, 8) < 256 else found[0]
        return ESCAPED.get(code, code if code in {'"', "\\"} else found[0])

    return ESCAPE.sub(plain, text)
