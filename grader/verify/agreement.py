"""Check 1: the parts of a challenge agree - criteria, tests, brief and contract."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from grader.criteria import BUILTIN
from grader.exam.contract.document import declared
from grader.exam.contract.document import read as operations_of
from grader.exam.protocol import MarkedTest, Survey
from grader.model import Challenge, Visibility
from grader.text import nearest
from grader.verify.brief import names, required_problems, route_problems
from grader.verify.contract import contract_problems
from grader.verify.history import history_problems
from grader.verify.rubric import table_problems
from grader.verify.survey import survey
from grader.yamldoc import Document, read


@dataclass(frozen=True, kw_only=True)
class ChallengeParts:
    """What is wrong with the parts of a challenge, and what its suite draws."""

    problems: tuple[str, ...]
    """A sentence for each fault, with file and line; empty where all agrees."""
    fatal: bool
    """Whether no submission can be graded: the contract or a file of the suite cannot be read."""
    drawn: frozenset[str]
    """The criteria whose tests ask for random data, so that another seed may end otherwise."""


def form_problems(challenge: Challenge) -> list[str]:
    """Return a sentence for each fault, with file and line; empty where all agrees."""
    return list(form_of(challenge).problems)


def form_of(challenge: Challenge) -> ChallengeParts:
    """Look at spec, contract, suite, brief and starter of `challenge`; no engine is needed.

    Raises `PlatformError` where the suite's process does not end as it should.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:  # the suite is collected by another process
        surveyed = pool.submit(survey, challenge)
        contract = contract_problems(challenge.contract) if challenge.contract else []
        found = surveyed.result()
    return ChallengeParts(
        problems=tuple(_problems(challenge, contract, found)),
        fatal=bool(contract or found.problems),
        drawn=frozenset(one.criterion for one in found.tests if one.draws),
    )


def _problems(challenge: Challenge, contract: list[str], found: Survey) -> list[str]:
    routes = declared(challenge.contract) if challenge.contract and not contract else ()
    return [
        *contract,
        *(_token_problems(challenge) if routes else ()),
        *_suite_problems(challenge, found),
        *history_problems(challenge),
        *_brief_problems(challenge, routes),
        *_starter_problems(challenge),
    ]


def _suite_problems(challenge: Challenge, found: Survey) -> Iterator[str]:
    yield from found.problems
    known = [criterion.id for criterion in challenge.criteria]
    tested = {test.criterion for test in found.tests}
    spec = read(challenge.root / "challenge.yml")
    for index, criterion in enumerate(challenge.criteria):
        if criterion.id in tested or criterion.id in BUILTIN or found.problems:
            continue  # a file that cannot be collected may hold the test
        where = spec.at(("criteria", index))
        mark = f'@pytest.mark.criterion("{criterion.id}")'
        yield f"{where}: {criterion.id} has no test; mark one with {mark}."
    yield from _untested_parts(challenge, found, spec)
    for test in found.tests:
        if test.criterion and test.criterion not in (*known, *BUILTIN):
            near = nearest(test.criterion, known)
            said = f"names {test.criterion!r}, which is no criterion"
            yield f"{test.where}: {test.name} {said}.{near}"
        elif said := _part_problem(test, challenge):
            yield f"{test.where}: {test.name} {said}"
        elif not test.criterion:
            mark = "@pytest.mark.criterion(ID)"
            yield f"{test.where}: {test.name} names no criterion; mark it with {mark}."


def _untested_parts(challenge: Challenge, found: Survey, spec: Document) -> Iterator[str]:
    """Parts of criteria that no test names; none where a file cannot be collected."""
    named = {(test.criterion, test.part) for test in found.tests}
    for index, criterion in enumerate(() if found.problems else challenge.criteria):
        for at, part in enumerate(criterion.parts):
            if (criterion.id, part.id) not in named:
                mark = f'@pytest.mark.criterion("{criterion.id}", part="{part.id}")'
                where = spec.at(("criteria", index, "parts", at))
                yield f"{where}: the part {part.id} has no test; mark one with {mark}."


def _part_problem(test: MarkedTest, challenge: Challenge) -> str:
    """Return what is wrong with the part that a test names; empty where nothing is."""
    parts = {one.id: [part.id for part in one.parts] for one in challenge.criteria}
    known = parts.get(test.criterion, [])
    if test.part and test.part not in known:
        said = f"names the part {test.part!r}, which {test.criterion} does not have."
        return f"{said}{nearest(test.part, known)}"
    if known and not test.part:
        return (
            f"names no part of {test.criterion}, which earns in parts; add part= one of "
            f"{', '.join(known)}."
        )
    return ""


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
    yield from table_problems(brief, challenge.criteria)
    for name in (*challenge.required_files, *challenge.app.env):
        if not names(brief, name):
            yield f"README.md does not name {name}, which a solution needs; add it."
    if challenge.contract is not None and routes:
        yield from route_problems(brief, routes, challenge.contract.name)


def _starter_problems(challenge: Challenge) -> Iterator[str]:
    if not (challenge.root / "starter").is_dir():
        yield "There is no starter/; put a repository there that students begin with."
