"""What a build would load or fetch: base images, images to copy from or mount, what ADD fetches."""

from __future__ import annotations

import csv
import enum
import platform
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from grader.inspect.buildkit.grammar import (
    NEWEST,
    Dialect,
    Instruction,
    fold,
    parse,
    parse_heredoc,
)
from grader.inspect.buildkit.growth import ONBUILD, Growth
from grader.inspect.buildkit.lexer import BadWordError, UndecidedError, expand
from grader.inspect.buildkit.words import pairs

REMOTE = re.compile(r"(?:[a-z0-9][a-z0-9+.-]*://|[\w.-]+@[\w.-]+:|github\.com/)", re.IGNORECASE)
"""What ADD fetches from elsewhere: the engine does it, from the host's own network."""
NUMBER = re.compile(r"[+-]?[0-9]+")
MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
COMMANDS = frozenset(
    {"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL",
     "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)  # fmt: skip
"""All instructions; with any other BuildKit builds nothing of the file."""
SCRATCH = "scratch"
DEPTH = 2
"""How many ONBUILD inside of each other are followed; BuildKit refuses the second one."""


class SourceUse(enum.Enum):
    """How a build uses a source."""

    IMAGE = "image"
    """An image from outside."""
    FETCH = "fetch"
    """A URL or repository that the engine fetches."""
    MOUNT = "mount"
    """A mount of the host's: its SSH agent or a secret."""
    UNDECIDED = "undecided"
    """Where it comes from cannot be said before the build."""
    TOO_LONG = "too long"
    """A text that variables make longer than any build needs; nothing after it was read."""


@dataclass(frozen=True, kw_only=True)
class BuildSource:
    """A source of the build, and the line that names it."""

    use: SourceUse
    text: str
    """What it is, with its variables replaced; for a mount its type."""
    written: str
    """The word as it stands in the Dockerfile."""
    line: int
    command: str


def find_sources(
    instructions: list[Instruction],
    escape: str,
    args: Mapping[str, str],
    dialect: Dialect = NEWEST,
) -> list[BuildSource]:
    """Return all sources of the stages that `instructions` describe.

    `args` are the build arguments, which take the place of the defaults of ARG.
    """
    build, growth = _Build(escape=escape, args=args, dialect=dialect), Growth(args)
    found: list[BuildSource] = []
    for one in instructions:
        if growth.exceeds(one):
            return [*found, _source(one, SourceUse.TOO_LONG, one.name, one.value)]
        found += build.take(one)
    return found


def named_stages(one: Instruction) -> Iterator[str]:
    """Yield what `--from` and the mounts of an instruction name, as written.

    That is an image, the name of a stage or its number.
    """
    for name, value in _flags(one):
        if name == "from":
            yield value
        elif name == "mount":
            yield from (text for key, text in _mount(value) if key == "from")


def is_refused(instructions: list[Instruction]) -> bool:
    """Return whether every version of BuildKit refuses such a file whole."""
    return any(
        one.name not in COMMANDS
        or (one.name == "FROM" and not _is_from(one.words))
        or (one.name in {"ADD", "COPY"} and len(one.words) < 2)
        for one in instructions
    )


def _is_from(words: tuple[str, ...]) -> bool:
    return len(words) == 1 or (len(words) == 3 and words[1].casefold() == "as")


@dataclass(kw_only=True)
class _Scope:
    """The variables of a stage."""

    values: dict[str, str | None]
    """None: it cannot be said what the variable is."""
    complete: bool
    """Whether all other names are unset; a base image sets more."""
    made_by: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        if name in self.values:
            value = self.values[name]
            if value is None:
                raise UndecidedError
            return value
        if not self.complete:
            raise UndecidedError
        return None

    def set(self, name: str, value: str | None, by: str) -> None:
        """Set a variable; versions differ in what counts where ARG and ENV set the same one."""
        if self.made_by.get(name, by) != by and self.values.get(name) != value:
            value = None
        self.made_by[name] = by
        self.values[name] = value

    def copy(self) -> _Scope:
        return replace(self, values=dict(self.values), made_by=dict(self.made_by))


@dataclass(kw_only=True)
class _Build:
    """The stages so far, and the variables of the present one."""

    escape: str
    args: Mapping[str, str]
    dialect: Dialect
    stages: dict[str, _Scope] = field(default_factory=dict)
    top: _Scope = field(default_factory=lambda: _Scope(values=_platform(), complete=True))
    """What stands before the first FROM."""
    scope: _Scope | None = None
    depth: int = 0
    """How many ONBUILD it is inside of."""

    def take(self, one: Instruction) -> Iterator[BuildSource]:
        """Yield the sources of one instruction."""
        match one.name:
            case "ARG" | "ENV":
                self._assign(one)
            case "FROM":
                yield from self._from(one)
            case "COPY":
                yield from self._copy(one)
            case "RUN":
                yield from self._run(one)
            case "ADD":
                yield from self._add(one)
            case "ONBUILD":
                yield from self._onbuild(one)

    def _expand(self, word: str) -> str:
        scope = self.scope or self.top
        return expand(word, scope.get, self.escape)

    def _maybe(self, word: str) -> str | None:
        try:
            return self._expand(word)
        except ValueError:
            return None

    def _assign(self, one: Instruction) -> None:
        scope = self.scope or self.top
        found = list(pairs(one, self.escape))
        if one.name == "ENV":  # all of one ENV see what was before it
            for name, value in [(self._maybe(key), self._maybe(text or "")) for key, text in found]:
                if name is None:
                    scope.complete = False
                else:
                    scope.set(name, value, "ENV")
            return
        for key, text in found:
            name = self._maybe(key)
            if name is None:
                scope.complete = False
            elif name in self.args:
                scope.set(name, self.args[name], "ARG")
            elif text is not None:
                scope.set(name, self._maybe(text), "ARG")
            elif self.scope is not None and name in self.top.values:
                scope.set(name, self.top.values[name], "ARG")

    def _from(self, one: Instruction) -> Iterator[BuildSource]:
        words = one.words
        self.scope = None
        written = words[0] if words else ""
        base = None
        try:
            base = self._expand(written)
        except UndecidedError:
            yield _source(one, SourceUse.UNDECIDED, written, written)
        except BadWordError:
            pass  # BuildKit refuses the whole file
        known = self.stages.get(fold(base)) if base else None
        if known:
            self.scope = known.copy()
        else:
            self.scope = _Scope(values={}, complete=base == SCRATCH)
            if base and base != SCRATCH:
                yield _source(one, SourceUse.IMAGE, base, written)
        if len(words) == 3 and words[1].lower() == "as":
            self.stages[fold(words[2])] = self.scope

    def _copy(self, one: Instruction) -> Iterator[BuildSource]:
        for name, value in _flags(one):
            if name == "from" and not NUMBER.fullmatch(value):
                yield from self._image(one, value)

    def _image(self, one: Instruction, name: str) -> Iterator[BuildSource]:
        """Yield the image that `--from=` or a mount's `from` names, where it is no stage."""
        if "$" in name:
            yield _source(one, SourceUse.UNDECIDED, name, name)
        elif name and name != SCRATCH and fold(name) not in self.stages:
            yield _source(one, SourceUse.IMAGE, name, name)

    def _run(self, one: Instruction) -> Iterator[BuildSource]:
        for name, value in _flags(one):
            for key, text in _mount(value) if name == "mount" else ():
                if key == "from":
                    yield from self._image(one, text)
                elif key == "type":
                    yield from self._mount_type(one, text)

    def _mount_type(self, one: Instruction, written: str) -> Iterator[BuildSource]:
        try:
            kind = fold(self._expand(written))
        except UndecidedError:
            yield _source(one, SourceUse.UNDECIDED, written, written)
        except BadWordError:
            pass
        else:
            if kind in {"ssh", "secret"}:
                yield _source(one, SourceUse.MOUNT, kind, f"--mount=type={written}")

    def _add(self, one: Instruction) -> Iterator[BuildSource]:
        for word in one.words[: max(1, len(one.words) - 1)]:
            if parse_heredoc(word, self.dialect):
                continue
            try:
                text = self._expand(word)
            except UndecidedError:
                yield _source(one, SourceUse.UNDECIDED, word, word)
            except BadWordError:
                continue
            else:
                if REMOTE.match(text):
                    yield _source(one, SourceUse.FETCH, text, word)

    def _onbuild(self, one: Instruction) -> Iterator[BuildSource]:
        """Yield what it triggers, which BuildKit reads once more, as a file of its own."""
        text = ONBUILD.sub("", one.original)
        for heredoc in one.heredocs:
            text += f"\n{heredoc.content}{heredoc.name}"
        if self.depth == DEPTH:
            yield _source(one, SourceUse.UNDECIDED, one.value, one.value)
            return
        triggered, escape = parse(text, self.dialect)
        inner = _Build(
            escape=escape, args=self.args, dialect=self.dialect, stages=self.stages,
            scope=_Scope(values={}, complete=False), depth=self.depth + 1,
        )  # fmt: skip
        for trigger in triggered:
            if trigger.name != "FROM":
                yield from inner.take(replace(trigger, line=one.line))


def _source(one: Instruction, use: SourceUse, text: str, written: str) -> BuildSource:
    return BuildSource(use=use, text=text, written=written, line=one.line, command=one.name)


def _flags(one: Instruction) -> Iterator[tuple[str, str]]:
    for flag in one.flags:
        name, _, value = flag.removeprefix("--").partition("=")
        yield fold(name), value


def _mount(value: str) -> Iterator[tuple[str, str]]:
    """Yield the keys and values of a mount, which is a line of CSV."""
    # Python's reader refuses a carriage return, Go's takes it for text; a blank names no stage
    for fields in csv.reader([value.replace("\r", " ").replace("\n", " ")]):
        for one in fields:
            key, _, text = one.partition("=")
            yield fold(key), text


def _platform() -> dict[str, str | None]:
    """Return the variables that BuildKit sets by itself."""
    machine = MACHINES.get(platform.machine().lower())
    whole = f"linux/{machine}" if machine else None
    found: dict[str, str | None] = {}
    for kind in ("BUILD", "TARGET"):
        found |= {
            f"{kind}PLATFORM": whole, f"{kind}OS": "linux", f"{kind}ARCH": machine,
            f"{kind}VARIANT": "" if machine else None, f"{kind}OSVERSION": "",
        }  # fmt: skip
    return found | {"TARGETSTAGE": None}
