"""JSON Schema errors as sentences."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator

from grader.spec.schema import schema

Problems = Callable[..., list[str]]


def test_the_schema_is_one() -> None:
    """It is valid itself."""
    Draft7Validator.check_schema(schema())


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("title: Guestbook", "titel: G", ("challenge.yml:3: titel is not a key known here. "
         "Did you mean 'title'?")),
        ("points: 5", "point: 5", ("challenge.yml:17: criteria[2].point is not a key known "
         "here. Did you mean 'points'?")),
        ("path: /health", "zzz: 1", ("challenge.yml:9: app.ready.zzz is not a key known "
         "here. Known are path, status, within.")),
        ("points: 5", "hint: x", "challenge.yml:17: criteria[2] lacks 'points'; add it."),
        ("schema: 1", "schema: 2", "challenge.yml:1: schema is 2; it can be 1 only."),
        ("mode: dockerfile", "mode: dockerfil", ("challenge.yml:6: submission.mode is "
         '"dockerfil"; it can be dockerfile, compose, command. Did you mean \'dockerfile\'?')),
        ("points: 5", "points: 5, visibility: hiden", ("challenge.yml:17: criteria[2].visibility "
         'is "hiden"; it can be visible, hidden, after_deadline. Did you mean \'hidden\'?')),
        ("version: 1.2.0", "version: 1.2", ("challenge.yml:4: version is 1.2; it should be three "
         "numbers with dots between them, like 1.0.0.")),
        ("version: 1.2.0", "version: v1", ('challenge.yml:4: version is "v1"; it should be three '
         "numbers with dots")),
        ("/health}", "/health, within: 30}", ("challenge.yml:9: app.ready.within is 30; it should "
         "be a span of time with its unit: 250ms, 300s, 5m, 2h.")),
        ("/health}", "/health, within: 30 s}", ('challenge.yml:9: app.ready.within is "30 s"; it '
         "should be a span of time with its unit: 250ms, 300s, 5m, 2h.")),
        ("contract:", "limits: {memory: 1.5g}\ncontract:", ("challenge.yml:13: limits.memory is "
         '"1.5g"; it should be a size with its unit: 64k, 512m, 1g.')),
        ("contract:", "limits: {cpus: 0}\ncontract:", ("challenge.yml:13: limits.cpus is 0; "
         "it should be a number above 0 to 16.")),
        ("port: 5000", "port: 70000", ("challenge.yml:8: app.port is 70000; it should be a "
         "whole number from 1 to 65535.")),
        ("port: 5000", "port: true", ("challenge.yml:8: app.port is true; it should be a whole "
         "number.")),
        ("port: 5000", "port: 2026-11-21", ('challenge.yml:8: app.port is "2026-11-21"; it should '
         "be a whole number.")),
        ("LEVEL: 3", "LEVEL: [3]", ("challenge.yml:10: app.env.LEVEL is [3]; it should be text or "
         "a whole number.")),
        ("LEVEL: 3", "9X: 3", ("challenge.yml:10: app.env.9X is no name that can be used "
         "here; it should be letters, digits and _, and no digit first.")),
        ("points: 5", "points: 0", ("challenge.yml:17: criteria[2].points is 0; it should be a "
         "whole number from 1 to 100.")),
        ("[app.starts]", "[app.starts, app.starts]", ("challenge.yml:17: criteria[2].needs has "
         '"app.starts" twice; keep one.')),
        ("title: Create", f"title: {'x' * 121}", ("challenge.yml:17: criteria[2].title has 121 "
         "characters; 120 are the most.")),
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
        ("", "challenge.yml:1: it is empty; `grader new` writes one to begin with."),
        ("- a", 'challenge.yml:1: the document is ["a"]; it should be keys with their values.'),
    ],
)
def test_a_document_that_is_no_mapping(problems: Problems, text: str, sentence: str) -> None:
    """Nothing, and a list."""
    assert problems(text=text) == [sentence]


def test_a_last_newline_is_a_fault(problems: Problems) -> None:
    """The two validators think differently of it; it is said all the same."""
    (problem,) = problems(("/health}", '/health, within: "30s\\n"}'))
    assert "within must match pattern" in problem


def properties(node: object, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property of a schema, wherever it is declared."""
    if isinstance(node, dict):
        for name, inner in node.get("properties", {}).items():
            yield f"{path}.{name}", inner
        for key, inner in node.items():
            yield from properties(inner, f"{path}.{key}")


def test_an_editor_explains_every_property() -> None:
    """Each has a description; each text, number and list that is no choice has an example."""
    known = dict(properties(schema()))
    assert len(known) > 40
    assert [path for path, one in known.items() if len(one.get("description", "")) < 10] == []
    chosen = {"enum", "const", "$ref", "properties", "examples"}
    bare = [path for path, one in known.items() if not chosen & one.keys()]
    assert bare == [".criteria"]


def test_its_examples_fit() -> None:
    """An example that the schema refuses would teach a fault."""
    for path, one in properties(schema()):
        for example in one.get("examples", ()):
            whole = {**one, "definitions": schema()["definitions"]}
            assert list(Draft7Validator(whole).iter_errors(example)) == [], path


def test_patterns_have_words() -> None:
    """No author reads a regular expression."""
    text = json.dumps(schema())
    assert text.count('"pattern"') == text.count('"patternErrorMessage"')


@pytest.mark.parametrize(
    ("app", "criterion", "sentence"),
    [
        ("{port: 5000}", "docker.builds", "app.port: with `mode: command` nothing is reached"),
        ("{}", "app.starts", "app.starts is about an app that serves"),
        ("{}", "secrets.no_fallback", "secrets.no_fallback is about an app that serves"),
        ("{}", "compose.valid", "compose.valid is about an app that serves"),
    ],
)
def test_an_exam_of_a_command_says_nothing_of_an_app_that_serves(
    app: str, criterion: str, sentence: str, problems: Problems
) -> None:
    """Neither how it is reached nor what is looked at over HTTP."""
    text = (
        "schema: 1\nslug: guestbook\ntitle: G\nversion: 1.0.0\nsummary: S\n"
        f"submission: {{mode: command}}\napp: {app}\n"
        f"criteria:\n  - {{id: {criterion}, title: T, points: 1}}\n"
    )
    assert sentence in "\n".join(problems(text=text))


@pytest.mark.parametrize(
    ("app", "sentence"),
    [
        ("", "the document lacks 'app'; add it."),
        ("app: {port: 5000}\n", "app lacks 'ready'; add it."),
        ("app: {}\n", "app lacks 'port', 'ready'; add it."),
    ],
)
def test_an_app_that_serves_has_to_be_reached(app: str, sentence: str, problems: Problems) -> None:
    """Port and readiness, where the mode is not that of a command."""
    text = (
        "schema: 1\nslug: guestbook\ntitle: G\nversion: 1.0.0\nsummary: S\n"
        f"submission: {{mode: dockerfile}}\n{app}"
        "criteria:\n  - {id: docker.builds, title: T, points: 1}\n"
    )
    assert sentence in "\n".join(problems(text=text))
