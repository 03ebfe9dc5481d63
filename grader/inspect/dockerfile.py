"""A Dockerfile, read: its instructions with line numbers, and the images that it builds on."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from grader.inspect.buildkit.grammar import NEWEST, Instruction, dialects, parse
from grader.inspect.buildkit.sources import BuildSource, SourceUse, find_sources, is_refused
from grader.inspect.files import is_file, list_files, read_bytes

BLANK = rb"[ \t\r\f\v]*"
SYNTAX = re.compile(
    rb"\A(?:\xef\xbb\xbf)?(?:#![^\n]*\n)?"
    rb"(?:_(?:#|//)_[a-z][a-z0-9]*_=[^\n]*\n)*?_(?:#|//)_syntax_=_(\S+)[^\n]*".replace(b"_", BLANK),
    re.IGNORECASE,
)
"""All that BuildKit takes for one: also `//`, and after a line that begins with `#!`
(moby/buildkit, frontend/dockerfile/parser/directives.go)."""
SIZE = 64 * 1024
"""Bytes that are read of a Dockerfile; no longer one is built."""
INLINE = "dockerfile_inline"
"""What a Dockerfile is called that stands in a Compose file."""
BUILTIN_FRONTEND = re.compile(r"(docker\.io/)?docker/dockerfile(:1(\.\d+)*)?(@sha256:\w+)?")
"""The frontend that the engine has built in; any other is a program of somebody's."""


@dataclass(frozen=True, kw_only=True)
class Dockerfile:
    """A Dockerfile of a submission."""

    path: str
    """Where it stands in the submission."""
    content: bytes
    instructions: tuple[Instruction, ...]
    sources: tuple[BuildSource, ...]
    """All that the build would load or fetch."""
    disputed: tuple[BuildSource, ...]
    """Sources that only some versions of BuildKit would see."""
    frontend: str | None
    """What its `# syntax=` line names."""

    @property
    def inline(self) -> bool:
        """Whether it stands in a Compose file, so that its lines are those of no file."""
        return self.path == INLINE

    def line_of(self, reference: str) -> int:
        """Return the first line that names the image `reference`; 0 where none does."""
        return next((one.line for one in self.sources if one.text == reference), 0)

    def step_at(self, line: int) -> str:
        """Return the instruction that begins at `line`; empty where none does."""
        return next((one.original for one in self.instructions if one.line == line), "")

    @property
    def too_long(self) -> bool:
        """Whether it is longer than what is read of it."""
        return len(self.content) > SIZE

    @property
    def wrong_encoding(self) -> str:
        """A sentence where the file is UTF-16 or UTF-32, which the builder does not read."""
        start = self.content[:64]
        if not (start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start):
            return ""
        return (
            f"Your {self.path} is saved as UTF-16, as PowerShell's `>` and an editor's \"Unicode\" "
            "do, and Docker reads UTF-8 only. Save it again as UTF-8 (in PowerShell: `Set-Content "
            "-Encoding utf8`)."
        )

    @property
    def images(self) -> tuple[str, ...]:
        """References of the images from outside that it builds on or copies from."""
        images = (one.text for one in self.sources if one.use is SourceUse.IMAGE)
        return tuple(dict.fromkeys(images))

    @property
    def foreign_frontend(self) -> bool:
        """Whether it asks for a frontend other than the one built into the engine."""
        return self.frontend is not None and not BUILTIN_FRONTEND.fullmatch(self.frontend)

    def for_builder(self) -> bytes:
        """Return the content for the builder.

        A `# syntax=` line is blanked, as it needs a registry.

        Line numbers stay the same. A JSON document, which may name a frontend too and is never a
        Dockerfile, is kept from the builder.
        """
        if self.content.lstrip().startswith(b"{"):
            return b""
        found = SYNTAX.match(self.content)
        if found is None:
            return self.content
        first = self.content.rfind(b"\n", 0, found.start(1)) + 1
        return self.content[:first] + b"#" + self.content[found.end() :]


def find_dockerfile(root: Path) -> str | None:
    """Return the Dockerfile at the top of `root`, in whatever case its name is written."""
    if is_file(root, "Dockerfile"):
        return "Dockerfile"
    for path in list_files(root):
        if path.lower() == "dockerfile" and is_file(root, path):
            return path
    return None


def read_dockerfile(root: Path, path: str, args: Mapping[str, str] | None = None) -> Dockerfile:
    """Read the Dockerfile at `path` under `root`. One that makes no sense has few instructions.

    `args` are the build arguments that take the place of the ARG defaults.
    """
    return _parse(path, read_bytes(root, path), args or {})


def exposed_port(dockerfile: Dockerfile) -> int | None:
    """Return the one TCP port that it exposes; None where it exposes none, or several."""
    words = [
        word.removesuffix("/tcp")
        for one in dockerfile.instructions
        if one.name == "EXPOSE"
        for word in one.value.split()
    ]
    found = {int(word) for word in words if word.isdecimal() and 0 < int(word) < 65536}
    return found.pop() if len(found) == 1 else None


def base_of(dockerfile: Dockerfile) -> str:
    """Return the image that the last stage stands on; empty where that is none from outside."""
    images = {one.line: one.text for one in dockerfile.sources if one.use is SourceUse.IMAGE}
    stages: dict[str, str] = {}
    base = ""
    for one in dockerfile.instructions:
        if one.name != "FROM":
            continue
        words = one.rest.split() or one.value.split()
        named = words[0].lower() if words else ""
        base = stages.get(named, images.get(one.line, ""))
        if len(words) == 3 and words[1].lower() == "as":
            stages[words[2].lower()] = base
    return base


def inline_dockerfile(content: bytes, args: Mapping[str, str]) -> Dockerfile:
    """Return the Dockerfile that stands in a Compose file."""
    return _parse(INLINE, content, args)


def _parse(path: str, content: bytes, args: Mapping[str, str]) -> Dockerfile:
    found = SYNTAX.match(content)
    # bytes that are not UTF-8 are kept: BuildKit reads options byte by byte
    text = content[:SIZE].decode("utf-8", "surrogateescape")
    instructions, escape = parse(text)
    sources = find_sources(instructions, escape, args)
    return Dockerfile(
        path=path,
        content=content,
        instructions=tuple(map(_printable, instructions)),
        sources=tuple(map(_printable, sources)),
        disputed=tuple(map(_printable, _disputed(text, args, sources))),
        frontend=found.group(1).decode("utf-8", "replace") if found else None,
    )


def _disputed(text: str, args: Mapping[str, str], sources: list[BuildSource]) -> list[BuildSource]:
    """Return what other versions of BuildKit take for a source and the newest does not."""
    found: dict[BuildSource, None] = {}
    seen = set(sources)  # a list would be searched once for each source of each dialect
    for dialect in dialects(text):
        if dialect == NEWEST:
            continue
        instructions, escape = parse(text, dialect)
        if not is_refused(instructions):
            others = find_sources(instructions, escape, args, dialect)
            found |= dict.fromkeys(one for one in others if one not in seen)
    return list(found)


Text = TypeVar("Text", Instruction, BuildSource)


def _printable(one: Text) -> Text:
    """`one` without half characters, which no report can be written with."""
    texts: dict[str, Any] = {
        name: value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        for name, value in vars(one).items()
        if isinstance(value, str) and not value.isascii()
    }
    return replace(one, **texts) if texts else one
