"""No regular expression of the grader takes more than linear time for what a student can write.

Each pattern in the source is tried, as the source uses it, on texts that are made from itself: what
begins like a match again and again, and repetitions that never come to their end.
"""

from __future__ import annotations

import ast
import functools
import importlib
import re
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import sre_parse

pytestmark = pytest.mark.slow

GRADER = Path(__file__).parents[2] / "grader"
FOLDERS = (
    "deadline", "exam", "inspect", "report", "run", "sandbox", "services", "submission",
)  # fmt: skip
METHODS = {"search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
SHORT = (18, 24, 40, 250, 2500)
"""Characters of the first texts: exponential work would not end at a long one."""
LONG = 50_000
SECONDS = 0.25
"""That a long text may take: a second for 200 KB. Linear work takes 20 ms, quadratic seconds."""
FAST = 0.0005
"""Who is done with 2500 characters in this time, does no harm: the square of 20 times is 200 ms."""
WORST = 3
"""How many texts of a pattern are tried in full length."""
MOST = 6
"""Characters of a pattern of which each pair is tried, such as a backslash with a quote."""
SINGLE = ("a", "0", " ", "\n", "/", ".", "-", "=", ":", '"', "\\", "<", "#", "$", "{", "[", "_")
EXEMPT = {
    "grader.inspect.compose.health.PART": "no more than 100 characters",
    "grader.exam.services.sql.LITERAL": "statements of the suite",
    "grader.exam.services.sql.READS": "statements of the suite",
    "grader.services.redis.observe.WORD": "what Redis itself has put into quotes",
    "grader.inspect.secrets.drawn.GIVEN": "no more than 140 characters",
    "grader.inspect.secrets.phrases.CELL": "a row of no more than 800 characters",
    "grader.sandbox.images.bootstrap": "what mmdebstrap prints, of images of ours",
}
"""Patterns that no student's text of any length comes to, and what they see."""


@dataclass(frozen=True)
class Use:
    """A pattern as one place in the source applies it."""

    where: str
    pattern: re.Pattern[Any]
    method: str


@functools.cache
def sources() -> dict[str, str]:
    paths = [*GRADER.glob("*.py"), *(path for one in FOLDERS for path in (GRADER / one).rglob("*"))]
    return {
        ".".join(path.relative_to(GRADER.parent).with_suffix("").parts): path.read_text("utf-8")
        for path in paths
        if path.suffix == ".py" and path.stem != "__main__" and "builtin" not in path.parts
    }


def compiled(value: object) -> Iterator[re.Pattern[Any]]:
    """The patterns in a module's value: by itself, in a collection, in a data class."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for one in [*value, *value.values()]:
            yield from compiled(one)
    elif isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from compiled(one)
    elif hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        for name in value.__dataclass_fields__:
            yield from compiled(getattr(value, name, None))


def applied(name: str, text: str) -> set[str]:
    return {one for one in re.findall(rf"\b{name}\.(\w+)\b", text) if one in METHODS}


def constants(module: str) -> Iterator[Use]:
    """What the module keeps in its names, applied as any module does."""
    everything = "\n".join(sources().values())
    for name, value in vars(importlib.import_module(module)).items():
        own = re.search(rf"^{name}\b.*=", sources()[module], re.MULTILINE)
        if not own:  # imported
            continue
        for pattern in compiled(value):
            own_way = applied(name, sources()[module])
            for method in own_way or applied(name, everything) or {"search"}:
                yield Use(f"{module}.{name}", pattern, method)


def calls(module: str) -> Iterator[Use]:
    """`re.search(r"...", text)` and the like."""
    for node in ast.walk(ast.parse(sources()[module])):
        if not (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in METHODS
            and isinstance(node.args[0], ast.Constant)
            and isinstance(written := node.args[0].value, str | bytes)
        ):
            continue
        flags = 0
        for one in [*node.args[2:], *(key.value for key in node.keywords)]:
            if isinstance(one, ast.Attribute) and isinstance(
                getattr(re, one.attr, 0), re.RegexFlag
            ):
                flags |= getattr(re, one.attr)
        pattern: re.Pattern[Any] = re.compile(written, flags)
        yield Use(f"{module}:{node.lineno}", pattern, node.func.attr)


def uses() -> list[Use]:
    found = {
        (use.pattern, use.method): use
        for module in sources()
        for use in [*constants(module), *calls(module)]
    }
    return list(found.values())


# -- texts from a pattern ----------------------------------------------------------------------

CLASSES = {"DIGIT": "0", "SPACE": " ", "WORD": "a", "NOT_DIGIT": "a", "NOT_SPACE": "a"}


def member(items: Any) -> str:
    """A character that a class takes."""
    if str(items[0][0]) != "NEGATE":
        for kind, value in items:
            match str(kind):
                case "LITERAL":
                    return chr(value)
                case "RANGE":
                    return chr(value[0])
                case "CATEGORY":
                    return CLASSES.get(str(value).removeprefix("CATEGORY_"), "!")
    text = "".join(chr(value) for kind, value in items if str(kind) == "LITERAL")
    return next(one for one in "a0 <!\n-é" if one not in text)


def letter(kind: str, value: Any) -> str:
    """A character for what takes one; nothing for places, looks ahead, references to groups."""
    match kind:
        case "LITERAL":
            return chr(value)
        case "NOT_LITERAL":
            return "a" if value != ord("a") else "b"
        case "ANY":
            return "a"
        case "IN":
            return member(value)
        case _:
            return ""


def sample(tree: Any, seen: list[tuple[str, str]], text: str = "") -> str:
    """`text` and what `tree` takes; notes what stands before each repetition, and its body."""
    for kind, value in tree:
        match str(kind):
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, body = value
                once = sample(body, seen, text)[len(text) :]
                if most > 20:
                    seen.append((text, once or "a"))
                text += once * min(max(least, 1), 100)
            case "SUBPATTERN":
                text = sample(value[-1], seen, text)
            case "ATOMIC_GROUP":
                text = sample(value, seen, text)
            case "BRANCH":
                ways = [sample(one, seen, text) for one in value[1]]
                text = ways[0]
            case name:
                text += letter(name, value)
    return text


def pumps(pattern: re.Pattern[Any]) -> set[tuple[str, str]]:
    """Beginnings and what follows them again and again."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin1")
    seen: list[tuple[str, str]] = []
    flags = pattern.flags & ~(re.UNICODE if isinstance(pattern.pattern, bytes) else 0)
    whole = sample(sre_parse.parse(text, flags & ~re.LOCALE), seen)
    literals = list(dict.fromkeys(re.findall(r"[^\w\s()|?*+.^]", text)))[:MOST]
    found = {("", one) for one in SINGLE}
    found |= {("", one + other) for one in literals for other in literals}
    found.add(("", whole or "a"))
    for before, once in seen:
        found |= {(before, once), ("", before + once), ("", before or once), (before + once, " ")}
    return found


def seconds(use: Use, before: str, once: str, length: int) -> float:
    """How long a text of about `length` characters takes."""
    text: Any = before + once * max(1, length // len(once)) + "\N{NO-BREAK SPACE}!"
    if isinstance(use.pattern.pattern, bytes):
        text = text.encode("latin1", "replace")
    took = run(use, text)
    if took > (SECONDS if length == LONG else SECONDS / 10):
        took = min(took, run(use, text), run(use, text))  # a busy machine is slow once, not thrice
    return took


def run(use: Use, text: Any) -> float:
    start = time.thread_time()  # others may use the processors, too
    apply: Callable[..., Any] = getattr(use.pattern, use.method)
    if use.method in {"sub", "subn"}:
        apply(text[:0], text)
    elif use.method == "finditer":
        for _ in apply(text):
            pass
    else:
        apply(text)
    return time.thread_time() - start


def slow(use: Use) -> str:
    """The first text that a pattern takes long for; empty where none is."""
    longest: list[tuple[float, str, str]] = []
    for before, once in sorted(pumps(use.pattern)):
        for length in SHORT:
            took = seconds(use, before, once, length)
            if took > SECONDS / 10:
                return said(use, took, before, once)
        if took > FAST:
            longest.append((took, before, once))
    for _, before, once in sorted(longest)[-WORST:]:
        took = seconds(use, before, once, LONG)
        if took > SECONDS:
            return said(use, took, before, once)
    return ""


def said(use: Use, took: float, before: str, once: str) -> str:
    return (
        f"{use.where}: {use.method} of {use.pattern.pattern!r} takes {took:.3f} s "
        f"for {before[:60]!r} + {once[:60]!r} * n"
    )


def exempt(use: Use) -> bool:
    return use.where.partition(":")[0] in EXEMPT


@pytest.fixture(scope="module")
def found() -> list[Use]:
    return uses()


def is_of_secrets(use: Use) -> bool:
    return use.where.startswith("grader.inspect.secrets.")


def test_no_pattern_for_secrets_takes_more_than_linear_time(found: list[Use]) -> None:
    assert [
        bad for use in found if is_of_secrets(use) and not exempt(use) and (bad := slow(use))
    ] == []


def test_no_pattern_takes_more_than_linear_time(found: list[Use]) -> None:
    assert len(found) > 100
    found = [use for use in found if not is_of_secrets(use)]
    assert [bad for use in found if not exempt(use) and (bad := slow(use))] == []


WORSE = (r"(a+)+$", r"\s+$", r"<x[^>]*>", r"(\w+\.)*;", r"/\*.*\*/")


@pytest.mark.parametrize("pattern", WORSE)
def test_what_is_worse_is_found(pattern: str) -> None:
    assert slow(Use("here", re.compile(pattern), "search"))
