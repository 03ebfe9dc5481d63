"""YAML with its places: where each value of a document stands, and what is wrong with its form."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from grader.text import clip

Place = tuple[str | int, ...]
"""The way to a value from the top of the document: keys and indices."""

MAX_BYTES = 1024 * 1024
MAX_NODES = 50_000
MAX_DEPTH = 40


@dataclass
class Document:
    """A YAML document, its value and the line of each place in it."""

    path: Path
    value: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def line(self, place: Place) -> int:
        """The line (from 1) of `place`, or of the nearest place above it that has one."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def at(self, place: Place) -> str:
        """`file:line: place`, for a message."""
        return f"{self.path.name}:{self.line(place)}: {dotted(place) or 'the document'}"


def dotted(place: Place) -> str:
    """`criteria[2].points` for `("criteria", 2, "points")`."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def read(path: Path) -> Document:
    """Read one YAML document; faults of its form are in `problems`, never raised."""
    document = Document(path=path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        document.problems.append(f"{path.name}: it cannot be read ({error.strerror}).")
        return document
    if len(raw) > MAX_BYTES:
        document.problems.append(f"{path.name}: it is larger than {MAX_BYTES} bytes; shorten it.")
        return document
    try:
        deep = _is_deep(raw)  # composing recurses in C, where nothing stops it
        node = None if deep else yaml.compose(raw, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        document.problems.append(_not_yaml(path, error))
        return document
    if deep:
        document.problems.append(_too_deep(path))
    if node is not None:
        document.value = _Walker(document).walk(node, ())
    return document


def _is_deep(raw: bytes) -> bool:
    """Whether the document has more levels than `MAX_DEPTH`, before aliases are unfolded."""
    depth = 0
    for event in yaml.parse(raw, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            return True
    return False


class _Walker:
    """Turns nodes into values, noting lines, duplicate keys and excess."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._constructor = yaml.SafeLoader("")
        self._count = 0

    def walk(self, node: yaml.Node, place: Place) -> Any:
        self._document.lines[place] = node.start_mark.line + 1
        self._count += 1
        if self._count > MAX_NODES:  # an alias bomb, or nothing that a person wrote
            if self._count == MAX_NODES + 1:
                self._document.problems.append(
                    f"{self._document.path.name}: it unfolds to more than {MAX_NODES} values."
                )
            return None
        if len(place) > MAX_DEPTH:  # an alias within itself
            self._count = MAX_NODES + 1
            self._document.problems.append(_too_deep(self._document.path))
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.walk(item, (*place, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, place)

    def _scalar(self, node: yaml.Node, place: Place) -> Any:
        try:
            value = self._constructor.construct_object(node)
        except (yaml.YAMLError, ValueError):  # another tag, or a day that is in no calendar
            value = math.nan
        if isinstance(value, float) and not math.isfinite(value):
            said = clip(str(node.value), 80)
            self._document.problems.append(
                f"{self._document.at(place)} is {said!r}, which cannot be read; put it in quotes."
            )
        return value

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(getattr(key_node, "value", ""))
            here = (*place, key)
            if key in result:
                line = key_node.start_mark.line + 1
                self._document.problems.append(
                    f"{self._document.path.name}:{line}: {dotted(here)} stands twice; keep one."
                )
            result[key] = self.walk(value_node, here)
            self._document.lines[here] = key_node.start_mark.line + 1
        return result


def _too_deep(path: Path) -> str:
    return f"{path.name}: it is nested more than {MAX_DEPTH} levels deep; flatten it."


def _not_yaml(path: Path, error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    line = f":{mark.line + 1}" if mark else ""
    said = getattr(error, "problem", None) or str(error).partition("\n")[0]
    return f"{path.name}{line}: it is no valid YAML: {said}."
