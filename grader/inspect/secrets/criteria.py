"""From findings to the criteria `secrets.tree`, `secrets.history` and `secrets.image`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from grader.criteria import SECRETS_HISTORY, SECRETS_TREE
from grader.inspect.secrets.finding import ORDER, Finding, Scan, Severity
from grader.model import CheckResult, Outcome, SourceLocation
from grader.text import clean, clip

NOT_LOOKED_AT = "Not all of {} could be looked at, and what was not has not passed"
NO_HISTORY = "No .git was handed in, so there was no earlier commit to look at."
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
    """Return what is kept of the points where `severity` is the worst, and a sentence of it."""
    share = KEPT[severity]
    lost = {Fraction(1, 3): "a third", Fraction(2, 3): "two thirds"}.get(1 - share, "all")
    return share, f"The worst of it is {WORDS[severity]}, which costs {lost} of the points."


def worst(severities: Iterable[Severity]) -> Severity:
    """Return the gravest of one or more."""
    return max(severities, key=ORDER.index)


def check_tree(scan: Scan, *, forgive: frozenset[Severity] = frozenset()) -> CheckResult:
    """`secrets.tree`: whether the files hold no secret. Severities in `forgive` cost nothing."""
    gap = _unread(scan, "your files")
    return _check(SECRETS_TREE, scan, forgive, "Your repository holds", "", gap=gap)


def check_history(
    scan: Scan,
    *,
    forgive: frozenset[Severity] = frozenset({Severity.WEAK}),
    unread: str = "",
    absent: bool = False,
) -> CheckResult:
    """`secrets.history`: whether earlier commits hold no secret.

    A development literal that is gone from the files needs no rotation and is forgiven. `unread`
    says what of the history could not be read, and how to hand it in; `absent` whether no history
    was handed in at all.
    """
    tail = " Deleting it in a later commit is not enough: rotate it."
    gap = unread and f"{NOT_LOOKED_AT.format('your git history')}: {unread}"
    gap = gap or _unread(scan, "your git history")
    result = _check(SECRETS_HISTORY, scan, forgive, "Your git history still holds", tail, gap=gap)
    if absent and result.outcome is Outcome.PASSED:
        return replace(result, evidence=NO_HISTORY)
    return result


def _unread(scan: Scan, where: str) -> str:
    """Return a sentence of what could not be looked at; empty where everything was."""
    if not scan.unread:
        return ""
    first, others = scan.unread[0], len(scan.unread) - 1
    more = f", and {others} more" if others else ""
    return (
        f"{NOT_LOOKED_AT.format(where)}: {first.path} ({first.reason}){more}. Take it out, or hand "
        "it in as plain files of an ordinary size."
    )


def _check(
    criterion: str, scan: Scan, forgive: frozenset[Severity], begin: str, tail: str, *, gap: str
) -> CheckResult:
    counted = [one for one in scan.findings if one.sure and one.severity not in forgive]
    if not counted and gap:
        return CheckResult(
            criterion=criterion,
            outcome=Outcome.NOT_REACHED,
            rationale=gap,
            evidence=skipped(scan),
        )
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
    if gap:
        share, said = Fraction(0), f"{gap}\nSo nothing of the points is kept."
    more = f", and {len(counted) - 1} more" if len(counted) > 1 else ""
    return CheckResult(
        criterion=criterion,
        outcome=Outcome.FAILED,
        rationale=f"{begin} {WORDS[first.severity]} at {first.place}{more}. {first.why}{tail}",
        evidence=f"{said}\n{evidence(counted, scan)}",
        kept=share,
        locations=tuple(_place(one) for one in counted[:MARKED]),
    )


def _place(one: Finding) -> SourceLocation:
    return SourceLocation(
        path=clean(one.path),
        line=one.line,
        message=f"{one.preview} ({one.rule}). {one.why} {one.fix}",
        level="warning" if one.severity is Severity.WEAK else "error",
        commit=one.commit,
    )


def evidence(findings: Sequence[Finding], scan: Scan) -> str:
    """Return the findings, one a line with how to fix it beneath; values are never shown."""
    lines = []
    for one in findings[:SHOWN]:
        use = f"; it {one.used_for}" if one.used_for else ""
        lines.append(f"{one.place}: {one.rule} ({one.severity}): {one.preview}{use}")
        lines.append(f"  {one.fix}")
    if len(findings) > SHOWN:
        lines.append(f"… and {len(findings) - SHOWN} more; `grader secrets` lists all.")
    return "\n".join(filter(None, [*lines, hints(scan.findings), skipped(scan)]))


def hints(findings: Sequence[Finding]) -> str:
    """Return what may be a secret and costs nothing; empty where nothing is."""
    unsure = [one for one in findings if not one.sure]
    if not unsure:
        return ""
    named = "; ".join(f"{one.place}: {one.preview}" for one in unsure[:SHOWN])
    more = f"; and {len(unsure) - SHOWN} more" if len(unsure) > SHOWN else ""
    return clip(f"Hints, which cost nothing; look whether these are secrets: {named}{more}.", 2000)


def skipped(scan: Scan) -> str:
    """Return what of a scan was not read, and why; empty where all was."""
    if not scan.skipped:
        return ""
    named = ", ".join(f"{one.path} ({one.reason})" for one in scan.skipped[:5])
    rest = f" and {len(scan.skipped) - 5} more" if len(scan.skipped) > 5 else ""
    return clip(f"Not read, or not whole: {named}{rest}.", 1000)
