"""Check 1: the parts of a challenge agree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.model import Challenge
from grader.settings import REPOSITORY
from grader.spec import load
from grader.testing import a_challenge
from grader.verify import form
from grader.verify.form import form_problems

Problems = Callable[..., list[str]]
SUITE = {"test_a": "entry.create", "test_b": "entry.stored", "test_c": "contract.routes"}
BRIEF = "repo.files entry.create entry.stored Dockerfile SECRET_KEY GET /entries"
CONTRACT = """openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /entries:
    get: {responses: {"200": {description: d}}}
"""


@pytest.fixture
def challenge(tmp_path: Path) -> Challenge:
    """One whose parts agree."""
    (tmp_path / "starter").mkdir()
    (tmp_path / "README.md").write_text(BRIEF)
    (tmp_path / "openapi.yml").write_text(CONTRACT)
    return a_challenge(root=tmp_path, contract=tmp_path / "openapi.yml")


@pytest.fixture
def suite(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The suite's tests to their criteria, in place of a survey in a process of its own."""
    tests = dict(SUITE)
    monkeypatch.setattr(form, "survey", lambda challenge: tests)
    return tests


def test_parts_that_agree_have_no_problems(challenge: Challenge, suite: dict[str, str]) -> None:
    """Built-in criteria need no test, and need not be priced."""
    assert form_problems(challenge) == []


def test_tests_and_criteria_that_miss_each_other(
    challenge: Challenge, suite: dict[str, str]
) -> None:
    """A criterion without test, a test of no criterion, a test without a mark."""
    suite |= {"test_b": "entry.store", "test_d": ""}
    assert form_problems(challenge) == [
        "entry.stored has no test; write one marked criterion('entry.stored').",
        (
            "test_b names 'entry.store', which is no criterion; mark it with "
            "@pytest.mark.criterion(ID)."
        ),
        "test_d names none; mark it with @pytest.mark.criterion(ID).",
    ]


def test_a_missing_brief_is_a_sentence(challenge: Challenge, suite: dict[str, str]) -> None:
    """And no crash over what it should name."""
    (challenge.root / "README.md").unlink()
    assert form_problems(challenge) == [
        "There is no README.md; a challenge without a brief cannot be answered."
    ]


def test_a_token_that_nothing_injects(challenge: Challenge, suite: dict[str, str]) -> None:
    """The contract may only ask for what the app is given."""
    operation = "get: {security: [{key: []}], responses:"
    scheme = (
        "components: {securitySchemes: {key: {type: http, scheme: bearer, x-injected: SESAME}}}"
    )
    text = CONTRACT.replace("get: {responses:", operation) + scheme
    (challenge.root / "openapi.yml").write_text(text)
    assert form_problems(challenge) == [
        "GET /entries asks for the token 'SESAME', which app.env does not inject."
    ]
    (challenge.root / "openapi.yml").write_text(text.replace("SESAME", "SECRET_KEY"))
    assert form_problems(challenge) == []


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("entry.create", "The brief does not name the visible criterion entry.create."),
        ("Dockerfile", "The brief does not name Dockerfile, which a solution needs."),
        ("SECRET_KEY", "The brief does not name SECRET_KEY, which a solution needs."),
        ("/entries", "The brief does not name the route GET /entries."),
    ],
)
def test_what_the_brief_leaves_out_is_named(
    challenge: Challenge, suite: dict[str, str], word: str, sentence: str
) -> None:
    """Everything that a test relies on stands in it."""
    (challenge.root / "README.md").write_text(BRIEF.replace(word, ""))
    assert form_problems(challenge) == [sentence]


def test_a_contract_that_is_none_is_told(challenge: Challenge, suite: dict[str, str]) -> None:
    """With the place in it."""
    (challenge.root / "openapi.yml").write_text(CONTRACT.replace("description: d", ""))
    (problem,) = form_problems(challenge)
    assert problem.startswith("openapi.yml at paths//entries/get/responses/200")


def test_a_missing_starter_is_a_sentence(challenge: Challenge, suite: dict[str, str]) -> None:
    """A student has something to begin with."""
    (challenge.root / "starter").rmdir()
    assert form_problems(challenge) == [
        "There is no starter/; a student has nothing to begin with."
    ]


def test_a_suite_is_surveyed_without_running_it() -> None:
    """Each test of the shipped challenge names a criterion."""
    todo = load(REPOSITORY / "challenges" / "todo-api")
    assert form_problems(todo) == []
