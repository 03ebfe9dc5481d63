"""A whole result as SARIF 2.1.0: each line of the submission that a criterion was lost for."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

from grader.model import GradeReport, Outcome, Rejected, SourceLocation, Ungradable
from grader.report.locations import below, of_sentences
from grader.report.sarif import SCHEMA
from grader.report.view import every_row, headline, reason

POLICY = "policy"
SHOWN = frozenset({Outcome.FAILED, Outcome.TIMED_OUT})

Found = tuple[str, str, SourceLocation]
"""A rule's id, its title, and where it was broken."""


def to_result_sarif(report: GradeReport, *, folder: str = "") -> str:
    """`report` as SARIF text that ends in a newline.

    `folder` is where the submission lies in its repository; empty at the top. Code hosts refuse a
    result without a place, so that a criterion that was lost for what the running app did is not in
    it.
    """
    found = _found(report)
    rules = list(dict.fromkeys((rule, title) for rule, title, _ in found))
    ids = [rule for rule, _ in rules]
    run = {
        "tool": {
            "driver": {
                "name": "grader",
                "semanticVersion": report.provenance.grader,
                "rules": [
                    {"id": rule, "shortDescription": {"text": title}} for rule, title in rules
                ],
            }
        },
        "automationDetails": {"id": f"grader/{report.challenge.slug}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": [_result(rule, ids.index(rule), place, folder) for rule, _, place in found],
        "properties": {"result": headline(report)},
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _found(report: GradeReport) -> list[Found]:
    if isinstance(report, Rejected):
        title = "What no exam allows"
        return [(POLICY, title, place) for place in of_sentences(reason(report))]
    if isinstance(report, Ungradable):
        return []
    return [
        (criterion.id, criterion.title, place)
        for criterion, result in every_row(report)
        if result.outcome in SHOWN
        for place in result.locations
    ]


def _invocation(report: GradeReport) -> dict[str, Any]:
    """Return whether there was an examination; if not, why."""
    if not isinstance(report, Ungradable):
        return {"executionSuccessful": True}
    message = {"text": reason(report)}
    notification = {"level": "error", "message": message}
    return {"executionSuccessful": False, "toolExecutionNotifications": [notification]}


def _result(rule: str, index: int, place: SourceLocation, folder: str) -> dict[str, Any]:
    location: dict[str, Any] = {
        "artifactLocation": {"uri": quote(below(folder, place.path)), "uriBaseId": "ROOT"},
    }
    if place.line:
        location["region"] = {"startLine": place.line}
    result: dict[str, Any] = {
        "ruleId": rule,
        "ruleIndex": index,
        "level": place.level,
        "message": {"text": place.message},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {"grader/v1": _fingerprint(rule, place)},
    }
    if place.commit:
        result["properties"] = {"commit": place.commit}
    return result


def _fingerprint(rule: str, place: SourceLocation) -> str:
    """Return what stays the same while lines move."""
    about = f"{rule}\0{place.path}\0{place.message}"
    return hashlib.sha256(about.encode("utf-8", "replace")).hexdigest()[:32]
