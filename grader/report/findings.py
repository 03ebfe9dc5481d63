"""Findings as text for a terminal, and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from grader.report.sarif import Located
from grader.text import clip

MARKS = {"weak": "!", "default": "✘", "third_party": "✘✘"}
MEANINGS = {
    "weak": "development literal",
    "default": "secret of the app",
    "third_party": "key or credential of a service",
}
SHOWN = 100


def findings_text(
    findings: Sequence[Located], skipped: Sequence[tuple[str, str]], read: str
) -> str:
    """Return what a person reads.

    Each finding with why and what to do, hints, and what was not read.

    `skipped` are paths with reasons; `read` says what was read.
    """
    lines: list[str] = []
    sure = [one for one in findings if one.sure]
    for one in sure[:SHOWN]:
        lines += [
            f"{MARKS[one.severity]} {_place(one)}",
            f"    {one.preview}{_use(one)}",
            f"    {one.rule}, {MEANINGS[one.severity]}: {one.why}",
            f"    {one.fix}",
            "",
        ]
    if len(sure) > SHOWN:
        lines += [f"… and {len(sure) - SHOWN} more; --json lists all.", ""]
    lines += _hints([one for one in findings if not one.sure])
    lines += _not_read(skipped)
    lines.append(f"{_count(sure)} in {read}.")
    return "\n".join(lines) + "\n"


def _place(one: Located) -> str:
    since = f", since commit {one.commit[:10]}" if one.commit else ""
    return (f"{one.path}:{one.line}" if one.line else one.path) + since


def _use(one: Located) -> str:
    return f"; it {one.used_for}" if one.used_for else ""


def _hints(unsure: Sequence[Located]) -> list[str]:
    """Return what may be a secret: nobody can tell from the files alone."""
    if not unsure:
        return []
    shown = [f"    {_place(one)}: {one.preview}{_use(one)}" for one in unsure[:SHOWN]]
    if len(unsure) > SHOWN:
        shown.append(f"    … and {len(unsure) - SHOWN} more; --json lists all.")
    return ["? Hints, which cost nothing; look whether these are secrets:", *shown, ""]


def _not_read(skipped: Sequence[tuple[str, str]]) -> list[str]:
    """Return what was left out, by reason."""
    reasons: dict[str, list[str]] = {}
    for path, reason in skipped:
        reasons.setdefault(reason, []).append(path)
    lines = []
    for reason, paths in reasons.items():
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        lines.append(f"· {clip(', '.join(filter(None, paths[:3])), 200)}{more}: {reason}")
    return [*lines, ""] if lines else []


def _count(findings: Sequence[Located]) -> str:
    if not findings:
        return "No secrets"
    counts = Counter(one.severity for one in findings)
    parts = [
        f"{counts[severity]} x {MEANINGS[severity]}"
        for severity in ("third_party", "default", "weak")
        if counts[severity]
    ]
    return ", ".join(parts)


def findings_json(findings: Sequence[Located], skipped: Sequence[tuple[str, str]]) -> str:
    """Return the same for programs: text that ends in a newline."""
    document: dict[str, Any] = {
        "format": 3,
        "findings": [
            {
                "rule": one.rule,
                "severity": str(one.severity),
                "path": one.path,
                "line": one.line,
                "commit": one.commit,
                "preview": one.preview,
                "why": one.why,
                "fix": one.fix,
                "used_for": one.used_for,
                "confidence": "sure" if one.sure else "hint",
            }
            for one in findings
        ],
        "skipped": [{"path": path, "reason": reason} for path, reason in skipped],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
