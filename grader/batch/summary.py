"""The summary of a class: for programs as JSON, for people as one page of HTML."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from grader.batch.figures import Figures, Spread
from grader.batch.rows import Row, RowState
from grader.batch.similar import Pair, groups
from grader.batch.tables import points, shown_source
from grader.model import Challenge
from grader.report.view import number
from grader.text import clean, clip

FORMAT = 1
LISTED = 200
"""Similar pairs that are listed one by one; their groups are told of all."""
BLUNT = 0.1
"""A discrimination below which a criterion is worth a look."""


def summary_json(
    challenge: Challenge, rows: Sequence[Row], found: Figures, pairs: Sequence[Pair] | None
) -> str:
    """Everything in the summary as JSON text.

    `similar` and `groups` are null where nobody asked for them.
    """
    document: dict[str, Any] = {
        "format": FORMAT,
        "challenge": {
            "slug": challenge.slug,
            "version": challenge.version,
            "digest": challenge.digest,
            "points": challenge.points,
            "pass_mark": challenge.pass_mark,
        },
        "count": {str(state): sum(row.state is state for row in rows) for state in RowState},
        "spread": found.spread and _spread(found.spread),
        "criteria": [
            {
                "id": one.criterion.id,
                "title": one.criterion.title,
                "points": one.criterion.points,
                "required": one.criterion.required,
                "passed": round(one.passed, 4),
                "discrimination": one.discrimination and round(one.discrimination, 4),
            }
            for one in found.criteria
        ],
        "losses": [
            {
                "id": one.criterion.id,
                "count": one.count,
                "points": number(one.points),
                "reasons": [{"reason": text, "count": count} for text, count in one.reasons],
            }
            for one in found.losses
        ],
        "phases": [
            {"phase": one.phase, "p50": round(one.p50, 3), "p95": round(one.p95, 3)}
            for one in found.phases
        ],
        "students": [_student(row) for row in rows],
        **_similar(pairs),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _spread(spread: Spread) -> dict[str, Any]:
    return {
        "count": spread.count,
        "passed": spread.passed,
        "mean": round(spread.mean, 2),
        "median": round(spread.median, 2),
        "deviation": round(spread.deviation, 2),
        "bins": list(spread.bins),
    }


def _similar(pairs: Sequence[Pair] | None) -> dict[str, Any]:
    if pairs is None:
        return {"similar": None, "groups": None}
    return {
        "similar": [
            {"first": one.first, "second": one.second, "share": round(one.share, 3)}
            for one in pairs[:LISTED]
        ],
        "groups": [
            {
                "students": list(one.students),
                "least": round(one.least, 3),
                "most": round(one.most, 3),
            }
            for one in groups(pairs)
        ],
    }


def _student(row: Row) -> dict[str, Any]:
    return {
        "student": clean(row.entry.student),
        "id": clean(row.entry.id),
        "email": clean(row.entry.email),
        "result": str(row.state),
        "points": None if row.earned is None else number(row.earned),
        "possible": row.possible or None,
        "passed": None if row.earned is None else row.passed,
        "unmet": row.unmet,
        "lost": list(row.lost),
        "reason": row.reason,
        "source": clean(shown_source(row)),
        "commit": row.run.commit or None,
        "digest": row.run.digest or None,
        "seed": row.run.seed,
        "report": row.run.report or None,
    }


def summary_html(
    challenge: Challenge, rows: Sequence[Row], found: Figures, pairs: Sequence[Pair] | None
) -> str:
    """One page that needs no other file, no script and no network."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("grader.batch"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"points": points, "shown": lambda text: clip(clean(str(text)), 300)}
    scored = [row for row in rows if row.earned is not None]
    return environment.get_template("summary.html").render(
        challenge=challenge,
        found=found,
        scored=scored,
        faults=[row for row in rows if row.state is RowState.FAULT],
        unreadable=[row for row in rows if row.state is RowState.UNREADABLE],
        pairs=None if pairs is None else pairs[:LISTED],
        more=max(len(pairs or ()) - LISTED, 0),
        groups=groups(pairs or ()),
        source=shown_source,
        blunt=BLUNT,
        highest=max(found.spread.bins, default=1) if found.spread else 1,
    )
