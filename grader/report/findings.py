"""Findings as text for a terminal, and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

from grader.report.sarif import Located
from grader.text import clip

MARKS = {"weak": "!", "default": "✘", "third_party": "✘✘"}
MEANINGS = {
    "weak": "development literal",
    "default": "secret of the app",
    "third_party": "key or credential of a service",
}
SHOWN = 100


class Suspected(Protocol):
    """A place that another scanner names."""

    @property
    def rule(self) -> str:
        """The other scanner's rule."""

    @property
    def path(self) -> str:
        """The file."""

    @property
    def line(self) -> int:
        """From 1."""


class Opinion(Protocol):
    """What another scanner says."""

    @property
    def asked(self) -> bool:
        """Whether there is one."""

    @property
    def suspicions(self) -> Sequence[Suspected]:
        """What it names beyond the findings."""

    @property
    def problem(self) -> str:
        """Why it gave no answer."""


def findings_text(
    findings: Sequence[Located], skipped: Sequence[tuple[str, str]], read: str, opinion: Opinion
) -> str:
    """What a person reads: each finding with why and what to do, then what was not read.

    `skipped` are paths with reasons; `read` says what was read.
    """
    lines: list[str] = []
    for one in findings[:SHOWN]:
        place = f"{one.path}:{one.line}" if one.line else one.path
        since = f", since commit {one.commit[:10]}" if one.commit else ""
        lines += [
            f"{MARKS[one.severity]} {place}{since}",
            f"    {one.preview}",
            f"    {one.rule}, {MEANINGS[one.severity]}: {one.why}",
            f"    {one.mend}",
            "",
        ]
    if len(findings) > SHOWN:
        lines += [f"… and {len(findings) - SHOWN} more; --json lists all.", ""]
    lines += _not_read(skipped)
    lines += _suspected(opinion)
    lines.append(f"{_count(findings)} in {read}.")
    return "\n".join(lines) + "\n"


def _not_read(skipped: Sequence[tuple[str, str]]) -> list[str]:
    """What was left out, by reason."""
    reasons: dict[str, list[str]] = {}
    for path, reason in skipped:
        reasons.setdefault(reason, []).append(path)
    lines = []
    for reason, paths in reasons.items():
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        lines.append(f"· {clip(', '.join(filter(None, paths[:3])), 200)}{more}: {reason}")
    return [*lines, ""] if lines else []


def _suspected(opinion: Opinion) -> list[str]:
    """The second opinion."""
    if opinion.problem:
        return [f"· gitleaks was asked as well and gave no answer: {opinion.problem}", ""]
    if not opinion.suspicions:
        return []
    shown = [f"    {one.path}:{one.line} ({one.rule})" for one in opinion.suspicions[:SHOWN]]
    if len(opinion.suspicions) > SHOWN:
        shown.append(f"    … and {len(opinion.suspicions) - SHOWN} more")
    return ["? gitleaks suspects these as well; look whether it is right:", *shown, ""]


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


def findings_json(
    findings: Sequence[Located], skipped: Sequence[tuple[str, str]], opinion: Opinion
) -> str:
    """The same for programs: text that ends in a newline."""
    document: dict[str, Any] = {
        "format": 1,
        "findings": [
            {
                "rule": one.rule,
                "severity": str(one.severity),
                "path": one.path,
                "line": one.line,
                "commit": one.commit,
                "preview": one.preview,
                "why": one.why,
                "mend": one.mend,
            }
            for one in findings
        ],
        "skipped": [{"path": path, "reason": reason} for path, reason in skipped],
        "second_opinion": {
            "tool": "gitleaks" if opinion.asked else None,
            "problem": opinion.problem,
            "suspicions": [
                {"rule": one.rule, "path": one.path, "line": one.line} for one in opinion.suspicions
            ],
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
