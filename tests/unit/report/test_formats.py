"""What holds of every format: its golden form, hidden criteria, hostile text, hasty readers."""

from __future__ import annotations

import re

import pytest

from grader.errors import UsageError
from grader.report.format_names import FORMATS
from grader.report.formats import render
from grader.report.json import to_json
from grader.report.read import from_json
from tests.unit.report.examples import ENDINGS, EVIL, GOLDEN, hidden, hostile, three

VERDICTS = ("graded", "rejected", "ungradable")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("name", FORMATS)
def test_each_format_has_its_golden_form(name: str, verdict: str) -> None:
    """Pinned for each verdict (`python -m tests.unit.report.examples` writes them again)."""
    text = render(three()[verdict], name)
    assert text == (GOLDEN / f"{verdict}.{ENDINGS[name]}").read_text("utf-8")
    assert text.endswith("\n")


@pytest.mark.parametrize("name", FORMATS)
def test_hidden_criteria_show_title_and_hint_only(name: str) -> None:
    """Neither reason nor evidence nor place, however they were lost, also after a round trip."""
    for report in hidden():
        for one in (report, from_json(to_json(report))):
            text = render(one, name)
            assert not re.search(r"the-(reason|proof|place|message)", text), text


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("name", FORMATS)
def test_a_stored_report_renders_alike(name: str, verdict: str) -> None:
    """What is read back loses nothing that a format shows."""
    report = three()[verdict]
    assert render(from_json(to_json(report)), name) == render(report, name)


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("name", FORMATS)
def test_no_control_character_gets_through(name: str, verdict: str) -> None:
    """Neither escape sequences nor overrides of direction, raw or escaped as JSON does it."""
    text = render(from_json(to_json(hostile()[verdict])), name)
    assert not CONTROL.search(text)
    assert not re.search(r"\\u00[01]|\\u202|\\ud8|&#(x1b|27|0|8238);", text, re.IGNORECASE)
    text.encode("utf-8")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.slow
def test_huge_evidence_is_bounded(name: str) -> None:
    """A megabyte of text in every field stays readable, but for JSON, which holds all."""
    if name == "json":
        return
    for report in hostile("y" * 1_000_000).values():
        assert len(render(report, name)) < 1_000_000


def test_ungradable_is_no_zero_anywhere() -> None:
    """No format gives a number of points earned, nor calls anything failed."""
    for name in FORMATS:
        if name == "json":
            continue  # its rows keep what was found, for whoever fixes it
        text = render(three()["ungradable"], name)
        assert not re.search(r"\b0 of 10|\b0/\d|\"score\"|score=\d|<failure|: \"failed\"", text), (
            name
        )


def test_an_unknown_format_gets_the_nearest_name() -> None:
    """With all that there are."""
    with pytest.raises(UsageError, match=r"there are html, json.*Did you mean 'markdown'"):
        render(three()["graded"], "markdwn")


def test_evil_is_evil() -> None:
    """The hostile text holds what it is named for."""
    assert all(sign in EVIL for sign in ("\x1b", "<script>", "::error", "```", "@everyone"))
