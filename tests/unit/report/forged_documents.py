"""Documents of the published form that nobody has written: whatever may stand in a report."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from grader.text import clean

TRICKS = (
    "::error::x", "##[add-mask]x", "a.py:3: x\n::warning::y", "\r\n::error::z", "```", "|a|b|",
    "\u2028::error::q", "\x85::error::w", "curl -i 'x'\nfoo", "]]>", "<script>", "9" * 400,
)  # fmt: skip
TEXT = st.text(st.characters(), max_size=40) | st.sampled_from(TRICKS)
NAMED = TEXT.filter(len)
SECONDS = st.floats(0, 1e9) | st.integers(0, 10**9)
PLACE = st.fixed_dictionaries(
    {
        "path": NAMED,
        "line": st.integers(0, 10**9),
        "message": TEXT,
        "level": st.sampled_from(["error", "warning"]),
        "commit": st.none() | TEXT,
    }
)
RUN = st.fixed_dictionaries(
    {
        **dict.fromkeys(("id", "grader", "engine"), TEXT),
        "started": st.sampled_from(["2026-11-21T12:00:00+00:00", "9999-12-31T23:59:59.999999Z"]),
        "seed": st.integers(0, 2**32 - 1),
        "challenge": st.fixed_dictionaries(
            {
                **dict.fromkeys(("slug", "title", "version", "digest"), TEXT),
                "pass_mark": st.integers(0, 100),
            }
        ),
        "submission": st.fixed_dictionaries(dict.fromkeys(("origin", "commit", "digest"), TEXT)),
        "images": st.dictionaries(TEXT, TEXT, max_size=2),
        "substitutions": st.lists(
            st.fixed_dictionaries(dict.fromkeys(("wanted", "used", "reason"), TEXT)), max_size=2
        ),
        "notes": st.lists(TEXT, max_size=2),
        "timings": st.lists(
            st.fixed_dictionaries({"phase": TEXT, "start": SECONDS, "end": SECONDS}), max_size=2
        ),
    }
)


@st.composite
def criteria(draw: st.DrawFn) -> dict[str, Any]:
    """One row, its points those that its outcome can have; three rows stay within the form."""
    points = draw(st.integers(1, 10**6 // 3))
    outcome = draw(st.sampled_from(["passed", "failed", "timed_out", "not_reached", "broken"]))
    partly = {"passed": points, "failed": draw(st.integers(0, points - 1))}
    return {
        **{name: draw(TEXT) for name in ("id", "title", "rationale", "hint", "evidence")},
        "points": points,
        "earned": partly.get(outcome, 0),
        "outcome": outcome,
        "duration": draw(SECONDS),
        **draw(st.sampled_from([{}, {"required": False}, {"required": True}])),
        "visibility": draw(st.sampled_from(["visible", "hidden", "after_deadline"])),
        "places": draw(st.lists(PLACE, max_size=2)),
    }


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A report of the published form, whose numbers agree."""
    rows = draw(
        st.lists(criteria(), min_size=1, max_size=3, unique_by=lambda one: clean(one["id"]))
    )
    run: dict[str, Any] = draw(RUN)
    document: dict[str, Any] = {"format": 1, "criteria": rows, "run": run}
    earned, possible = (sum(row[name] for row in rows) for name in ("earned", "points"))
    verdict = draw(st.sampled_from(["graded", "rejected", "ungradable"]))
    if verdict == "graded":
        lost = [row for row in rows if row.get("required") and row["outcome"] != "passed"]
        passed = not lost and Fraction(earned * 100, possible) >= run["challenge"]["pass_mark"]
        score = {"earned": earned, "possible": possible}
        return document | {"verdict": verdict, "score": score, "passed": passed,
                           "log_tail": draw(TEXT)}  # fmt: skip
    if verdict == "rejected":
        score = {"earned": 0, "possible": possible}
        return document | {"verdict": verdict, "score": score, "passed": False,
                           "reason": draw(NAMED)}  # fmt: skip
    return document | {"verdict": verdict, "reason": draw(NAMED)}
