"""CTRF, checked with the schema that its makers publish."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from grader.report.formats import render
from tests.unit.report.examples import hostile, three

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "ctrf-schema-0.0.json").read_text("utf-8"))
STATUSES = ("passed", "failed", "skipped", "pending", "other")


def results(verdict: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render(three()[verdict], "ctrf"))["results"]
    return found


@pytest.mark.parametrize("verdict", ["graded", "rejected", "ungradable"])
def test_the_published_schema_accepts_it(verdict: str) -> None:
    """Hostile texts, too; the counts are those of the tests."""
    for report in (three()[verdict], hostile()[verdict]):
        document = json.loads(render(report, "ctrf"))
        assert [one.message for one in Draft7Validator(SCHEMA).iter_errors(document)] == []
        summary, tests = document["results"]["summary"], document["results"]["tests"]
        assert {name: summary[name] for name in STATUSES} == {
            name: sum(one["status"] == name for one in tests) for name in STATUSES
        }


def test_a_loss_has_its_line_and_points() -> None:
    """The first place; half a point is a number with a point."""
    first, second, third = results("graded")["tests"]
    assert (first["filePath"], first["line"], first["extra"]["earned"]) == ("app.py", 7, 0.5)
    assert second["trace"].startswith("curl -i")
    assert third["status"] == "skipped"
    assert results("graded")["summary"]["extra"]["score"] == 0.5


def test_without_a_score_the_platform_is_what_is_wrong() -> None:
    """`healthy` is CTRF's word for it; no test failed, and no points are named."""
    found = results("ungradable")
    assert found["environment"]["healthy"] is False
    assert [one["status"] for one in found["tests"]] == ["other", *["skipped"] * 3]
    assert "score" not in found["summary"]["extra"]
    assert results("rejected")["environment"]["healthy"] is True
    assert [one["status"] for one in results("rejected")["tests"]] == ["failed", *["skipped"] * 3]
