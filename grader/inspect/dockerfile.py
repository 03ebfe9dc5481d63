"""A Dockerfile, read: its instructions with line numbers, and the images that it builds on."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.inspect.files import is_file, list_files, read_bytes

HEREDOC = re.compile(r"(?<!\S)\d*<<(-?)([\"']?)([^\s<\"'|&;()>]+)\2(?!\S)")
BLANK = rb"[ \t\r\f\v]*"
SYNTAX = re.compile(
    rb"\A(?:\xef\xbb\xbf)?(?:#![^\n]*\n)?"
    rb"(?:_(?:#|//)_[a-z][a-z0-9]*_=[^\n]*\n)*?_(?:#|//)_syntax_=_(\S+)[^\n]*".replace(b"_", BLANK),
    re.IGNORECASE,
)
"""All that BuildKit takes for one: also `//`, and after a line that begins with `#!`
(moby/buildkit, frontend/dockerfile/parser/directives.go)."""
BUILTIN_FRONTEND = re.compile(r"(docker\.io/)?docker/dockerfile(:1(\.\d+)*)?(@sha256:\w+)?")
"""The frontend that the engine has built in; any other is a program of somebody's."""
VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))")


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One instruction: its upper-case name, the rest of it, and its first line (from 1)."""

    name: str
    value: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Dockerfile:
    """A Dockerfile of a submission."""

    path: str
    """Where it stands in the submission."""
    content: bytes
    instructions: tuple[Instruction, ...]
    images: tuple[str, ...]
    """References of the images from outside that it builds on or copies from."""
    frontend: str | None
    """What its `# syntax=` line names."""

    @property
    def foreign_frontend(self) -> bool:
        """Whether it asks for a frontend other than the one built into the engine."""
        return self.frontend is not None and not BUILTIN_FRONTEND.fullmatch(self.frontend)

    def for_builder(self) -> bytes:
        """The content for the builder: a `# syntax=` line is blanked, as it needs a registry.

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
    """The Dockerfile at the top of `root`, in whatever case its name is written."""
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
    """The one TCP port that it exposes; None where it exposes none, or several."""
    words = [
        word.removesuffix("/tcp")
        for one in dockerfile.instructions
        if one.name == "EXPOSE"
        for word in one.value.split()
    ]
    found = {int(word) for word in words if word.isdecimal() and 0 < int(word) < 65536}
    return found.pop() if len(found) == 1 else None


def inline_dockerfile(content: bytes, args: Mapping[str, str]) -> Dockerfile:
    """The Dockerfile that stands in a Compose file."""
    return _parse("dockerfile_inline", content, args)


def _parse(path: str, content: bytes, args: Mapping[str, str]) -> Dockerfile:
    found = SYNTAX.match(content)
    instructions = _instructions(_without_heredocs(content.decode("utf-8-sig", "replace")))
    return Dockerfile(
        path=path,
        content=content,
        instructions=instructions,
        images=_images(instructions, args),
        frontend=found.group(1).decode("utf-8", "replace") if found else None,
    )


def _without_heredocs(text: str) -> str:
    """`text` with the bodies of heredocs blanked: their lines are no instructions."""
    lines: list[str] = []
    opened: list[tuple[str, str]] = []
    takes_heredocs = continued = False
    for line in (raw.rstrip("\r") for raw in text.split("\n")):
        if opened and not continued:
            dash, end = opened[0]
            if (line.lstrip("\t") if dash else line) == end:
                del opened[0]
            lines.append("")
            continue
        lines.append(line)
        if not continued:
            takes_heredocs = bool(re.match(r"\s*(RUN|COPY|ADD)\s", line, re.IGNORECASE))
        if takes_heredocs:
            opened += [(found[1], found[3]) for found in HEREDOC.finditer(line)]
        continued = line.rstrip().endswith("\\")
    return "\n".join(lines) + "\n"


def _instructions(text: str) -> tuple[Instruction, ...]:
    from dockerfile_parse import DockerfileParser

    logging.getLogger("dockerfile_parse").setLevel(logging.CRITICAL)
    try:
        structure = DockerfileParser(fileobj=io.BytesIO(text.encode())).structure
    except (ValueError, KeyError, IndexError):  # what the library raises on garbage
        return ()
    return tuple(
        Instruction(name=item["instruction"], value=item["value"], line=item["startline"] + 1)
        for item in structure
        if item["instruction"] != "COMMENT"
    )


def _images(instructions: tuple[Instruction, ...], args: Mapping[str, str]) -> tuple[str, ...]:
    """References in FROM, COPY --from and RUN --mount=from that are no stage of this file."""
    arguments: dict[str, str] = {}
    stages: set[str] = {"scratch"}
    images: dict[str, None] = {}
    before_from = True
    for instruction in instructions:
        if instruction.name == "ARG" and before_from:
            for word in instruction.value.split():
                name, _, default = word.partition("=")
                arguments[name] = args.get(name) or _expand(default, arguments)
        elif instruction.name == "FROM":
            before_from = False
            words = [word for word in instruction.value.split() if not word.startswith("--")]
            image = _expand(words[0], arguments) if words else ""
            if image and image.lower() not in stages:
                images[image] = None
            if len(words) == 3 and words[1].lower() == "as":
                stages.add(words[2].lower())
        elif instruction.name in {"COPY", "RUN"}:
            for image in re.findall(r"--(?:from=|mount=\S*?\bfrom=)([^\s,]+)", instruction.value):
                if image.lower() not in stages and not image.isdigit():
                    images[image] = None
    return tuple(images)


def _expand(text: str, arguments: dict[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        return arguments.get(found[1] or found[3]) or found[2] or ""

    return VARIABLE.sub(value, text.strip("\"'"))
