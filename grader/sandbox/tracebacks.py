"""Exceptions in what a Python program printed: found by how a traceback looks, not by their names.

Only the last one tells why a program ended; those before it were caught, or are of earlier starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from grader.text import last_lines

HEADER = "Traceback (most recent call last):"
CHAINED = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
RAISED = re.compile(r"([A-Za-z_][\w.]*)(?::(?: (.*))?)?")
"""The line that ends a traceback. Names are whatever a program calls its exceptions."""
FRAME = re.compile(r'\s*File "([^"]+)", line (\d+)(?:, in (.*))?')
SYNTAX = re.compile(r'  File "([^"]+)", line (\d+)')
"""What stands above a syntax error of the file that Python was started with: it has no header."""
SYNTAX_ERRORS = frozenset({"SyntaxError", "IndentationError", "TabError"})
CONTINUED = re.compile(r"\s+\S|\(Background on|\[SQL|\[parameters|DETAIL:|HINT:")
"""How the further lines of an exception's message begin."""
ENDS = frozenset({
    "gunicorn.errors.HaltServer", "HaltServer", "SystemExit", "KeyboardInterrupt",
    "click.exceptions.Exit", "asyncio.exceptions.CancelledError",
})  # fmt: skip
"""How a server ends over something that it has printed before."""

EXHAUSTED = re.compile(
    r"\(1226, [^\n]{0,80}max_user_connections|\(1203, [^\n]{0,80}max_user_connections|"
    r"\(1040, [^\n]{0,10}Too many connections|"
    r"\b(?:1226|1203|1040) \(\w{5}\): [^\n]{0,80}(?:max_user_connections|Too many connections)"
)
"""What a database says to an app that has left a connection open at each request that failed."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One call of a traceback."""

    file: str
    line: int

    @property
    def package(self) -> str:
        """The installed package that its file belongs to; empty for the program's own."""
        _, found, below = self.file.replace("dist-packages", "site-packages").rpartition(
            "site-packages/"
        )
        return below.partition("/")[0].removesuffix(".py") if found else ""


@dataclass(frozen=True, kw_only=True)
class Raised:
    """One exception that a program printed."""

    name: str
    """With its module, where the traceback has it."""
    message: str
    """Its lines joined, all of them; empty where it has none."""
    frames: tuple[Frame, ...]
    chain: int
    """Where in the log the first traceback of its chain begins, in characters."""
    start: int
    """Where its own line begins."""
    end: int

    @property
    def text(self) -> str:
        """Name and message, as Python prints them."""
        short = self.name.rpartition(".")[2]
        return f"{short}: {self.message}" if self.message else short

    @property
    def own_frame(self) -> Frame | None:
        """The innermost call that is in the program's own files."""
        own = [one for one in self.frames if not one.package and "/lib/python" not in one.file]
        return next((one for one in reversed(own) if not one.file.startswith("<")), None)


def last_raised(log: str) -> Raised | None:
    """Return the last exception that `log` shows, but for those that only end a server."""
    found = [one for one in exceptions(log) if one.name not in ENDS]
    return found[-1] if found else None


def exceptions(log: str) -> Iterator[Raised]:
    """Yield the exceptions whose tracebacks `log` shows, in their order."""
    lines, starts, at = log.split("\n"), [0], 0
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    chain: int | None = None
    while at < len(lines):
        line = lines[at].rstrip()
        if line.endswith(HEADER):
            begin = at if chain is None else chain
            end, one = _read(lines, starts, at + 1, begin)
        elif SYNTAX.fullmatch(line):
            begin = at
            end, one = _read(lines, starts, at, begin, only=SYNTAX_ERRORS)
        else:
            chain = chain if not line or line in CHAINED else None
            at += 1
            continue
        if one is None:
            at += 1
            continue
        yield one
        chain, at = begin, end


def _read(
    lines: list[str], starts: list[int], at: int, begin: int, only: frozenset[str] = frozenset()
) -> tuple[int, Raised | None]:
    """Return the exception whose frames begin at line `at`, and the line after it."""
    frames = []
    while at < len(lines) and (lines[at][:1] in {" ", "\t"} or not lines[at].strip()):
        if found := FRAME.match(lines[at]):
            frames.append(Frame(file=found[1], line=int(found[2])))
        at += 1
    found = RAISED.fullmatch(lines[at].rstrip()) if at < len(lines) else None
    if found is None or (only and found[1] not in only):
        return at, None
    message, first = [found[2] or ""], at
    at += 1
    while at < len(lines) and CONTINUED.match(lines[at]):
        message.append(lines[at].strip())
        at += 1
    return at, Raised(
        name=found[1],
        message=" ".join(filter(None, message)),
        frames=tuple(frames),
        chain=starts[begin],
        start=starts[first],
        end=starts[at] - 1,
    )


def is_exhausted(log: str) -> bool:
    """Return whether the last exception of `log` is that no more connections are to be had."""
    raised = last_raised(log)
    return raised is not None and bool(EXHAUSTED.search(raised.text))


def log_tail(log: str, count: int = 15) -> str:
    """Return the last `count` lines of `log`.

    After them its last exception, where they do not show it.
    """
    tail = last_lines(log, count)
    raised = last_raised(log)
    if raised is None:
        return tail
    block = last_lines(log[raised.chain : raised.end], count)
    if block.split("\n")[-1] in tail:
        return tail
    return f"{tail}\nIts last exception:\n{block}"
