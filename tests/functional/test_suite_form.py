"""Check 1: the parts of a challenge agree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.exam.protocol import MarkedTest, Survey
from grader.model import Challenge
from grader.settings import REPOSITORY
from grader.spec.loader import load
from grader.testing import a_challenge
from grader.verify import agreement
from grader.verify.agreement import form_problems

SUITE = {"test_a": "entry.create", "test_b": "entry.stored", "test_c": "contract.routes"}
BRIEF = "repo.files entry.create entry.stored Dockerfile SECRET_KEY GET /entries"
CONTRACT = """openapi: 3.1.0
jsonSchemaDialect: "http://json-schema.org/draft-07/schema#"
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

    def survey(challenge: Challenge) -> Survey:
        found = (
            MarkedTest(name=name, path="tests/test_it.py", line=1, criterion=criterion)
            for name, criterion in tests.items()
        )
        return Survey(tests=tuple(found))

    monkeypatch.setattr(agreement, "survey", survey)
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
        (
            "challenge.yml:1: criteria[2]: entry.stored has no test; mark one with "
            '@pytest.mark.criterion("entry.stored").'
        ),
        (
            "tests/test_it.py:1: test_b names 'entry.store', which is no criterion. "
            "Did you mean 'entry.stored'?"
        ),
        ("tests/test_it.py:1: test_d names no criterion; mark it with @pytest.mark.criterion(ID)."),
    ]


def test_a_missing_brief_is_a_sentence(challenge: Challenge, suite: dict[str, str]) -> None:
    """And no crash over what it should name."""
    (challenge.root / "README.md").unlink()
    assert form_problems(challenge) == [
        "There is no README.md; write the brief that students read."
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
        ("entry.create", "README.md does not name the visible criterion entry.create; add it."),
        ("Dockerfile", "README.md does not name Dockerfile, which a solution needs; add it."),
        ("SECRET_KEY", "README.md does not name SECRET_KEY, which a solution needs; add it."),
        ("/entries", "README.md does not name the route GET /entries of openapi.yml; add it."),
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
    assert problem == "openapi.yml:6: paths./entries.get.responses.200 lacks 'description'; add it."


def test_a_missing_starter_is_a_sentence(challenge: Challenge, suite: dict[str, str]) -> None:
    """A student has something to begin with."""
    (challenge.root / "starter").rmdir()
    assert form_problems(challenge) == [
        "There is no starter/; put a repository there that students begin with."
    ]


def test_a_suite_is_surveyed_without_running_it() -> None:
    """Each test of the shipped challenges names a criterion, and their briefs say all."""
    for slug in ("todo-api", "two-tier-compose", "accounts"):
        assert form_problems(load(REPOSITORY / "challenges" / slug)) == []


TABLE = """
| route | does |
|---|---|
| `GET /entries` | the list |
| `POST /entries` | one more |
| `GET /entries/<int:entry_id>?full=1` | one |
"""


def test_the_routes_table_and_the_contract_agree(
    challenge: Challenge, suite: dict[str, str]
) -> None:
    """A row that the contract does not declare is found; names of parameters do not matter."""
    (challenge.root / "README.md").write_text(BRIEF + TABLE)
    more = '  /entries/{id}:\n    get: {responses: {"200": {description: d}}, x-suite-only: true}\n'
    more += "    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]\n"
    (challenge.root / "openapi.yml").write_text(CONTRACT + more)
    (problem,) = form_problems(challenge)
    assert problem.startswith("README.md:5: openapi.yml does not declare the route POST /entries.")


def test_a_file_that_cannot_be_collected_is_named(challenge: Challenge) -> None:
    """With the reason, and nothing is said of the tests that may be in it."""
    (challenge.root / "tests").mkdir()
    (challenge.root / "tests" / "test_it.py").write_text("def test_a(:\n")
    (problem,) = form_problems(challenge)
    assert problem.startswith("tests/test_it.py:1: it cannot be collected: ")
    assert "SyntaxError" in problem
    assert "\n" not in problem


def test_the_brief_says_what_is_required(challenge: Challenge, suite: dict[str, str]) -> None:
    """On a line that names it; a name that ends in the word does not say so."""
    first, *others = challenge.criteria
    required = replace(challenge, criteria=(replace(first, required=True), *others))
    brief = required.root / "README.md"
    brief.write_text(f"{BRIEF}\nauth.required repo.files\n")
    (problem,) = form_problems(required)
    assert problem == (
        "README.md does not say that repo.files is required; write `repo.files` **required** into "
        "its row, or a sentence."
    )
    for said in ("| `repo.files` **required** | They are there |", "Required: `repo.files`."):
        brief.write_text(f"{BRIEF}\n{said}\n")
        assert form_problems(required) == []


def test_the_brief_calls_nothing_else_required(challenge: Challenge, suite: dict[str, str]) -> None:
    """A row's first cell; in a title the word is only a word."""
    brief = challenge.root / "README.md"
    brief.write_text(f"{BRIEF}\n| `entry.create` | A title is required | 5 |\n")
    assert form_problems(challenge) == []
    brief.write_text(f"{BRIEF}\n| `entry.create` **required** | A title | 5 |\n")
    (problem,) = form_problems(challenge)
    assert problem == (
        "README.md:2: entry.create is said to be required, and challenge.yml does not say so; "
        "write `required: true` there, or take the word out."
    )
