"""BuildKit's grammar of Dockerfiles: instructions, options, heredocs (frontend/dockerfile/parser).

It reads on where BuildKit refuses the whole file: then nothing is built, whatever is found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import NoReturn

from grader.inspect.buildkit.lexer import SPACE, split_plain, split_raw

BLANKS = re.compile(r"[\t\v\f\r ]+")
HEREDOC = re.compile(r"([0-9]*)<<(-?)([\t\n\f\r ]*)([^<]*)")
DIRECTIVE = re.compile(r"([a-zA-Z][a-zA-Z0-9]*)[\t\f\r ]*=")
TAKES_HEREDOCS = frozenset({"ADD", "COPY", "RUN"})
LISTS = frozenset({"ADD", "COPY", "RUN", "CMD", "ENTRYPOINT", "SHELL", "VOLUME"})
"""Instructions that may be written as a JSON list."""
FOLDS = str.maketrans({"\u0130": "i", "\u212a": "k"})
"""Letters beyond ASCII whose lower case is a letter of ASCII in Go."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """What versions of BuildKit read in different ways; the defaults are the newest."""

    blank_before_name: bool = True
    """Whether `<< EOF`, with a blank, begins a heredoc."""
    strict_lists: bool = True
    """Whether words after a JSON list make it no list."""
    patterns: bool = True
    """Whether `${a#b}` is known; where not, its line has no heredoc."""
    check_directive: bool = True
    """Whether `# check=…` is a directive, so that others may follow it."""
    escaped_flags: bool = True
    """Whether the escape character counts in options, too; where not, a backslash always does."""


NEWEST = Dialect()


def dialects(text: str) -> list[Dialect]:
    """Return the dialects in which `text` may read differently; the newest is the first."""
    both, new = (True, False), (True,)
    heredocs = "<<" in text
    blanks = both if heredocs and re.search(r"<<-?\s", text) else new
    lists = both if any(line.rpartition("]")[2].strip() for line in _with_bracket(text)) else new
    patterns = both if heredocs and "${" in text else new
    checks = both if "check" in text.lower() else new
    escapes = both if "`" in text else new
    return [
        Dialect(
            blank_before_name=one, strict_lists=two, patterns=three, check_directive=four,
            escaped_flags=five,
        )
        for one, two, three, four, five in product(blanks, lists, patterns, checks, escapes)
    ]  # fmt: skip


def _with_bracket(text: str) -> Iterator[str]:
    return (line for line in text.split("\n") if "]" in line)


@dataclass(frozen=True, kw_only=True)
class Heredoc:
    """A heredoc: the `name` that ends it, and its text."""

    name: str
    chomp: bool
    """Whether tabs before the name and at the beginning of lines are cut off (`<<-`)."""
    content: str = ""


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One instruction of a Dockerfile."""

    name: str
    """In upper case."""
    value: str
    """All that follows the name, in one line."""
    line: int
    """Its first line, from 1."""
    flags: tuple[str, ...] = ()
    """Its options (`--from=x`), without quotes and escapes."""
    rest: str = ""
    """What follows the options."""
    items: tuple[str, ...] | None = None
    """The items of a JSON list; None where it is none."""
    heredocs: tuple[Heredoc, ...] = ()
    original: str = ""
    """The whole instruction, its lines joined."""

    @property
    def words(self) -> tuple[str, ...]:
        """The items of the list, or the words that blanks part."""
        if self.items is not None:
            return self.items
        return tuple(BLANKS.split(self.rest)) if self.rest else ()


def parse(text: str, dialect: Dialect = NEWEST) -> tuple[list[Instruction], str]:
    """Return the instructions of `text`, and its escape character."""
    reader = _Reader(text, dialect)
    found = list(iter(reader.instruction, None))
    return found, reader.escape


def parse_heredoc(word: str, dialect: Dialect = NEWEST) -> Heredoc | None:
    """Return the heredoc that `word` begins, without its text; None where it begins none."""
    found = HEREDOC.fullmatch(word)
    if not found or not found[4] or (found[3] and not dialect.blank_before_name):
        return None
    try:
        names = split_plain(found[4], patterns=dialect.patterns)
    except ValueError:
        return None
    return Heredoc(name=names[0], chomp=found[2] == "-") if len(names) == 1 else None


def fold(name: str) -> str:
    """Return `name` in lower case, as Go has it."""
    return name.translate(FOLDS).lower()


class _Reader:
    """The lines of a Dockerfile."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        lines = text.removeprefix("\ufeff").split("\n")
        self._lines = lines if lines[-1] else lines[:-1]
        self._at = 0
        self._dialect = dialect
        self._in_directives = True
        self._set_escape("\\")

    def _set_escape(self, escape: str) -> None:
        self.escape = escape
        sign = re.escape(escape)
        self._continued = re.compile(rf"([^{sign}]){sign}[ \t]*\Z|\A{sign}[ \t]*\Z", re.DOTALL)

    def instruction(self) -> Instruction | None:
        """Return the next instruction; None at the end."""
        while self._at < len(self._lines):
            line = self._next().lstrip(SPACE)
            self._directive(line)
            if line.startswith("#"):
                continue
            start = self._at
            line, complete = self._without_escape(line)
            if line or not complete:
                return self._whole(line, start, complete=complete)
        return None

    def _next(self) -> str:
        self._at += 1
        return self._lines[self._at - 1].rstrip("\r")

    def _whole(self, line: str, start: int, *, complete: bool) -> Instruction:
        """Return the instruction that begins with `line`, with the lines that continue it."""
        parts = [line]
        while not complete and self._at < len(self._lines):
            more = self._next()
            self._directive(more)
            bare = more.lstrip(SPACE)
            if bare and not bare.startswith("#"):
                more, complete = self._without_escape(more)
                parts.append(more)
        one = read_instruction("".join(parts), start, self.escape, self._dialect)
        return self._with_heredocs(one)

    def _without_escape(self, line: str) -> tuple[str, bool]:
        """`line` without the escape at its end, and whether it had none."""
        found = self._continued.search(line)
        if not found:
            return line, True
        return line[: found.start()] + (found[1] or ""), False

    def _directive(self, line: str) -> None:
        """Take in a line of the directives at the top; the first other line ends them."""
        if not self._in_directives:
            return
        text = line[1:].lstrip(SPACE)
        found = DIRECTIVE.match(text) if line.startswith("#") else None
        name = found[1].lower() if found else ""
        value = text[found.end() :] if found else ""
        known = {"syntax", "escape"} | ({"check"} if self._dialect.check_directive else set())
        if name not in known or not value:
            self._in_directives = False
        elif name == "escape" and value.strip("\t\f\r ") in {"\\", "`"}:
            self._set_escape(value.strip("\t\f\r "))

    def _with_heredocs(self, one: Instruction) -> Instruction:
        inner = one
        if one.name == "ONBUILD" and one.rest:
            inner = read_instruction(one.rest, one.line, self.escape, self._dialect)
        if inner.name not in TAKES_HEREDOCS or inner.items is not None or "<<" not in one.original:
            return one
        words = split_raw(one.original, patterns=self._dialect.patterns)
        begun = [parse_heredoc(word, self._dialect) for word in words]
        return replace(one, heredocs=tuple(self._body(heredoc) for heredoc in begun if heredoc))

    def _body(self, heredoc: Heredoc) -> Heredoc:
        content: list[str] = []
        while self._at < len(self._lines):
            line = self._next()
            if (line.lstrip("\t") if heredoc.chomp else line) == heredoc.name:
                break
            content.append(f"{self._lines[self._at - 1]}\n")
        return replace(heredoc, content="".join(content))


def read_instruction(line: str, number: int, escape: str, dialect: Dialect) -> Instruction:
    """Return the instruction that `line`, of number `number`, is, without heredocs."""
    name, *more = BLANKS.split(line.strip(SPACE), maxsplit=1)
    value = more[0] if more else ""
    flags, rest = split_flags(value, escape if dialect.escaped_flags else "\\")
    rest = rest.strip(SPACE)
    name = fold(name).upper()
    return Instruction(
        name=name,
        value=value.strip(SPACE),
        line=number,
        flags=tuple(flags),
        rest=rest,
        items=_list(rest, dialect) if name in LISTS else None,
        original=line,
    )


def _list(text: str, dialect: Dialect) -> tuple[str, ...] | None:
    """Return the items of a JSON list of strings; None where `text` is none."""
    text = text.lstrip(SPACE)
    if not text.startswith("["):
        return None
    try:
        found, end = _JSON.raw_decode(text)
    except (ValueError, RecursionError):
        return None
    if dialect.strict_lists and text[end:].strip(" \t\r\n"):
        return None
    return tuple(found) if all(isinstance(item, str) for item in found) else None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)  # Go knows no NaN and no Infinity


_JSON = json.JSONDecoder(parse_constant=_no_constant)


def split_flags(line: str, escape: str) -> tuple[list[str], str]:
    """Return the options at the beginning of `line`, and the rest of it.

    BuildKit reads them byte by byte, so that parts of other characters count as white space.
    """
    text = line.encode("utf-8", "surrogateescape").decode("latin-1")
    words: list[str] = []
    at = 0
    while True:
        while at < len(text) and text[at] in SPACE:
            at += 1
        if not text.startswith("--", at):
            return words, text[at:].encode("latin-1").decode("utf-8", "surrogateescape")
        word, at, quoted = _flag(text, at, escape)
        if word == "--" and at < len(text):
            return words, text[at:].encode("latin-1").decode("utf-8", "surrogateescape")
        if word != "--" and (word or quoted):
            words.append(word)


def _flag(text: str, at: int, escape: str) -> tuple[str, int, bool]:
    """Return the option that begins at `at`, where it ends, and whether it has quotes."""
    word: list[str] = []
    quote, quoted = "", False
    while at < len(text):
        ch = text[at]
        if not quote and ch in SPACE:
            break
        at += 1
        if ch == quote:
            quote = ""
        elif not quote and ch in "'\"":
            quote, quoted = ch, True
        elif ch == escape:
            if at == len(text):
                break
            word.append(text[at])
            at += 1
        else:
            word.append(ch)
    return "".join(word), at, quoted
