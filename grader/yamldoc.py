"""YAML with its places: where each value of a document stands, and what is wrong with its form."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from grader.text import LocatedSentence, clip
from grader.yaml_faults import not_yaml, of_whole
from grader.yaml_nodes import (
    MAX_DEPTH,
    MAX_NODES,
    MERGE,
    OWN_TAGS,
    TAG,
    TEXT,
    TOO_DEEP,
    TOO_MANY,
    Excess,
    compose,
    excess_of,
)

Place = tuple[str | int, ...]
"""The way to a value from the top of the document: keys and indices."""

MAX_BYTES = 1024 * 1024
LONG_PLACE = 400
"""Characters of a place that messages show."""
LONG = 100
"""Characters of text that count as one value more."""
MAX_PROBLEMS = 100
"""How many faults are told; who has more of them fixes these first."""


@dataclass
class Document:
    """A YAML document, its value and the line of each place in it."""

    name: str
    """How messages call its file."""
    value: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    reset: set[Place] = field(default_factory=set)
    """Places with Compose's tag `!reset`: as if the key were not there, in what it extends too."""
    override: set[Place] = field(default_factory=set)
    """Places with Compose's tag `!override`: they take the place of what is extended."""
    whole: bool = True
    """Whether `value` is all of it; not where its form is so bad that reading ended."""

    def line(self, place: Place) -> int:
        """Return the line (from 1) of `place`, or of the nearest place above it that has one."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def at(self, place: Place) -> str:
        """`file:line: place`, for a message."""
        return f"{self.name}:{self.line(place)}: {_named(place)}"


def _named(place: Place) -> str:
    return dotted(place) or "the document"


def dotted(place: Place) -> str:
    """`criteria[2].points` for `("criteria", 2, "points")`."""
    text = ""
    for step in place:
        if len(text) > LONG_PLACE:
            return f"{text}…"
        name = clip(step, LONG_PLACE) if isinstance(step, str) else f"[{step}]"
        text += name if isinstance(step, int) or not text else f".{name}"
    return text


def read(path: Path) -> Document:
    """Read one YAML document; faults of its form are in `problems`, never raised."""
    try:
        return parse(path.name, path.read_bytes())
    except OSError as error:
        said = f"{path.name}: it cannot be read ({error.strerror})."
        return Document(name=path.name, problems=[said], whole=False)


def parse(name: str, raw: bytes | str, *, core: bool = False) -> Document:
    """Read one YAML document out of `raw`; messages call its file `name`.

    With `core` it is read as Docker does: YAML 1.2, in which `22:22` and `yes` are text, with the
    merge key `<<` of YAML 1.1.
    """
    document = Document(name=name)
    if len(raw) > MAX_BYTES:
        return _unread(name, of_whole(name, f"it is larger than {MAX_BYTES} bytes; shorten it."))
    try:
        node = compose(raw, core=core)
    except Excess as error:
        return _unread(name, of_whole(name, str(error)))
    except (yaml.YAMLError, UnicodeError) as error:
        return _unread(name, _refusal(name, error, raw))
    if node is not None:
        walker = _CoreWalker(document) if core else _Walker(document)
        document.value = walker.walk(node, ())
    return document


def _unread(name: str, problem: str) -> Document:
    return Document(name=name, problems=[problem], whole=False)


def _refusal(name: str, error: Exception, raw: bytes | str) -> str:
    """Return what to tell of a document that is not composed: first what it has too much of."""
    try:
        excess = _excess(raw)
    except (yaml.YAMLError, UnicodeError) as first:
        return not_yaml(name, first, raw)
    return of_whole(name, excess) if excess else not_yaml(name, error, raw)


def _excess(raw: bytes | str) -> str:
    """Return what the document has too much of, levels or values; else empty.

    It is counted before aliases are unfolded.

    Raises `yaml.YAMLError` where what was read until then has not.
    """
    try:
        return excess_of(raw)
    except yaml.MarkedYAMLError as error:
        # The scanner reads ahead of the events, and since PyYAML 6.0.4 it has a bound on nesting
        # of its own: what stands before the place of an error tells whether that was it.
        if error.problem_mark is None:
            raise
        text = raw.decode(errors="replace") if isinstance(raw, bytes) else raw
        try:
            if excess := excess_of(text[: error.problem_mark.index]):
                return excess
        except yaml.YAMLError:
            pass  # the error of the whole document is the one to tell
        raise


class _Walker:
    """Turns nodes into values, noting lines, duplicate keys and excess."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._constructor = yaml.SafeLoader("")
        self._count = 0
        self._ended = False

    def walk(self, node: yaml.Node, place: Place) -> Any:
        self._document.lines[place] = node.start_mark.line + 1
        self._count += 1
        if self._count > MAX_NODES:  # an alias bomb, or nothing that a person wrote
            self._end(of_whole(self._document.name, TOO_MANY))
            return None
        if len(place) > MAX_DEPTH:  # an alias within itself
            self._end(of_whole(self._document.name, TOO_DEEP))
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.walk(item, (*place, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, place)

    def _fault(self, line: int, says: str) -> None:
        """Note a fault of the document's form; with too many of them reading ends.

        What an anchor stands for is read at each of its uses, and its faults are noted once.
        """
        sentence = LocatedSentence(self._document.name, line, says)
        if self._ended or sentence in self._document.problems:
            return
        self._document.problems.append(sentence)
        if len(self._document.problems) >= MAX_PROBLEMS:
            self._end(
                of_whole(self._document.name, "it has more faults than these; fix them first.")
            )

    def _end(self, problem: str) -> None:
        """Nothing more is unfolded; the first reason is told."""
        if not self._ended:
            self._document.problems.append(problem)
        self._document.whole = False
        self._ended = True
        self._count = MAX_NODES + 1

    def _scalar(self, node: yaml.Node, place: Place) -> Any:
        self._count += len(node.value) // LONG
        try:
            value = self._construct(node)
        except (yaml.YAMLError, ValueError):  # another tag, or a day that is in no calendar
            value = math.nan
        if isinstance(value, float) and not math.isfinite(value):
            said = clip(str(node.value), 80)
            self._fault(
                self._document.line(place),
                f"{_named(place)} is {said!r}, which cannot be read; put it in quotes.",
            )
        return value

    def _construct(self, node: yaml.Node) -> Any:
        """Return the value of a scalar.

        Raises `yaml.YAMLError` or `ValueError` where it has none.
        """
        value = self._constructor.construct_object(node)
        # a moment stays as it was written: what it means is for the reader to say
        return str(node.value) if node.tag == f"{TAG}timestamp" else value

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if self._ended:
                break
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):  # its text may unfold without end, too
                self._fault(
                    line, "a list or mapping is no name of a key; write a text before the colon."
                )
                continue
            key = str(key_node.value)
            here = (*place, key)
            if key in result:
                self._fault(line, f"{dotted(here)} stands twice; keep one.")
            result[key] = self.walk(value_node, here)
            self._document.lines[here] = line
        return result


class _CoreWalker(_Walker):
    """The same for YAML 1.2, with merge keys."""

    _merging = 0

    def walk(self, node: yaml.Node, place: Place) -> Any:
        if node.tag in OWN_TAGS:
            if node.tag == "!reset":
                self._document.lines[place] = node.start_mark.line + 1
                self._document.reset.add(place)
                return None
            self._document.override.add(place)
        return _Walker.walk(self, node, place)

    def _construct(self, node: yaml.Node) -> Any:
        text = str(node.value)
        if node.tag == TEXT:  # first, for there are most of them
            return text
        match node.tag.removeprefix(TAG):
            case "merge":
                return text
            case "null":
                return None
            case "bool":
                return {"true": True, "false": False}.get(text.lower(), math.nan)
            case "int":
                return _integer(text.replace("_", ""))
            case "float":
                return float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
            case _:
                return math.nan

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        if all(key.tag != MERGE for key, _ in node.value):
            return super()._mapping(node, place)
        merged: dict[str, Any] = {}
        own = []
        merges = 0
        for key, value in node.value:
            if key.tag == MERGE:
                merges += 1
                if merges == 2:
                    line = key.start_mark.line + 1
                    self._fault(
                        line,
                        "`<<` stands twice in one mapping, which "
                        "Compose refuses; write `<<: [*one, *other]`.",
                    )
                merged.update(self._merge(value, place))
            else:
                own.append((key, value))
        line = node.start_mark.line + 1
        result = super()._mapping(yaml.MappingNode(node.tag, own, node.start_mark), place)
        self._document.lines[place] = line
        return {**merged, **result}

    def _merge(self, node: yaml.Node, place: Place) -> dict[str, Any]:
        """Return what `<<` brings: of several mappings, an earlier one wins."""
        merged: dict[str, Any] = {}
        self._merging += 1
        if self._merging > MAX_DEPTH:  # a mapping merged into itself
            self._end(of_whole(self._document.name, TOO_DEEP))
            return merged
        for one in reversed(node.value if isinstance(node, yaml.SequenceNode) else [node]):
            if isinstance(one, yaml.MappingNode):
                merged.update(self.walk(one, place) or {})
            else:
                line = node.start_mark.line + 1
                self._fault(line, "`<<` takes the name of a mapping, like `*base`.")
        self._merging -= 1
        return merged


def _integer(text: str) -> int:
    """As Go reads one: `0777` is octal, `0888` is not."""
    digits = text.lstrip("+-")
    if re.fullmatch(r"0[0-7]+", digits):
        return int(text, 8)
    return int(text) if digits.isdecimal() else int(text, 0)
