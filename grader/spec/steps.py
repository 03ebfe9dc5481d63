"""Criteria that earn in parts: whether the parts of each agree with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from grader.criteria import BUILTIN
from grader.yamldoc import Document


def part_problems(
    document: Document, criteria: Sequence[tuple[int, dict[str, Any]]]
) -> Iterator[str]:
    """Yield a sentence for each fault of the parts of `criteria`, which come with their places."""
    for index, item in criteria:
        parts = item.get("parts")
        if not isinstance(parts, list):
            continue
        where = document.at(("criteria", index, "parts"))
        if item["id"] in BUILTIN:
            yield f"{where}: {item['id']} is built in, and is earned as a whole; take them out."
        ids = [one.get("id") for one in parts if isinstance(one, dict)]
        for name in dict.fromkeys(one for one in ids if ids.count(one) > 1):
            yield f"{where}: the part {name!r} stands twice; rename one."
        values = [_value(one) for one in parts]
        total = sum((one for one in values if one is not None), Fraction(0))
        points = item.get("points")
        if None not in values and isinstance(points, int) and total != points:
            yield f"{where} add up to {total} points, and {item['id']} is worth {points}."


def _value(part: object) -> Fraction | None:
    """Return the points of a part; None where they are none."""
    points = part.get("points") if isinstance(part, dict) else None
    try:
        return Fraction(points) if isinstance(points, int | str) else None
    except (ValueError, ZeroDivisionError):
        return None
