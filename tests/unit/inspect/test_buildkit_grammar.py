"""Our reading of Dockerfiles against BuildKit's own parser (that of BuildKit 0.12).

`dockerfile` wraps the Go parser. Its version knows one dialect; what newer ones read in another
way is tried with the engine (tests/docker/test_dockerfile_sources.py).
"""

from __future__ import annotations

import platform
import re
import sys
from typing import Any

import pytest

from grader.inspect.buildkit.grammar import Dialect, Instruction, parse
from grader.inspect.buildkit.sources import COMMANDS
from grader.inspect.dockerfile import inline_dockerfile
from tests.unit.inspect.generated_dockerfiles import PREFIX, REGISTRY, generate

if sys.platform == "linux" and platform.machine() != "x86_64":
    pytest.skip("the parser has no wheel for this machine", allow_module_level=True)
import dockerfile as oracle

pytestmark = pytest.mark.slow

OF_0_12 = Dialect(
    blank_before_name=False, strict_lists=False, patterns=False, check_directive=False,
    escaped_flags=False,
)  # fmt: skip
CHUNKS, EACH = 10, 1000
MARKER = re.compile(r"m\d+\b")
FLAG = re.compile(rf'(?:^--from=|^--mount=.*[=,"]from=){re.escape(REGISTRY)}', re.IGNORECASE)
HIDING = re.compile(r"""['"`\\]|\$\{NONE(?::-)?|\}""")
"""What the generator hides a marker with, and BuildKit takes away."""


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_it_reads_what_buildkit_reads(chunk: int) -> None:
    """Instructions, lines, options, words, lists and heredocs; and each source has been seen."""
    read = 0
    for seed in range(chunk * EACH, (chunk + 1) * EACH):
        text = generate(seed, sources=4, steps=5).text
        try:
            theirs = oracle.parse_string(text)
        except oracle.GoParseError:
            continue  # it is refused whole
        read += 1
        ours, _ = parse(text, OF_0_12)
        assert [_ours(one) for one in ours] == [_theirs(one) for one in theirs], (seed, text)
        assert _markers(theirs) <= _seen(text), (seed, text)
    assert read > EACH * 0.8


def _ours(one: Instruction) -> tuple[Any, ...]:
    listed = one.items is not None
    words: tuple[str, ...] = ()
    if one.name in {"ADD", "COPY", "FROM"} or listed:
        words = one.words
    elif one.name == "RUN":
        words = (one.rest,) if one.rest else ()
    heredocs = tuple((heredoc.name, heredoc.content) for heredoc in one.heredocs)
    if one.name == "ONBUILD":
        return one.name, one.line
    return one.name, one.line, one.flags, words, heredocs


def _theirs(one: Any) -> tuple[Any, ...]:
    name = one.cmd.upper()
    if name == "ONBUILD":
        return name, one.start_line
    known = name in {"ADD", "COPY", "FROM", "RUN"} or one.json
    words = tuple(one.value) if known and tuple(one.value) != ("",) else ()
    heredocs = tuple((heredoc.name, heredoc.content) for heredoc in one.heredocs)
    return name, one.start_line, tuple(one.flags), words, heredocs


def _markers(commands: Any) -> set[str]:
    """The markers in what BuildKit takes for a source, read in the simplest way that can be."""
    found: list[str] = []
    if any(
        one.cmd.upper() not in COMMANDS
        or (one.cmd.upper() in {"ADD", "COPY"} and len(one.value) < 2)
        for one in commands
    ):
        return set()  # of such a file nothing is built
    for one in commands:
        name = one.cmd.upper()
        if name == "FROM":
            found += [word for word in map(_bare, one.value[:1]) if word.startswith(REGISTRY)]
        elif name == "ADD":
            found += [word for word in map(_bare, one.value[:-1]) if word.startswith(PREFIX)]
        elif name in {"COPY", "RUN"}:
            found += [flag for flag in one.flags if FLAG.search(flag)]
    return set(MARKER.findall(" ".join(found)))


def _bare(word: str) -> str:
    return HIDING.sub("", word)


def _seen(text: str) -> set[str]:
    """The markers in the sources that the policy judges."""
    found = inline_dockerfile(text.encode(), {})
    sources = " ".join(
        f"{one.text} {_bare(one.written)}" for one in (*found.sources, *found.disputed)
    )
    return set(MARKER.findall(sources))
