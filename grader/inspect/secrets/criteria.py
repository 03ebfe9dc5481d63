"""From findings to the criteria `secrets.tree`, `secrets.history` and `secrets.image`."""

from __future__ import annotations

from collections.abc import Sequence

from grader.inspect.secrets.finding import ORDER, Finding, Scan, Severity
from grader.model import CheckResult, Outcome
from grader.text import clip

TREE = "secrets.tree"
HISTORY = "secrets.history"
SHOWN = 8
"""Findings that the evidence lists."""
WORDS = {
    Severity.WEAK: "a development literal",
    Severity.DEFAULT: "a secret",
    Severity.THIRD_PARTY: "a private key or a service's credential",
}


def worst(findings: Sequence[Finding]) -> Severity | None:
    """The gravest severity; None where nothing was found."""
    return max((one.severity for one in findings), key=ORDER.index, default=None)


def check_tree(scan: Scan, *, forgive: frozenset[Severity] = frozenset()) -> CheckResult:
    """`secrets.tree`: whether the files hold no secret. Severities in `forgive` cost nothing."""
    return _check(TREE, scan, forgive, "Your repository holds", "")


def check_history(
    scan: Scan, *, forgive: frozenset[Severity] = frozenset({Severity.WEAK})
) -> CheckResult:
    """`secrets.history`: whether earlier commits hold no secret.

    A development literal that is gone from the files needs no rotation and is forgiven.
    """
    tail = " Deleting it in a later commit is not enough: rotate it."
    return _check(HISTORY, scan, forgive, "Your git history still holds", tail)


def _check(
    criterion: str, scan: Scan, forgive: frozenset[Severity], begin: str, tail: str
) -> CheckResult:
    counted = [one for one in scan.findings if one.severity not in forgive]
    if not counted:
        return CheckResult(criterion=criterion, outcome=Outcome.PASSED, evidence=_skipped(scan))
    counted.sort(key=lambda one: -ORDER.index(one.severity))
    first = counted[0]
    more = f", and {len(counted) - 1} more" if len(counted) > 1 else ""
    return CheckResult(
        criterion=criterion,
        outcome=Outcome.FAILED,
        rationale=f"{begin} {WORDS[first.severity]} at {first.place}{more}. {first.why}{tail}",
        evidence=evidence(counted, scan),
    )


def evidence(findings: Sequence[Finding], scan: Scan) -> str:
    """The findings, one a line with how to mend it beneath; values are never shown."""
    lines = []
    for one in findings[:SHOWN]:
        lines.append(f"{one.place}: {one.rule} ({one.severity}): {one.preview}")
        lines.append(f"  {one.mend}")
    if len(findings) > SHOWN:
        lines.append(f"… and {len(findings) - SHOWN} more; `grader secrets` lists all.")
    skipped = _skipped(scan)
    return "\n".join([*lines, skipped] if skipped else lines)


def _skipped(scan: Scan) -> str:
    if not scan.skipped:
        return ""
    named = ", ".join(f"{one.path} ({one.reason})" for one in scan.skipped[:5])
    rest = f" and {len(scan.skipped) - 5} more" if len(scan.skipped) > 5 else ""
    return clip(f"Not read, or not whole: {named}{rest}.", 1000)
