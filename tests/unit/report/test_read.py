"""Stored reports: read back whole, and refused with a sentence where they are none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.errors import ReportUnreadable
from grader.model import Graded
from grader.report.json import to_json
from grader.report.read import MAX_CHARACTERS, from_file, from_json
from tests.unit.report.examples import hidden, three

Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize("verdict", ["graded", "rejected", "ungradable"])
def test_nothing_is_lost_between_writing_and_reading(verdict: str) -> None:
    """The same JSON comes of what was read."""
    text = to_json(three()[verdict])
    assert to_json(from_json(text)) == text


def test_a_report_of_version_1_is_read() -> None:
    """It had another name for what students read in the place of a reason."""
    document = json.loads(to_json(three()["graded"]))
    lost = next(one for one in document["criteria"] if one["outcome"] == "failed")
    lost["hidden_reason"] = "It was lost."
    new = from_json(json.dumps(document))
    lost["withheld"] = lost.pop("hidden_reason")
    assert from_json(json.dumps({**document, "format": 1})) == new
    assert isinstance(new, Graded)
    assert "It was lost." in [one.hidden_reason for one in new.results]


def test_what_is_hidden_stays_hidden() -> None:
    """A second round changes nothing, and there is nothing to bring back."""
    for report in hidden():
        text = to_json(report)
        assert to_json(from_json(text)) == text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda one: one.update(format=3), "data.format does not hold to the form's enum [1, 2]"),
        (lambda one: one.pop("run"), "data does not hold to the form's required"),
        (lambda one: one.update(extra=1), "additionalProperties false"),
        (lambda one: one["score"].update(earned=10), "its score is not the sum of its criteria"),
        (lambda one: one["score"].update(earned="1/0"), "score.earned does not hold"),
        (lambda one: one.update(passed=True), "`passed` does not follow from its score"),
        (lambda one: one["criteria"][1].update(earned=5), "entry.create cannot have earned 5"),
        (lambda one: one["criteria"][1].update(id="repo.files"), "an id of a criterion stands twi"),
        (lambda one: one["criteria"][0].update(points=10**30), "does not hold to the form's maxim"),
        (lambda one: one["criteria"][0].update(outcome="won"), "does not hold to the form's enum"),
        (lambda one: one["run"].update(started="yesterday"), "run.started does not hold"),
        (
            lambda one: one["run"].update(started="2026-13-45T00:00:00Z"),
            "run.started does not hold",
        ),
        (lambda one: one["run"]["timings"][0].update(end=1e999), "does not hold"),
    ],
)
def test_a_document_that_is_no_report_is_refused(change: Change, sentence: str) -> None:
    """The sentence names the place, and what to do."""
    document = json.loads(to_json(three()["graded"]))
    change(document)
    with pytest.raises(ReportUnreadable) as raised:
        from_json(json.dumps(document).replace("Infinity", "1e999"), name="x.json")
    assert str(raised.value).startswith("x.json is no report of this grader: ")
    assert sentence in str(raised.value)
    assert str(raised.value).endswith("Name a file that `grader grade --json` wrote.")
    assert len(str(raised.value)) < 600


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "NaN", "[" * 100_000, '{"format": ' + "1" * 5000 + "}", "\ufeff{}"],
)
def test_text_that_is_no_json_is_refused(text: str) -> None:
    """Neither a deep document nor a long number nor a constant does more than that."""
    with pytest.raises(ReportUnreadable):
        from_json(text)


def test_a_file_is_read_up_to_a_bound(tmp_path: Path) -> None:
    """What is longer, not there, a folder, or no UTF-8 is said."""
    long, binary = tmp_path / "long.json", tmp_path / "binary.json"
    long.write_text(" " * (MAX_CHARACTERS + 2))
    binary.write_bytes(b"\xff\xfe\x00")
    for path, sentence in (
        (long, "it is longer than 16 MiB"),
        (binary, "it is no text in UTF-8"),
        (tmp_path, "Is a directory"),
        (tmp_path / "none.json", "No such file"),
    ):
        with pytest.raises(ReportUnreadable, match=sentence):
            from_file(path)


def test_texts_are_cleaned_on_reading() -> None:
    """A forged report can hold what the grader would never have written."""
    document = json.loads(to_json(three()["graded"]))
    document["criteria"][1]["rationale"] = "\x1b[31m\u202egnp \ud800"
    report = from_json(json.dumps(document))
    assert "\\u001b" not in to_json(report)
    assert "\u202e" not in to_json(report)


@pytest.mark.parametrize(
    ("changes", "need"),
    [
        ({}, "entry.create"),
        ({"need": ""}, ""),
        ({"need": None}, "entry.create"),
        ({"need": None, "rationale": "The examination ended before."}, ""),
        ({"need": None, "outcome": "failed"}, ""),
    ],
)
def test_what_a_criterion_needs_is_told_by_its_field(
    changes: dict[str, str | None], need: str
) -> None:
    """Of a report of an older version, which has none, the rationale tells it."""
    document = json.loads(to_json(three()["graded"]))
    row = document["criteria"][2] | changes
    document["criteria"][2] = {key: value for key, value in row.items() if value is not None}
    read = from_json(json.dumps(document))
    assert isinstance(read, Graded)
    assert read.results[2].need == need
