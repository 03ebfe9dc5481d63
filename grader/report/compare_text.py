"""A comparison for people and for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

from grader.model import Outcome
from grader.report.compare import Comparison, CriterionChange
from grader.report.folding import NAMED
from grader.report.view import number
from grader.text import clip, shorten

EVIDENCE_LINES = 9
SHORT = 19
"""Characters of a digest that are shown: its name and twelve digits."""
COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
FORMAT = 1


def to_text(found: Comparison) -> str:
    """`found` for people."""
    change = "" if found.change is None else f"  ({_signed(found.change)})"
    lines = [f"{found.points[0]} → {found.points[1]}{change}"]
    gained = [one for one in found.criteria if one.change > 0]
    lost = [one for one in found.criteria if one.change < 0]
    others = [one for one in found.criteria if not one.change]
    for heading, group in (("Lost", lost), ("Gained", gained), ("Otherwise than before", others)):
        if group:
            lines += ["", heading, *_group(group)]
    if found.unchanged:
        what = "1 criterion" if found.unchanged == 1 else f"{found.unchanged} criteria"
        lines += ["", f"{what} came to the same."]
    if found.differences:
        wide = max(len(one.what) for one in found.differences)
        lines += ["", "What differs"]
        lines += [
            f"  {one.what:{wide}}  {_short(one.before)} → {_short(one.after)}"
            for one in found.differences
        ]
    lines += ["", "Why", *(f"  {sentence}" for sentence in found.why)]
    return "\n".join(lines) + "\n"


def _group(group: list[CriterionChange]) -> Iterator[str]:
    """Yield the lines of those that were looked at, and one for each reason why others were not."""
    rest: dict[str, list[CriterionChange]] = {}
    unreached = {one.id: one for one in group if one.outcomes[1] == Outcome.NOT_REACHED}
    for one in group:
        root = _root(one, unreached) if one.id in unreached else ""
        if root:
            rest.setdefault(root, []).append(one)
        else:
            yield from _lines(one)
    for root, ones in rest.items():
        what = "1 criterion" if len(ones) == 1 else f"{len(ones)} criteria"
        change = sum((one.change for one in ones), Fraction(0))
        needs = "it needs" if len(ones) == 1 else "they need"
        named = f" ({', '.join(one.id for one in ones)})" if len(ones) <= NAMED else ""
        yield f"  {_signed(change):>3}  {what} not reached: {needs} {root}{named}"


def _root(one: CriterionChange, unreached: Mapping[str, CriterionChange]) -> str:
    """Return what a criterion that was not reached rests on in the end.

    Empty where it is not said.
    """
    seen = set[str]()
    need = one.need
    while need in unreached and need not in seen:
        seen.add(need)
        need = unreached[need].need or need
    return need


def _lines(one: CriterionChange) -> Iterator[str]:
    points = " → ".join(
        "none" if value is None else str(value) for value in (one.before, one.after)
    )
    ends = " → ".join(outcome or "not there" for outcome in one.outcomes)
    required = "required, " if one.required else ""
    yield f"  {_signed(one.change):>3}  {one.id}  {one.title}  ({required}{points}, {ends})"
    yield from (f"       {part}" for part in one.parts)
    if one.rationale:
        said = "It was lost because" if one.change > 0 else "Now"
        yield f"       {said}: {one.rationale}"
    lines = shorten(one.evidence.splitlines(), EVIDENCE_LINES)
    yield from (f"         {clip(line, 1000)}" for line in lines)


def _signed(value: Fraction) -> str:
    return f"+{value}" if value > 0 else str(value)


def _short(value: str) -> str:
    if COMMIT.fullmatch(value):
        return value[:12]
    return value[:SHORT] if value.startswith("sha256:") else clip(value, 80)


def to_json(found: Comparison) -> str:
    """`found` as JSON text that ends in a newline."""
    document = {
        "format": FORMAT,
        "before": found.points[0],
        "after": found.points[1],
        "change": None if found.change is None else number(found.change),
        "criteria": [
            {
                "id": one.id,
                "title": one.title,
                "before": None if one.before is None else number(one.before),
                "after": None if one.after is None else number(one.after),
                "change": number(one.change),
                "outcomes": list(one.outcomes),
                "rationale": one.rationale,
                "evidence": one.evidence,
                "required": one.required,
                "parts": list(one.parts),
            }
            for one in found.criteria
        ],
        "unchanged": found.unchanged,
        "differences": [
            {"what": one.what, "before": one.before, "after": one.after}
            for one in found.differences
        ],
        "why": list(found.why),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
