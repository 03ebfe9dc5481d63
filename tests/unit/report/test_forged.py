"""Any document of the published form is read and rendered, or refused with a sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree

from grader.report.format_names import FORMATS
from grader.report.formats import render
from grader.report.markdown import COMMENT
from grader.report.read import from_json
from tests.workflow_commands import commands


@pytest.mark.slow
def test_whatever_it_holds_is_shown_and_not_obeyed() -> None:
    """Each format stays in its own form: XML, JSON, commands, lines of outputs."""
    # here, as half a second would pass before any of the tests runs
    from hypothesis import HealthCheck, given, settings

    from tests.unit.report.forged_documents import documents

    options = settings(
        max_examples=60, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    options(given(documents())(is_shown_and_not_obeyed))()


def is_shown_and_not_obeyed(document: dict[str, Any]) -> None:
    """Check each format of a report."""
    report = from_json(json.dumps(document))
    shown = {name: render(report, name) for name in FORMATS}
    etree.fromstring(shown["junit"].encode())
    for name in ("json", "sarif", "ctrf", "gradescope"):
        json.loads(shown[name])
    assert "<script" not in shown["html"]
    assert len(shown["markdown"]) <= COMMENT
    assert len(shown["outputs"].splitlines()) == 5
    assert len(commands(shown["annotations"])) == shown["annotations"].count("\n")
