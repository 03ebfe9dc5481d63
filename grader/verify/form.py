"""Check 1: the parts of a challenge agree - criteria, tests, brief and contract."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from grader.exam.contract.document import read
from grader.exam.runner import ExamProcess
from grader.model import Challenge, Visibility
from grader.phases.examining import suite_paths
from grader.spec.builtin import BUILTIN_NEEDS

SURVEY_SECONDS = 60


def form_problems(challenge: Challenge) -> list[str]:
    """A sentence for each fault; empty where all agrees."""
    return [
        *_suite_problems(challenge),
        *_brief_problems(challenge),
        *_contract_problems(challenge),
        *_starter_problems(challenge),
    ]


def survey(challenge: Challenge) -> dict[str, str]:
    """Each test of the suite, the built-in ones included, to the criterion that it names.

    A test that cannot be collected is listed with its fault as the criterion's place.
    """
    process = ExamProcess()
    try:
        exam = {"survey": True, "root": str(challenge.root), "paths": suite_paths(challenge.root)}
        done = process.examine(exam, {}, deadline=SURVEY_SECONDS, cancel=threading.Event())
    finally:
        process.close()
    rows = (line.split("\t", 1) for line in done.problems)
    return {test: criterion for criterion, test in rows}


def _suite_problems(challenge: Challenge) -> Iterator[str]:
    tests = survey(challenge)
    known = {criterion.id for criterion in challenge.criteria}
    tested = set(tests.values())
    for criterion in challenge.criteria:
        if criterion.id not in tested and criterion.id not in BUILTIN_NEEDS:
            yield f"{criterion.id} has no test; write one marked criterion({criterion.id!r})."
    for test, name in tests.items():
        if name not in known and name not in BUILTIN_NEEDS:
            named = f"names {name!r}, which is no criterion" if name else "names none"
            yield f"{test} {named}; mark it with @pytest.mark.criterion(ID)."


def _brief_problems(challenge: Challenge) -> Iterator[str]:
    brief = _brief(challenge)
    if brief is None:
        yield "There is no README.md; a challenge without a brief cannot be answered."
        return
    for criterion in challenge.criteria:
        if criterion.visibility is Visibility.VISIBLE and criterion.id not in brief:
            yield f"The brief does not name the visible criterion {criterion.id}."
    for name in (*challenge.required_files, *challenge.app.env):
        if name not in brief:
            yield f"The brief does not name {name}, which a solution needs."


def _brief(challenge: Challenge) -> str | None:
    path = challenge.root / "README.md"
    return path.read_text("utf-8") if path.is_file() else None


def _contract_problems(challenge: Challenge) -> Iterator[str]:
    if challenge.contract is None:
        return
    import yaml
    from openapi_spec_validator import OpenAPIV31SpecValidator

    document = yaml.safe_load(challenge.contract.read_bytes())
    for error in OpenAPIV31SpecValidator(document).iter_errors():
        place = "/".join(map(str, error.absolute_path))
        yield f"{challenge.contract.name} at {place or 'its top'}: {error.message}"
    brief = _brief(challenge)
    for operation in read(challenge.contract):
        if operation.token and operation.token not in challenge.app.env:
            yield (
                f"{operation.name} asks for the token {operation.token!r}, which app.env does not "
                "inject."
            )
        if brief is not None and operation.path not in brief:
            yield f"The brief does not name the route {operation.name}."


def _starter_problems(challenge: Challenge) -> Iterator[str]:
    if not (challenge.root / "starter").is_dir():
        yield "There is no starter/; a student has nothing to begin with."
