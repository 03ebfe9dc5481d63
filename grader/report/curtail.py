"""A report made fit to be shown: no text without bound, no control character in any.

Texts are cleaned where they come from; this is the last door, for a result that was made or forged
elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar

from grader.text import clean, clip

LONGEST = 8000
"""Characters of one text; more than any sentence or exchange of the grader's has."""
T = TypeVar("T")


def curtailed(value: T) -> T:
    """`value`, a report or a part of one, with every text in it cleaned and cut."""
    return _curtailed(value)  # type: ignore[no-any-return]


def _curtailed(value: Any) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, Enum) else clean(clip(value, LONGEST))
    if isinstance(value, tuple):
        return tuple(map(_curtailed, value))
    if isinstance(value, Mapping):
        return {_curtailed(key): _curtailed(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        parts = {one.name: _curtailed(getattr(value, one.name)) for one in fields(value)}
        return replace(value, **parts)
    return value
