"""The contract, tried out on small apps that keep or break it."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import pytest

from grader.exam.client import Client
from grader.exam.contract import Contract
from grader.exam.contract.checks import _free_flags
from grader.exam.contract.values import bad_bodies, good
from grader.exam.draw import Draw
from grader.exam.faults import Mismatch
from grader.testing import response, serve

DOCUMENT = """
openapi: 3.1.0
info: {title: Notes, version: "1"}
paths:
  /notes:
    get:
      responses:
        "200": {content: {application/json: {schema: {type: array}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/New"}}}}
      responses:
        "201": {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
        "400": {content: {application/json: {schema: {$ref: "#/components/schemas/Error"}}}}
  /notes/{id}:
    get:
      responses:
        "200": {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
        "404": {content: {application/json: {schema: {$ref: "#/components/schemas/Error"}}}}
components:
  schemas:
    New:
      type: object
      required: [text]
      properties: {text: {type: string, maxLength: 40}, done: {type: boolean}}
    Note:
      type: object
      required: [id, text]
      properties: {id: {type: integer}, text: {type: string}}
    Error:
      type: object
      required: [error]
      properties: {error: {type: string}}
"""
Fault = Callable[[str, str, int, object], tuple[int, object] | None]


class Notes:
    """An app that keeps the contract, unless `fault` says otherwise."""

    def __init__(self, fault: Fault = lambda method, path, status, body: None) -> None:
        self._fault = fault
        self._notes: list[dict[str, object]] = []

    def __call__(self, request: bytes, connection: socket.socket) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        method, path, _ = head.split(b" ", 2)
        status, answer, allow = self._answer(method.decode(), path.decode(), body)
        status, answer = self._fault(method.decode(), path.decode(), status, answer) or (
            status,
            answer,
        )
        headers = {"Content-Type": "application/json"} | ({"Allow": allow} if allow else {})
        connection.sendall(response(status, json.dumps(answer).encode(), **headers))

    def _answer(self, method: str, path: str, body: bytes) -> tuple[int, object, str]:
        if path == "/notes":
            if method == "GET":
                return 200, self._notes, ""
            if method != "POST":
                return 405, {"error": "no"}, "GET, HEAD, OPTIONS, POST"
            return self._create(body)
        found = [note for note in self._notes if path == f"/notes/{note['id']}"]
        if method != "GET":
            return 405, {"error": "no"}, "GET"
        return (200, found[0], "") if found else (404, {"error": "unknown"}, "")

    def _create(self, body: bytes) -> tuple[int, object, str]:
        try:
            new = json.loads(body)
            good = isinstance(new["text"], str) and len(new["text"]) <= 40
            good = good and isinstance(new.get("done", False), bool)
        except (ValueError, KeyError, TypeError):
            good = False
        if not good:
            return 400, {"error": "bad"}, ""
        note = {"id": len(self._notes) + 1, "text": new["text"]}
        self._notes.append(note)
        return 201, note, ""


@pytest.fixture
def contract(tmp_path: Path) -> Iterator[Callable[[Notes], Contract]]:
    (tmp_path / "openapi.yml").write_text(DOCUMENT)
    with _Servers() as servers:

        def bind(app: Notes) -> Contract:
            address = servers.start(app)
            client = Client(address, shown="http://localhost", deadline=2, body_cap=100_000)
            return Contract.read(tmp_path / "openapi.yml", client, Draw("1"))

        yield bind


class _Servers:
    def __enter__(self) -> Self:
        from contextlib import ExitStack

        self._stack = ExitStack()
        return self

    def start(self, app: Notes) -> tuple[str, int]:
        return self._stack.enter_context(serve(app))

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def everything(contract: Contract) -> None:
    for operation in contract.operations:
        contract.check_route(operation)
        if operation.body is not None:
            contract.check_bad_bodies(operation)
        if operation.parameters:
            contract.check_unknown_id(operation)
    for path in contract.paths:
        contract.check_methods(path)
    made = contract.create()
    contract.check_kept(made, "After nothing,")


def test_an_app_that_keeps_the_contract_passes(
    contract: Callable[[Notes], Contract],
) -> None:
    """Every check holds for a good app."""
    everything(contract(Notes()))


def never(method: str, path: str, status: int, body: object) -> None:
    return None


FAULTS: dict[str, tuple[Fault, str]] = {
    "no route": (lambda m, p, s, b: (404, {"error": "x"}) if p == "/notes" else None, "404"),
    "always 200": (lambda m, p, s, b: (200, b), "answered 200|expected"),
    "empty objects": (lambda m, p, s, b: (s, {}), "breaks the contract|no key"),
    "500 on bad input": (
        lambda m, p, s, b: (500, {"error": "x"}) if s == 400 else None,
        "should answer 400, not 500",
    ),
    "stack trace": (
        lambda m, p, s, b: (
            (s, {"error": "Traceback (most recent call last)"}) if s == 404 else None
        ),
        "shows a stack trace",
    ),
    "unknown id is 200": (
        lambda m, p, s, b: (200, {"id": 1, "text": "x"}) if s == 404 else None,
        "should answer 404, not 200",
    ),
    "methods taken": (
        lambda m, p, s, b: (200, {}) if s == 405 else None,
        "should answer 405, not 200",
    ),
    "error of another form": (
        lambda m, p, s, b: (s, {"message": "x"}) if s == 400 else None,
        r"\(400\) breaks the contract",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_breach_is_found_and_named(contract: Callable[[Notes], Contract], name: str) -> None:
    """Each way to break the contract has its sentence."""
    fault, why = FAULTS[name]
    with pytest.raises(Mismatch) as caught:
        everything(contract(Notes(fault)))
    assert re.search(why, str(caught.value)), str(caught.value)
    assert caught.value.exchange is not None


SCHEMA = {
    "type": "object",
    "required": ["title"],
    "properties": {
        "title": {"type": "string", "minLength": 1, "maxLength": 12},
        "due": {"type": ["string", "null"], "format": "date"},
        "level": {"enum": ["low", "high"]},
        "count": {"type": "integer", "minimum": 0, "maximum": 5},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}


def test_good_values_fit_and_bad_ones_do_not() -> None:
    """What is drawn is judged by a library that knows the specification."""
    from jsonschema import Draft7Validator

    judge = Draft7Validator(SCHEMA)
    draw = Draw("3")
    for full in (True, False):
        assert judge.is_valid(good(SCHEMA, draw, full=full))
    bad = list(bad_bodies(SCHEMA, draw))
    assert len(bad) > 8
    for one in bad:
        assert one.raw is not None or not judge.is_valid(one.json), one.what


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "is gone: it answered 404"), (500, "fails where it is asked for what had been stored")],
)
def test_an_app_that_fails_is_not_told_that_its_data_is_gone(
    status: int, words: str, contract: Callable[[Notes], Contract]
) -> None:
    """A connection from before that was not tested is another fault than a lost row."""

    def fault(method: str, path: str, answered: int, body: object) -> tuple[int, object] | None:
        lost = broken and method == "GET" and path != "/notes"
        return (status, {"error": "x"}) if lost else None

    broken: list[bool] = []
    under_test = contract(Notes(fault))
    made = under_test.create()
    broken.append(True)
    with pytest.raises(Mismatch, match=words):
        under_test.check_kept(made, "After MySQL was restarted,")


def test_one_is_made_for_a_yes_and_one_for_a_no(contract: Callable[[Notes], Contract]) -> None:
    """What is kept of the one may be lost of the other."""
    made = contract(Notes()).create_each()
    assert sorted(one.sent["done"] for one in made) == [False, True]
    assert len({one.path for one in made}) == 2


def test_a_yes_that_has_to_be_one_is_not_turned_round() -> None:
    """A schema may ask for `true`: to send `false` would be the grader's own mistake."""
    schema = {
        "properties": {
            "done": {"type": "boolean"},
            "agreed": {"type": "boolean", "const": True},
            "read": {"type": "boolean", "enum": [True]},
            "text": {"type": "string"},
        }
    }
    assert _free_flags(schema) == {"done"}
