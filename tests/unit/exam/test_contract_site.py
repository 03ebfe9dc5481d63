"""What a contract has alongside a resource: pages with names, forms, tokens, routes that fail."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from grader.exam.client import Client
from grader.exam.contract import Contract
from grader.exam.draw import Draw
from grader.exam.faults import Mismatch
from grader.testing import response, serve

DOCUMENT = """
openapi: 3.1.0
info: {title: Site, version: "1"}
paths:
  /hello/{name}:
    parameters:
      - {name: name, in: path, required: true, schema: {type: string}}
    get: {responses: {"200": {description: d}}}
  /users/{name}:
    get:
      parameters:
        - {name: name, in: path, required: true, example: a da, schema: {type: string}}
      responses: {"200": {description: d}, "404": {description: d}}
  /users:
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [name]
              properties: {name: {type: string, pattern: "^g", example: grace}}
      responses: {"303": {description: d}, "400": {description: d}}
  /boom:
    get: {responses: {"500": {description: d}}}
  /notes:
    post:
      security: [{key: []}]
      requestBody:
        content: {application/json: {schema: {type: object, required: [text],
          properties: {text: {type: string}}}}}
      responses: {"201": {description: d}, "400": {description: d}}
  /notes/{id}:
    get: {responses: {"200": {description: d}, "404": {description: d}}}
    delete:
      security: [{key: []}]
      responses: {"204": {description: d}, "404": {description: d}}
components:
  securitySchemes:
    key: {type: http, scheme: bearer, x-injected: API_TOKEN}
"""
TOKEN = b"authorization: bearer sesame"


class Site:
    """An app that keeps the contract, and notes the requests that it gets."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.boom = 500

    def __call__(self, request: bytes, connection: socket.socket) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        method, path, _ = head.decode().split(" ", 2)
        self.heard.append(f"{method} {path} {body.decode()}".strip())
        status = self.status(method, path, body, may=TOKEN in head.lower())
        answer = json.dumps({"id": 1} if method != "DELETE" else {})
        allow = {"Allow": "GET, POST, DELETE"} if status == 405 else {}
        typed = {"Content-Type": "application/json"}
        connection.sendall(response(status, answer.encode(), **typed, **allow))

    def status(self, method: str, path: str, body: bytes, *, may: bool) -> int:
        match method, path:
            case "GET", "/boom":
                return self.boom
            case "POST", "/users":
                return 303 if body == b"name=grace" else 400
            case "POST", "/notes":
                return (201 if b'"text": "' in body else 400) if may else 401
            case "DELETE", "/notes/1":
                return 204 if may else 401
            case "GET", "/notes/1" | "/users/a%20da":
                return 200
            case "GET", _ if path.startswith("/hello/"):
                return 200
        return 404 if "2147483600" in path else 405


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def contract(tmp_path: Path, site: Site) -> Iterator[Contract]:
    (tmp_path / "openapi.yml").write_text(DOCUMENT)
    with ExitStack() as stack:
        address = stack.enter_context(serve(site))
        client = Client(address, shown="http://localhost", deadline=2, body_cap=100_000)
        secrets = {"API_TOKEN": "sesame", "OTHER": "x"}
        yield Contract.read(tmp_path / "openapi.yml", client, Draw("1"), secrets)


def test_every_route_is_reached(contract: Contract, site: Site) -> None:
    """Names from examples or the schema, forms as forms, the token where it is asked for."""
    for operation in contract.operations:
        contract.check_route(operation)
    for path in contract.paths:
        contract.check_methods(path)
    assert "GET /users/a%20da" in site.heard
    assert "POST /users name=grace" in site.heard
    hello = [line for line in site.heard if line.startswith("GET /hello/")]
    assert hello
    assert all("%20" in line for line in hello)


def test_bad_bodies_come_with_the_token(contract: Contract, site: Site) -> None:
    """Without it the answer would be 401, which says nothing about the body."""
    notes = next(one for one in contract.operations if one.name == "POST /notes")
    contract.check_bad_bodies(notes)
    assert len(site.heard) > 3


def test_unknown_names_are_tried_where_404_is_declared(contract: Contract, site: Site) -> None:
    """Each parameter is unknown at once."""
    users = next(one for one in contract.operations if one.name == "GET /users/{name}")
    contract.check_unknown_id(users)
    assert site.heard == ["GET /users/2147483600"]


def test_a_route_that_should_fail_may_not_succeed(contract: Contract, site: Site) -> None:
    """Where only errors are declared, one of them is the answer."""
    site.boom = 200
    boom = next(one for one in contract.operations if one.name == "GET /boom")
    with pytest.raises(Mismatch, match="answered 200 where 500 was expected"):
        contract.check_route(boom)
