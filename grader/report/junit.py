"""The report as JUnit XML, the form that GitLab, Jenkins and most test viewers read.

A criterion is a test case. What was not reached is skipped; where there is no score nothing is a
failure, and the platform has an error of its own. Elements and attributes are those of the schema
that Jenkins' xunit plugin checks with, the strictest of the readers.
"""

from __future__ import annotations

import re
from typing import assert_never
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from grader.model import CheckResult, Criterion, Graded, GradeReport, Outcome, Rejected, Ungradable
from grader.report.view import (
    began,
    earned,
    every_row,
    headline,
    hint,
    number,
    reason,
    seconds,
    spoken,
    verdict,
)
from grader.text import clean, clip

NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for (W3C, production 2), and the noncharacters U+FFFE and U+FFFF."""
NO_SCORE = "Ungradable: there is no score, and this costs nothing."


def to_junit(report: GradeReport) -> str:
    """`report` as XML text that ends in a newline."""
    suite = Element("testsuite", name=_plain(report.challenge.slug))
    _properties(suite, report)
    match report:
        case Graded():
            for row in every_row(report):
                _graded(suite, report, *row)
        case Rejected():
            case = _case(suite, "The exam's policy", f"{report.challenge.slug}.policy")
            _note(case, "failure", "The submission is rejected.", "rejected", reason(report))
            for criterion, result in every_row(report):
                _note(_of(suite, report, criterion, result), "skipped", result.rationale)
        case Ungradable():
            case = _case(suite, "The platform", f"{report.challenge.slug}.platform")
            _note(case, "error", NO_SCORE, "ungradable", reason(report))
            for criterion, result in every_row(report):
                _note(_of(suite, report, criterion, result), "skipped", NO_SCORE)
        case _:
            assert_never(report)
    if isinstance(report, Graded) and report.log_tail:
        SubElement(suite, "system-out").text = _plain(report.log_tail)
    return _document(suite, report)


def _document(suite: Element, report: GradeReport) -> str:
    """Return the suite with its counts, in the element that readers expect around it."""
    counts = {
        "tests": str(len(suite.findall("testcase"))),
        "failures": str(len(suite.findall("testcase/failure"))),
        "errors": str(len(suite.findall("testcase/error"))),
        "skipped": str(len(suite.findall("testcase/skipped"))),
        "time": f"{seconds(report):.3f}",
    }
    for name, value in counts.items():
        suite.set(name, value)
    suite.set("timestamp", began(report).replace(tzinfo=None).isoformat(timespec="seconds"))
    del counts["skipped"]  # which Jenkins' schema has no place for there
    whole = Element("testsuites", {"name": _plain(report.challenge.title), **counts})
    whole.append(suite)
    indent(whole)
    text = tostring(whole, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _properties(suite: Element, report: GradeReport) -> None:
    values = {
        "verdict": verdict(report),
        "result": headline(report),
        "challenge": f"{report.provenance.challenge} {report.provenance.challenge_version}",
        "seed": str(report.provenance.seed),
        "tree": report.provenance.tree_digest,
        "grader": report.provenance.grader,
        "lock": report.provenance.lock or "none",
    }
    if isinstance(report, Graded):
        values["score"] = str(number(report.score.earned))
        values["possible"] = str(report.score.possible)
    listed = SubElement(suite, "properties")
    for name, value in values.items():
        SubElement(listed, "property", name=name, value=_plain(value))


def _graded(suite: Element, report: Graded, criterion: Criterion, result: CheckResult) -> None:
    case = _of(suite, report, criterion, result)
    points = f"{spoken(earned(criterion, result))} of {criterion.points} points"
    fitting = hint(criterion, result)
    advice = f"Hint: {fitting}" if fitting else ""
    places = "\n".join(f"{one.path}:{one.line}: {one.message}" for one in result.locations)
    text = "\n\n".join(filter(None, (result.rationale, places, result.evidence, advice, points)))
    match result.outcome:
        case Outcome.PASSED:
            pass
        case Outcome.FAILED | Outcome.TIMED_OUT:
            _note(case, "failure", result.rationale, str(result.outcome), text)
        case Outcome.NOT_REACHED:
            _note(case, "skipped", result.rationale)
        case Outcome.BROKEN:
            _note(case, "error", result.rationale, str(result.outcome), text)
        case _:
            assert_never(result.outcome)


def _of(suite: Element, report: GradeReport, criterion: Criterion, result: CheckResult) -> Element:
    """Return the test case of a criterion: named by its title, filed under its id."""
    name = f"{report.challenge.slug}.{criterion.id}"
    return _case(suite, criterion.title, name, result.duration)


def _case(suite: Element, title: str, name: str, duration: float = 0.0) -> Element:
    return SubElement(
        suite, "testcase", name=_plain(title), classname=_plain(name), time=f"{duration:.3f}"
    )


def _note(case: Element, tag: str, message: str, kind: str = "", text: str = "") -> None:
    note = SubElement(case, tag, message=_plain(clip(message, 1000)))
    if kind:
        note.set("type", kind)
    note.text = _plain(text) or None


def _plain(text: str) -> str:
    return NO_XML.sub("\N{REPLACEMENT CHARACTER}", clean(text))
