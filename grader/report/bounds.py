"""A report made fit to be shown: no text without bound, no control character in any.

Texts are cleaned where they come from; this is the last door, for a result that was made or forged
elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar

from grader.text import clean, clip

LONGEST = 8000
"""Characters of one text; more than any sentence or exchange of the grader's has."""
T = TypeVar("T")


def curtailed(value: T) -> T:
    """`value`, a report or a part of one, with every text in it cleaned and cut."""
    return _each(value, lambda text: clean(clip(text, LONGEST)))  # type: ignore[no-any-return]


def cleaned(value: T) -> T:
    """`value`, a report or a part of one, with every text in it cleaned and whole."""
    return _each(value, clean)  # type: ignore[no-any-return]


def _each(value: Any, change: Callable[[str], str]) -> Any:
    """`value` with `change` made to every text in it."""
    if isinstance(value, str):
        return value if isinstance(value, Enum) else change(value)
    if isinstance(value, tuple | list):
        return type(value)(_each(item, change) for item in value)
    if isinstance(value, Mapping):
        return {_each(key, change): _each(item, change) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        parts = {one.name: _each(getattr(value, one.name), change) for one in fields(value)}
        return replace(value, **parts)
    return value
