"""An OpenAPI 3.1 document: its operations, with references resolved.

https://spec.openapis.org/oas/v3.1.0 - local references only; schemas in draft 7 of JSON Schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

METHODS = ("get", "post", "put", "patch", "delete")
JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"
INJECTED = "x-injected"
"""In a bearer scheme: the variable of `app.env` whose value is the token."""
MAX_DEPTH = 32
SUITE_ONLY = "x-suite-only"
"""Marks an operation that the built-in criteria leave to the suite: a form with a token, say."""

Schema = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path."""

    method: str
    """In capitals."""
    path: str
    """As in the document, with `{parameters}`."""
    body: Schema | None
    """Schema of the JSON body that it takes; None where it takes none."""
    responses: Mapping[int, Schema | None]
    """Each declared status to the schema of its JSON body; None where it has no JSON body."""
    form: Schema | None = None
    """Schema of the form that it takes; None where it takes none."""
    samples: Mapping[str, Schema] = field(default_factory=dict)
    """The schema of each parameter in its path, with the parameter's own `example`."""
    token: str = ""
    """The injected variable whose value it asks for as a bearer token; empty where it asks none."""
    siblings: frozenset[str] = frozenset()
    """All methods that its path declares, in capitals."""

    @property
    def name(self) -> str:
        """`GET /todos/{id}`."""
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters in its path."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    def filled(self, values: Mapping[str, Any]) -> str:
        """Its path with the `values` of its parameters, by name, quoted as a path needs it."""
        path = self.path
        for name, value in values.items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        return path


def read(path: Path) -> tuple[Operation, ...]:
    """Return the operations of the document at `path` that can be tried out, in its order."""
    document = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    schemes = document.get("components", {}).get("securitySchemes", {})
    operations = []
    for template, item in document["paths"].items():
        siblings = frozenset(method.upper() for method in METHODS if method in item)
        for method in METHODS:
            if method in item and not item[method].get(SUITE_ONLY):
                shared = item.get("parameters", [])
                merged = item[method] | {"parameters": shared + item[method].get("parameters", [])}
                operation = _operation(method, template, _resolve(merged, document, 0), schemes)
                operations.append(replace(operation, siblings=siblings))
    return tuple(operations)


def declared(path: Path) -> tuple[str, ...]:
    """Every operation of the document at `path`, like `GET /todos/{id}`, in its order."""
    document = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    return tuple(
        f"{method.upper()} {template}"
        for template, item in document["paths"].items()
        for method in METHODS
        if method in item
    )


def plain_reads(path: Path | None) -> tuple[str, ...]:
    """Return the paths of the document at `path` that a plain GET can be sent to."""
    operations = read(path) if path else ()
    return tuple(one.path for one in operations if one.method == "GET" and not one.parameters)


def _operation(
    method: str, path: str, item: Mapping[str, Any], schemes: Mapping[str, Any]
) -> Operation:
    taken = item.get("requestBody", {}).get("content", {})
    responses = {
        int(status): response.get("content", {}).get(JSON_TYPE, {}).get("schema")
        for status, response in item["responses"].items()
        if str(status).isdigit()
    }
    return Operation(
        method=method.upper(),
        path=path,
        body=taken.get(JSON_TYPE, {}).get("schema"),
        responses=responses,
        form=taken.get(FORM_TYPE, {}).get("schema"),
        samples={
            one["name"]: {key: one[key] for key in ("example",) if key in one}
            | one.get("schema", {})
            for one in item["parameters"]
            if one["in"] == "path"
        },
        token=_token(item, schemes),
    )


def _token(item: Mapping[str, Any], schemes: Mapping[str, Any]) -> str:
    names = [name for requirement in item.get("security", ()) for name in requirement]
    return next((schemes[name][INJECTED] for name in names if INJECTED in schemes[name]), "")


def _resolve(value: Any, document: Mapping[str, Any], depth: int) -> Any:
    """`value` with each local `$ref` replaced by what it points at."""
    if depth > MAX_DEPTH:
        return {}  # a schema that holds itself accepts anything at that depth
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            found: Any = document
            for step in value["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            return _resolve(found, document, depth + 1)
        return {key: _resolve(item, document, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolve(item, document, depth + 1) for item in value]
    return value
