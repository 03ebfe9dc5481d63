"""JSON Schema errors as sentences."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from jsonschema import Draft7Validator

from grader.spec.problems import schema

Problems = Callable[..., list[str]]


def test_the_schema_is_one() -> None:
    """It is valid itself."""
    Draft7Validator.check_schema(schema())


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("title: Guestbook", "titel: G", ("challenge.yml:3: titel is not a key that is known here. "
         "Did you mean 'title'?")),
        ("points: 5", "point: 5", ("challenge.yml:17: criteria[2].point is not a key that is known "
         "here. Did you mean 'points'?")),
        ("path: /health", "zzz: 1", ("challenge.yml:9: app.ready.zzz is not a key that is known "
         "here.")),
        ("points: 5", "hint: x", "challenge.yml:17: criteria[2] lacks 'points'; add it."),
        ("schema: 1", "schema: 2", "challenge.yml:1: schema is 2: 1 was expected."),
        ("mode: dockerfile", "mode: dockerfil", ("challenge.yml:6: submission.mode is "
         '"dockerfil"; it can be dockerfile, compose. Did you mean \'dockerfile\'?')),
        ("points: 5", "points: 5, visibility: hiden", ("challenge.yml:17: criteria[2].visibility "
         'is "hiden"; it can be visible, hidden, after_deadline. Did you mean \'hidden\'?')),
        ("version: 1.2.0", "version: 1.2", ("challenge.yml:4: version is 1.2; it should be of type "
         "string.")),
        ("version: 1.2.0", "version: v1", ('challenge.yml:4: version is "v1"; it should be: text '
         "like ^[0-9]+")),
        ("/health}", "/health, within: 30}", ("challenge.yml:9: app.ready.within is 30; it should "
         "be of type string.")),
        ("/health}", "/health, within: 30 s}", ('challenge.yml:9: app.ready.within is "30 s"; it '
         "should be: A span of time: 300s, 5m, 2h.")),
        ("contract:", "limits: {memory: 1.5g}\ncontract:", ("challenge.yml:13: limits.memory is "
         '"1.5g"; it should be: A size: 512m, 64k, 1g.')),
        ("contract:", "limits: {cpus: 0}\ncontract:", "challenge.yml:13: limits.cpus is 0: "),
        ("port: 5000", "port: 70000", "challenge.yml:8: app.port is 70000: "),
        ("port: 5000", "port: true", ("challenge.yml:8: app.port is true; it should be of type "
         "integer.")),
        ("port: 5000", "port: 2026-11-21", ('challenge.yml:8: app.port is "2026-11-21"; it should '
         "be of type integer.")),
        ("LEVEL: 3", "LEVEL: [3]", ("challenge.yml:10: app.env.LEVEL is [3]; it should be of type "
         "string or integer.")),
        ("LEVEL: 3", "9X: 3", 'challenge.yml:10: app.env is "9X"; it should be: text like '),
        ("points: 5", "points: 0", "challenge.yml:17: criteria[2].points is 0: "),
        ("[app.starts]", "[app.starts, app.starts]", ("challenge.yml:17: criteria[2].needs is "
         '["app.starts", "app.starts"]: ')),
        ("title: Create", f"title: {'x' * 121}", 'challenge.yml:17: criteria[2].title is "xxx'),
        ("mysql:8.4", "postgres:16", 'challenge.yml:12: services.mysql.image is "postgres:16"; '),
    ],
)  # fmt: skip
def test_each_fault_is_a_sentence(problems: Problems, old: str, new: str, sentence: str) -> None:
    """File, line, place, value and what it should be."""
    found = problems((old, new))
    assert any(problem.startswith(sentence) for problem in found), found
    assert all(len(problem) < 400 for problem in found)


def test_what_is_missing_is_said_once(problems: Problems) -> None:
    """Two keys that a place lacks are one sentence."""
    assert problems(("title: Create, points: 5, ", "")) == [
        "challenge.yml:17: criteria[2] lacks 'title', 'points'; add it."
    ]


def test_all_faults_are_said_at_once_in_their_order(problems: Problems) -> None:
    """One correction at a time would be a long afternoon."""
    found = problems(("points: 5", "points: x"), ("title: Guestbook", "title: 1"), ("5000", "a"))
    assert [problem.split(":")[1] for problem in found] == ["3", "8", "17"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "challenge.yml:1: the document is null; it should be of type object."),
        ("- a", 'challenge.yml:1: the document is ["a"]; it should be of type object.'),
    ],
)
def test_a_document_that_is_no_mapping(problems: Problems, text: str, sentence: str) -> None:
    """Nothing, and a list."""
    assert problems(text=text) == [sentence]


def test_a_last_newline_is_a_fault(problems: Problems) -> None:
    """The two validators think differently of it; it is said all the same."""
    (problem,) = problems(("/health}", '/health, within: "30s\\n"}'))
    assert "within must match pattern" in problem
