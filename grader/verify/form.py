"""Check 1: the parts of a challenge agree - criteria, tests, brief and contract."""

from __future__ import annotations

from collections.abc import Iterator

from grader.exam.contract.document import declared
from grader.exam.contract.document import read as operations_of
from grader.model import Challenge, Visibility
from grader.spec.builtin import BUILTIN_NEEDS
from grader.text import nearest
from grader.verify.brief import names, required_problems, route_problems
from grader.verify.contract import contract_problems
from grader.verify.survey import survey
from grader.yamldoc import read


def form_problems(challenge: Challenge) -> list[str]:
    """A sentence for each fault, with file and line; empty where all agrees."""
    contract = contract_problems(challenge.contract) if challenge.contract else []
    routes = declared(challenge.contract) if challenge.contract and not contract else ()
    return [
        *contract,
        *(_token_problems(challenge) if routes else ()),
        *_suite_problems(challenge),
        *_brief_problems(challenge, routes),
        *_starter_problems(challenge),
    ]


def _suite_problems(challenge: Challenge) -> Iterator[str]:
    found = survey(challenge)
    yield from found.problems
    known = [criterion.id for criterion in challenge.criteria]
    tested = {test.criterion for test in found.tests}
    spec = read(challenge.root / "challenge.yml")
    for index, criterion in enumerate(challenge.criteria):
        if criterion.id in tested or criterion.id in BUILTIN_NEEDS or found.problems:
            continue  # a file that cannot be collected may hold the test
        where = spec.at(("criteria", index))
        mark = f'@pytest.mark.criterion("{criterion.id}")'
        yield f"{where}: {criterion.id} has no test; mark one with {mark}."
    for test in found.tests:
        if test.criterion and test.criterion not in (*known, *BUILTIN_NEEDS):
            near = nearest(test.criterion, known)
            said = f"names {test.criterion!r}, which is no criterion"
            yield f"{test.where}: {test.name} {said}.{near}"
        elif not test.criterion:
            mark = "@pytest.mark.criterion(ID)"
            yield f"{test.where}: {test.name} names no criterion; mark it with {mark}."


def _token_problems(challenge: Challenge) -> Iterator[str]:
    assert challenge.contract is not None
    for operation in operations_of(challenge.contract):
        if operation.token and operation.token not in challenge.app.env:
            yield (
                f"{operation.name} asks for the token {operation.token!r}, which app.env does not "
                "inject."
            )


def _brief_problems(challenge: Challenge, routes: tuple[str, ...]) -> Iterator[str]:
    path = challenge.root / "README.md"
    if not path.is_file():
        yield "There is no README.md; write the brief that students read."
        return
    brief = path.read_text("utf-8", "replace")
    for criterion in challenge.criteria:
        if criterion.visibility is Visibility.VISIBLE and not names(brief, criterion.id):
            yield f"README.md does not name the visible criterion {criterion.id}; add it."
    yield from required_problems(brief, challenge.criteria)
    for name in (*challenge.required_files, *challenge.app.env):
        if not names(brief, name):
            yield f"README.md does not name {name}, which a solution needs; add it."
    if challenge.contract is not None and routes:
        yield from route_problems(brief, routes, challenge.contract.name)


def _starter_problems(challenge: Challenge) -> Iterator[str]:
    if not (challenge.root / "starter").is_dir():
        yield "There is no starter/; put a repository there that students begin with."
