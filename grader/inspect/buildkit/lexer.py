"""BuildKit's shell words: quotes, escapes and variables (frontend/dockerfile/shell/lex.go)."""

from __future__ import annotations

from collections.abc import Callable

SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""What Go's `unicode.IsSpace` takes for white space; Python's `isspace` takes more."""
SPECIAL = "@*#?-$!0"
NESTING = 50
"""How deep `${a:-${b:-…}}` is followed; deeper, the word counts as undecided."""

Lookup = Callable[[str], str | None]
"""Gives a variable's value; None where it is not set. May raise `UndecidedError`."""


class BadWordError(ValueError):
    """BuildKit refuses the word, and with it the whole Dockerfile."""


class UndecidedError(ValueError):
    """What the word becomes depends on something that is not known here."""


def expand(word: str, lookup: Lookup, escape: str = "\\") -> str:
    """Return `word` without its quotes and escapes and with its variables replaced.

    Raises `BadWordError` where BuildKit refuses it, and `UndecidedError`.
    """
    return _Reader(word, escape, lookup).read("")[0]


def split_raw(line: str, *, patterns: bool) -> list[str]:
    """Return the words of `line` as BuildKit looks for heredocs in them: quotes and escapes stay.

    A line that it cannot split has none. `patterns`: whether it knows `${a#b}` and its like.
    """
    try:
        return _Reader(line, "\\", None, raw=True, patterns=patterns).read("")[1]
    except ValueError:
        return []


def split_plain(text: str, *, patterns: bool) -> list[str]:
    """Return the words of `text` without their quotes and escapes; variables stay.

    Raises `BadWordError` and `UndecidedError`.
    """
    return _Reader(text, "\\", None, patterns=patterns).read("")[1]


class _Reader:
    """One word or line; `lookup` None leaves variables as they are written."""

    def __init__(
        self,
        text: str,
        escape: str,
        lookup: Lookup | None,
        *,
        raw: bool = False,
        patterns: bool = True,
    ) -> None:
        # Go's text/scanner skips a byte order mark at the beginning of whatever it reads
        self._text = text.removeprefix("\ufeff")
        self._at = 0
        self._escape = escape
        self._lookup = lookup
        self._raw_escapes = raw
        self._raw_quotes = raw
        self._patterns = patterns
        self._depth = 0

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _next(self) -> str:
        found = self._peek()
        self._at += 1
        return found

    def read(self, stop: str) -> tuple[str, list[str]]:
        """Return the text up to the character `stop` (empty: the end) and the words in it."""
        self._depth += 1
        if self._depth > NESTING:
            raise UndecidedError
        result: list[str] = []
        words = _Words()
        while ch := self._peek():
            if ch == stop:
                self._next()
                self._depth -= 1
                return "".join(result), words.all()
            if ch in "'\"$<":
                part = self._special(ch)
                result.append(part)
                if ch == "$":
                    words.add_text(part)
                else:
                    words.add_raw(part)
                continue
            self._next()
            if ch == self._escape:
                if self._raw_escapes:
                    words.add_raw(ch)
                    result.append(ch)
                ch = self._next()
                if not ch:
                    break
                words.add_raw(ch)
            else:
                words.add(ch)
            result.append(ch)
        if stop:
            raise BadWordError
        self._depth -= 1
        return "".join(result), words.all()

    def _special(self, ch: str) -> str:
        match ch:
            case "'":
                return self._single()
            case '"':
                return self._double()
            case "$":
                return self._dollar()
            case _:
                return self._angle()

    def _single(self) -> str:
        self._next()
        end = self._text.find("'", self._at)
        if end < 0:
            raise BadWordError
        inner, self._at = self._text[self._at : end], end + 1
        return f"'{inner}'" if self._raw_quotes else inner

    def _double(self) -> str:
        opening = self._next()
        result = [opening] if self._raw_quotes else []
        while True:
            ch = self._peek()
            if not ch:
                raise BadWordError
            if ch == "$":
                result.append(self._dollar())
                continue
            self._next()
            if ch == '"':
                if self._raw_quotes:
                    result.append(ch)
                return "".join(result)
            if ch == self._escape:
                if self._raw_escapes:
                    result.append(ch)
                following = self._peek()
                if not following:
                    continue
                if following in ('"', "$", self._escape):
                    ch = self._next()
            result.append(ch)

    def _angle(self) -> str:
        """Return the words; a `<<` takes the blanks after it along, so that `<< EOF` is one."""
        self._next()
        if self._peek() != "<":
            return "<"
        self._next()
        start = self._at
        while self._peek() and self._peek() in " \t\r\n":
            self._next()
        return "<<" + self._text[start : self._at]

    def _dollar(self) -> str:
        self._next()
        if self._peek() != "{":
            name = self._name()
            if not name:
                return "$"
            value = self._value(name)
            return f"${name}" if value is None and self._lookup is None else value or ""
        self._next()
        if self._peek() in ("", "{", "}", ":"):
            raise BadWordError
        return self._braced(self._name())

    def _braced(self, name: str) -> str:
        """Return the rest of `${name…`."""
        ch = self._next()
        if ch == "}":
            value = self._value(name)
            return f"${{{name}}}" if value is None and self._lookup is None else value or ""
        modifier = ch
        if ch == ":":
            modifier += (ch := self._next())
        if ch in ("#", "%", "/") and self._patterns:
            pattern = self._pattern(ch)
            if self._lookup is None:
                return f"${{{name}{modifier}{pattern}}}"
            raise UndecidedError
        if ch not in ("+", "-", "?"):
            raise BadWordError
        word = self.read("}")[0]
        value = self._value(name)
        if value is None and self._lookup is None:
            return f"${{{name}{modifier}{word}}}"
        empty = value is None or (len(modifier) == 2 and not value)
        if ch == "+":
            return "" if empty else word
        if ch == "?" and empty:
            raise BadWordError
        return word if empty else value or ""

    def _pattern(self, ch: str) -> str:
        """Return the patterns of `${name#…}`, `${name%…}` and `${name/…/…}`."""
        before, self._raw_escapes = self._raw_escapes, True
        result = ""
        if ch == "/":
            if self._peek() == "/":
                self._next()
            result = self.read("/")[0] + "/"
        result += self.read("}")[0]
        self._raw_escapes = before
        return result

    def _name(self) -> str:
        start = self._at
        ch = self._peek()
        if ch.isdecimal():
            while self._peek().isdecimal():
                self._next()
        elif ch and ch in SPECIAL:
            self._next()
        else:
            while (ch := self._peek()) and (ch.isalpha() or ch.isdecimal() or ch == "_"):
                self._next()
        return self._text[start : self._at]

    def _value(self, name: str) -> str | None:
        return self._lookup(name) if self._lookup else None


class _Words:
    """Words that are parted by white space outside of quotes."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._buffer: list[str] = []

    def add(self, ch: str) -> None:
        if ch not in SPACE:
            self._buffer.append(ch)
        elif self._buffer:
            self._done.append("".join(self._buffer))
            self._buffer.clear()

    def add_text(self, text: str) -> None:
        for ch in text:
            self.add(ch)

    def add_raw(self, text: str) -> None:
        if text:
            self._buffer.append(text)

    def all(self) -> list[str]:
        if self._buffer:
            self._done.append("".join(self._buffer))
            self._buffer.clear()
        return self._done
