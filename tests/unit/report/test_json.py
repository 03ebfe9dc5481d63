"""The JSON report: its published form, and what it never shows."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest

from grader.model import GradeReport, Outcome, Score, Visibility
from grader.report.console import roles_played
from grader.report.html import to_html
from grader.report.json import to_json
from grader.report.read import from_json
from grader.testing import a_challenge, a_result, graded
from tests.unit.report.examples import three

SCHEMA = Path(__file__).parents[3] / "docs" / "report.schema.json"


def load(report: GradeReport) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(to_json(report))
    fastjsonschema.validate(json.loads(SCHEMA.read_text("utf-8")), loaded)
    return loaded


@pytest.mark.parametrize("verdict", ["graded", "rejected", "ungradable"])
def test_each_verdict_fits_the_published_schema(verdict: str) -> None:
    """The form that programs may rely on."""
    assert load(three()[verdict])["verdict"] == verdict


def test_ungradable_has_no_score() -> None:
    """A failure of the platform is no zero."""
    assert "score" not in load(three()["ungradable"])


def test_the_schema_refuses_a_score_where_there_is_none() -> None:
    """The published schema itself says that an ungradable report has no score."""
    report = load(three()["ungradable"]) | {"score": {"earned": 0, "possible": 10}}
    with pytest.raises(fastjsonschema.JsonSchemaException):
        fastjsonschema.validate(json.loads(SCHEMA.read_text("utf-8")), report)


@pytest.mark.parametrize("visibility", [Visibility.HIDDEN, Visibility.AFTER_DEADLINE])
def test_hidden_criteria_show_title_and_hint_only(visibility: Visibility) -> None:
    """Neither rationale nor evidence of a hidden criterion is anywhere in the text."""
    challenge = a_challenge()
    hidden = replace(challenge.criteria[1], visibility=visibility)
    challenge = replace(challenge, criteria=(challenge.criteria[0], hidden, challenge.criteria[2]))
    lost = a_result("entry.create", Outcome.FAILED, rationale="the-reason", evidence="the-proof")
    text = to_json(graded(lost, challenge=challenge))
    assert "the-reason" not in text
    assert "the-proof" not in text
    assert "Return (body, 201)." in text


def test_points_are_exact() -> None:
    """A partly earned score is a fraction, not a rounded number."""
    report = replace(graded(), score=Score(earned=Fraction(7, 2), possible=10))
    assert load(report)["score"] == {"earned": "7/2", "possible": 10}


def test_roles_are_in_every_report() -> None:
    """Who plays which role is told where the exam names roles; a stored report keeps it."""
    report = three()["graded"]
    assert "roles" not in load(report)["run"]
    roles = {"app": "web", "worker": "jobs"}
    report = replace(report, provenance=replace(report.provenance, roles=roles))
    assert load(report)["run"]["roles"] == roles
    assert from_json(to_json(report)).provenance.roles == roles
    assert "Role worker</dt><dd>the service <code>jobs</code>" in to_html(report)
    assert roles_played(report.provenance) == [
        "Of the Compose file's services, app is 'web', worker is 'jobs'."
    ]
