"""The words of ENV and ARG, whose quotes stay (frontend/dockerfile/parser/line_parsers.go)."""

from __future__ import annotations

from collections.abc import Iterator

from grader.inspect.buildkit.grammar import BLANKS, Instruction
from grader.inspect.buildkit.lexer import SPACE


def pairs(instruction: Instruction, escape: str) -> Iterator[tuple[str, str | None]]:
    """Give the names of an ENV or ARG with what is assigned, as written; None where nothing is."""
    words = split(instruction.rest, escape)
    if instruction.name == "ENV" and words and "=" not in words[0]:
        name, _, value = BLANKS.sub(" ", instruction.rest, count=1).partition(" ")
        yield name, value
        return
    for word in words:
        name, sign, value = word.partition("=")
        yield name, value if sign else None


def split(text: str, escape: str) -> list[str]:
    """Return the words of `text`, which white space outside of quotes parts; quotes stay."""
    words: list[str] = []
    word: list[str] = []
    at, quote = 0, ""
    while at < len(text):
        ch = text[at]
        at += 1
        if not quote and ch in SPACE:
            if word:
                words.append("".join(word))
                word = []
            continue
        if ch == escape and quote != "'":
            if at == len(text):
                break
            word += [ch, text[at]]
            at += 1
            continue
        if ch == quote:
            quote = ""
        elif not quote and ch in "'\"":
            quote = ch
        word.append(ch)
    return [*words, "".join(word)] if word else words
