"""From findings to the criteria `secrets.tree`, `secrets.history` and `secrets.image`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from grader.inspect.secrets.finding import ORDER, Finding, Scan, Severity
from grader.model import CheckResult, Outcome, Place
from grader.text import clean, clip

TREE = "secrets.tree"
HISTORY = "secrets.history"
SHOWN = 8
"""Findings that the evidence lists."""
MARKED = 50
"""Findings that are marked at their places."""
WORDS = {
    Severity.WEAK: "a development literal",
    Severity.DEFAULT: "a secret",
    Severity.THIRD_PARTY: "a private key or a service's credential",
}
KEPT = {
    Severity.WEAK: Fraction(2, 3),
    Severity.DEFAULT: Fraction(1, 3),
    Severity.THIRD_PARTY: Fraction(0),
}
"""The share of a criterion's points that is kept where this is the gravest finding."""


def kept(severity: Severity) -> tuple[Fraction, str]:
    """What is kept of the points where `severity` is the worst found, and a sentence of it."""
    share = KEPT[severity]
    lost = {Fraction(1, 3): "a third", Fraction(2, 3): "two thirds"}.get(1 - share, "all")
    return share, f"The worst of it is {WORDS[severity]}, which costs {lost} of the points."


def worst(severities: Iterable[Severity]) -> Severity:
    """The gravest of one or more."""
    return max(severities, key=ORDER.index)


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
    counted = [one for one in scan.findings if one.sure and one.severity not in forgive]
    if not counted:
        unsure = [hints(scan.findings), skipped(scan)]
        return CheckResult(
            criterion=criterion,
            outcome=Outcome.PASSED,
            evidence="\n".join(filter(None, unsure)),
        )
    counted.sort(key=lambda one: -ORDER.index(one.severity))
    first = counted[0]
    share, said = kept(first.severity)
    more = f", and {len(counted) - 1} more" if len(counted) > 1 else ""
    return CheckResult(
        criterion=criterion,
        outcome=Outcome.FAILED,
        rationale=f"{begin} {WORDS[first.severity]} at {first.place}{more}. {first.why}{tail}",
        evidence=f"{said}\n{evidence(counted, scan)}",
        kept=share,
        places=tuple(_place(one) for one in counted[:MARKED]),
    )


def _place(one: Finding) -> Place:
    return Place(
        path=clean(one.path),
        line=one.line,
        message=f"{one.preview} ({one.rule}). {one.why} {one.mend}",
        level="warning" if one.severity is Severity.WEAK else "error",
        commit=one.commit,
    )


def evidence(findings: Sequence[Finding], scan: Scan) -> str:
    """The findings, one a line with how to mend it beneath; values are never shown."""
    lines = []
    for one in findings[:SHOWN]:
        use = f"; it {one.used_for}" if one.used_for else ""
        lines.append(f"{one.place}: {one.rule} ({one.severity}): {one.preview}{use}")
        lines.append(f"  {one.mend}")
    if len(findings) > SHOWN:
        lines.append(f"… and {len(findings) - SHOWN} more; `grader secrets` lists all.")
    return "\n".join(filter(None, [*lines, hints(scan.findings), skipped(scan)]))


def hints(findings: Sequence[Finding]) -> str:
    """What may be a secret and costs nothing; empty where nothing is."""
    unsure = [one for one in findings if not one.sure]
    if not unsure:
        return ""
    named = "; ".join(f"{one.place}: {one.preview}" for one in unsure[:SHOWN])
    more = f"; and {len(unsure) - SHOWN} more" if len(unsure) > SHOWN else ""
    return clip(f"Hints, which cost nothing; look whether these are secrets: {named}{more}.", 2000)


def skipped(scan: Scan) -> str:
    """What of a scan was not read, and why; empty where all was."""
    if not scan.skipped:
        return ""
    named = ", ".join(f"{one.path} ({one.reason})" for one in scan.skipped[:5])
    rest = f" and {len(scan.skipped) - 5} more" if len(scan.skipped) > 5 else ""
    return clip(f"Not read, or not whole: {named}{rest}.", 1000)
