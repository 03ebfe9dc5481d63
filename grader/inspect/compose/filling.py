"""A whole document's variables: which it names, and its values with them filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from grader.inspect.compose.interpolate import Malformed, VariableReference, fill, references
from grader.inspect.compose.source import ComposeSource, show
from grader.yamldoc import Place

MAX_FILLED = 8 * 1024 * 1024
"""Characters that all texts of a document together may grow to."""
STRUCTURAL = frozenset({"image", "ports", "expose", "user"})
"""Keys of a service whose value has to have a form."""


def find_references(source: ComposeSource) -> list[VariableReference]:
    """Every variable that the file names or passes through; a text that is malformed is a fault."""
    found: list[VariableReference] = []
    for place, text in _texts(source.document.value, ()):
        try:
            named = references(text, source.line(place))
            structural = place[:1] == ("services",) and bool(STRUCTURAL.intersection(place[2:3]))
            found += [replace(one, structural=structural) for one in named]
        except Malformed as error:
            source.fault(place, f"{error} (it is {show(text)}).")
    return found + list(_passed(source))


def fill_in(source: ComposeSource, values: Mapping[str, str]) -> Any:
    """Return the document's value with `values` filled in; a malformed text stays as it is."""
    return _Filler(source, values).fill(source.document.value, ())


class _Filler:
    def __init__(self, source: ComposeSource, values: Mapping[str, str]) -> None:
        self._source = source
        self._values = values
        self._size = 0

    def fill(self, value: Any, place: Place) -> Any:
        if isinstance(value, dict):
            return {
                key: item if not place and key.startswith("x-") else self.fill(item, (*place, key))
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.fill(item, (*place, index)) for index, item in enumerate(value)]
        return self._text(value, place) if isinstance(value, str) and "$" in value else value

    def _text(self, text: str, place: Place) -> str:
        if self._size > MAX_FILLED:
            self._source.fault((), "grows too large with its variables filled in; shorten it.")
            return text
        try:
            filled = fill(text, self._values)
        except Malformed as error:
            self._source.fault(place, f"{error} (it is {show(text)}).")
            return text
        self._size += len(text) + len(filled)
        return filled


def _texts(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str) and "$" in value:
        yield place, value
    elif isinstance(value, dict):
        for key, item in value.items():
            if place or not key.startswith("x-"):
                yield from _texts(item, (*place, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*place, index))


def _passed(source: ComposeSource) -> Iterator[VariableReference]:
    """Yield what is asked for by its name alone, in `environment` or for a secret or config."""
    value = source.document.value
    for name, service in _mapping(value, "services").items():
        entries = service.get("environment") if isinstance(service, dict) else None
        place: Place = ("services", name, "environment")
        if isinstance(entries, dict):
            names = [(key, key) for key, item in entries.items() if item is None]
        else:
            names = [
                (index, item)
                for index, item in enumerate(entries if isinstance(entries, list) else ())
                if isinstance(item, str) and item and "=" not in item and "$" not in item
            ]
        for step, variable in names:
            line = source.line((*place, step))
            yield VariableReference(name=variable, default=None, required=False, line=line)
    for kind in ("secrets", "configs"):
        for name, item in _mapping(value, kind).items():
            variable = item.get("environment") if isinstance(item, dict) else None
            if isinstance(variable, str) and variable and "$" not in variable:
                line = source.line((kind, name, "environment"))
                yield VariableReference(name=variable, default=None, required=False, line=line)


def _mapping(value: Any, key: str) -> dict[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}
