"""The description of the API, as it is served."""

from __future__ import annotations

from typing import Any

from grader import __version__

NUMBER = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}
ERROR = {
    "description": "A sentence with what to do",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}
REFUSED = {str(code): ERROR for code in (401, 403, 404, 429, 503)}


def description() -> dict[str, Any]:
    """Return the OpenAPI document."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "The portal of practical exams", "version": __version__},
        "security": [{"token": []}],
        "paths": {
            "/api/v1/assignments": {"get": _get("The assignments that one may see", "Assignments")},
            "/api/v1/assignments/{number}/submissions": {"parameters": [NUMBER], "post": _send()},
            "/api/v1/submissions/{number}": {
                "parameters": [NUMBER],
                "get": _get("How far a submission is", "Submission"),
            },
            "/api/v1/submissions/{number}/report": {
                "parameters": [NUMBER],
                "get": _get("The report, as docs/report.schema.json has it", "Report"),
            },
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


def _answer(said: str, name: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": said, "content": {"application/json": {"schema": schema}}}


def _get(said: str, name: str) -> dict[str, Any]:
    return {"summary": said, "responses": {"200": _answer(said, name), **REFUSED}}


def _send() -> dict[str, Any]:
    binary = {"schema": {"type": "string", "format": "binary"}}
    words = {"type": "string", "pattern": "^[0-9a-f]{8,64}$"}
    return {
        "summary": "Hand in an archive: the body of the request",
        "parameters": [
            {"name": "name", "in": "query", "schema": {"type": "string", "maxLength": 200}},
            {"name": "request_key", "in": "query", "required": True, "schema": words},
        ],
        "requestBody": {"required": True, "content": {"application/octet-stream": binary}},
        "responses": {
            "201": _answer("It was handed in, or had been with the same key", "Submission"),
            **REFUSED,
            **{str(code): ERROR for code in (400, 409, 413)},
        },
    }


def _schemas() -> dict[str, Any]:
    moment = {"type": "string", "format": "date-time", "nullable": True}
    text, number = {"type": "string"}, {"type": "integer"}
    assignment = {
        "id": number, "title": text, "course": text, "opens": moment, "due": moment,
        "closes": moment,
    }  # fmt: skip
    submission = {
        "id": number, "number": number, "received": moment, "digest": text | {"nullable": True},
        "state": text, "over": {"type": "boolean"},
        "passed": {"type": "boolean", "nullable": True}, "earned": text | {"nullable": True},
        "possible": number | {"nullable": True}, "page": text,
        "by_hand": {
            "type": "array", "items": _object({"points": text, "comment": text, "by": text}),
        },
    }  # fmt: skip
    return {
        "Error": _object({"error": text}),
        "Assignments": _object(
            {"assignments": {"type": "array", "items": {"$ref": "#/components/schemas/Assignment"}}}
        ),
        "Assignment": _object(assignment),
        "Submission": _object(submission),
        "Report": {"type": "object", "required": ["format", "verdict", "criteria", "run"]},
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": sorted(properties), "properties": properties}
