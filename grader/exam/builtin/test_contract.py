"""`contract.*`: the app keeps the challenge's OpenAPI document."""

import pytest

from grader.exam.app import App
from grader.exam.contract import Contract
from grader.exam.draw import Draw

FUZZ_SECONDS = 20


@pytest.mark.criterion("contract.routes")
def test_every_declared_route_answers_as_declared(contract: Contract) -> None:
    for operation in contract.operations:
        contract.check_route(operation)


@pytest.mark.criterion("contract.methods")
def test_other_methods_answer_405_with_allow(contract: Contract) -> None:
    for path in contract.paths:
        contract.check_methods(path)


@pytest.mark.criterion("contract.errors")
def test_bad_input_gets_a_declared_error(contract: Contract) -> None:
    for operation in contract.operations:
        if operation.body is not None:
            contract.check_bad_bodies(operation)


@pytest.mark.criterion("contract.errors")
def test_unknown_ids_answer_404(contract: Contract) -> None:
    for operation in contract.operations:
        if operation.parameters and 404 in operation.responses:
            contract.check_unknown_id(operation)


@pytest.mark.criterion("contract.fuzz")
def test_odd_input_is_answered(app: App, contract: Contract, draw: Draw) -> None:
    from grader.exam.fuzz import fuzz

    fuzz(contract, app, seed=draw.integer(0, 2**32), seconds=FUZZ_SECONDS)
