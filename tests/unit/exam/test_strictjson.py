"""JSON from an app that may send anything."""

import time

import pytest

from grader.exam.faults import Mismatch
from grader.exam.strictjson import BadJson, parse


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("NaN", "NaN is no JSON value"),
        ("[-Infinity]", "Infinity is no JSON value"),
        ('{"a": 1, "a": 2}', "stands twice"),
        ("[" * 70 + "]" * 70, "more than 64 deep"),
        ("7" * 5000, "limit"),
        ("{'a': 1}", "Expecting property name"),
        ("", "Expecting value"),
        ("[1] x", "Extra data"),
    ],
)
def test_what_is_no_strict_json_is_refused(text: str, why: str) -> None:
    """Python's parser takes some of it; RFC 8259 does not."""
    with pytest.raises(BadJson, match=why):
        parse(text)


def test_brackets_in_strings_do_not_count_as_depth() -> None:
    """Only real nesting is bounded."""
    assert parse('"' + "[" * 100 + '"') == "[" * 100


def test_a_missing_key_or_index_is_the_students_loss() -> None:
    """A suite that looks for what is not there fails the criterion; it does not crash."""
    answer = parse('{"items": [1], "name": "x"}')
    with pytest.raises(Mismatch, match="no key 'id'; it has items, name"):
        answer["id"]
    with pytest.raises(Mismatch, match="has 1 items; number 3"):
        answer["items"][3]
    with pytest.raises(Mismatch, match="where an object with 'id' was expected"):
        answer["items"]["id"]
    assert answer == {"items": [1], "name": "x"}


@pytest.mark.parametrize(
    "text",
    [
        '"\\' * 120_000, '["' + '\\"' * 120_000, '{"a":' * 60_000, "[" * 250_000,
        "1" * 250_000, '"' * 99_999,
    ],
    ids=lambda text: text[:6],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    """A string without an end is read once, not once from each of its quotes."""
    begun = time.process_time()
    with pytest.raises(BadJson):
        parse(text)
    assert time.process_time() - begun < 1
