"""JUnit XML, read by a library that reads it for others."""

from __future__ import annotations

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped, TestSuite
from lxml import etree

from grader.report.formats import render
from tests.unit.report.examples import hostile, three

ALLOWED = {
    "testsuites": {"name", "tests", "failures", "errors", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "testcase": {"name", "classname", "time"},
    "properties": set(),
    "property": {"name", "value"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message"},
    "system-out": set(),
}
"""What the schema of Jenkins' xunit plugin knows (junit-10.xsd); others know more."""


def suite(text: str) -> TestSuite:
    (found,) = JUnitXml.fromstring(text.encode())
    assert isinstance(found, TestSuite)
    return found


def kinds(found: TestSuite) -> list[list[type]]:
    return [[type(one) for one in case.result] for case in found]


def test_a_reader_sees_each_criterion() -> None:
    """Lost is a failure, not reached is skipped, the score is a property."""
    found = suite(render(three()["graded"], "junit"))
    assert kinds(found) == [[Failure], [Failure], [Skipped]]
    assert (found.tests, found.failures, found.errors, found.skipped) == (3, 2, 0, 1)
    values = {one.name: one.value for one in found.properties()}  # type: ignore[no-untyped-call]
    assert values["score"] == "1/2"
    assert values["possible"] == "10"


def test_a_rejection_is_one_failure() -> None:
    """That of the policy, with the line; nothing else was examined."""
    found = suite(render(three()["rejected"], "junit"))
    assert kinds(found) == [[Failure], [Skipped], [Skipped], [Skipped]]


def test_without_a_score_nothing_failed() -> None:
    """The platform has an error, and every criterion is skipped, whatever was found before."""
    found = suite(render(three()["ungradable"], "junit"))
    assert kinds(found) == [[Error], [Skipped], [Skipped], [Skipped]]
    assert found.failures == 0


@pytest.mark.parametrize("verdict", ["graded", "rejected", "ungradable"])
def test_it_is_xml_that_readers_know(verdict: str) -> None:
    """Well formed by XML 1.0 whatever a text holds, with known elements and attributes only."""
    for report in (three()[verdict], hostile()[verdict]):
        root = etree.fromstring(render(report, "junit").encode())
        for one in root.iter():
            assert set(one.attrib) <= ALLOWED[str(one.tag)]
    assert "<script>alert(1)</script>" in "".join(root.itertext())
