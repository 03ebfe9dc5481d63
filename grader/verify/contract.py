"""The contract of a challenge, checked as a document: valid OpenAPI 3.1 in the dialect we read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from grader.exam.contract.document import METHODS
from grader.spec.problems import fault
from grader.text import clip, nearest
from grader.yamldoc import Document, Place, read

DIALECT = "http://json-schema.org/draft-07/schema#"
"""What fastjsonschema compiles, without which no answer can be checked."""
UNEXPECTED = re.compile(r"'([^']+)'")
PARAMETER = re.compile(r"Path parameter '(.+)' for '.+' operation in '(.+)' was not resolved")


def contract_problems(path: Path) -> list[str]:
    """Return a sentence for each fault of the OpenAPI document at `path`, with its line.

    By line.
    """
    document = read(path)
    if not document.whole or document.problems:
        return document.problems
    if not isinstance(document.value, dict):
        return [f"{document.name}:1: it should be an OpenAPI document: keys with their values."]
    found = [*_reference_problems(document)] or [*_validity_problems(document)]
    return [*_dialect_problems(document), *dict.fromkeys(found)]


def _dialect_problems(document: Document) -> Iterator[str]:
    dialect = document.value.get("jsonSchemaDialect")
    if dialect is None:
        yield f"{document.name}:1: it lacks `jsonSchemaDialect: {DIALECT}`; add it at the top."
    elif str(dialect).rstrip("#") != DIALECT.rstrip("#"):
        where = document.at(("jsonSchemaDialect",))
        yield f"{where} is {clip(str(dialect), 80)!r}; it should be {DIALECT!r}."


def _reference_problems(document: Document) -> Iterator[str]:
    """Yield references that lead nowhere or out of the document: the validator stops at one."""
    for place, target in _references(document.value, ()):
        if not target.startswith("#/"):
            yield f"{document.at(place)} is {target!r}; references stay in this file: `#/…`."
            continue
        found: Any = document.value
        for step in target.removeprefix("#/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or name not in found:
                near = nearest(name, list(found)) if isinstance(found, dict) else ""
                yield f"{document.at(place)} is {target!r}, which is not in this file.{near}"
                break
            found = found[name]


def _references(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield (*place, "$ref"), value["$ref"]
        for key, item in value.items():
            yield from _references(item, (*place, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _references(item, (*place, index))


def _validity_problems(document: Document) -> Iterator[str]:
    for error in _validator()(document.value).iter_errors():
        place = _place(document, error)
        if error.validator == "unevaluatedProperties":
            for key in UNEXPECTED.findall(error.message.partition("(")[2]):
                where = document.at((*place, key))
                yield f"{where} is no key that OpenAPI knows here.{nearest(key, list(METHODS))}"
        elif match := PARAMETER.search(error.message):
            where = document.at(("paths", match[2]))
            yield f"{where}: the parameter {match[1]!r} is in the path, but not in `parameters`."
        elif isinstance(error.validator, str) and error.validator not in {"anyOf", "oneOf", "if"}:
            yield f"{document.at(place)} {fault(error)}"
        else:
            yield f"{document.at(place)}: {clip(_deepest(error), 300)}."


@cache
def _validator() -> Any:
    """Return the library's validator of OpenAPI 3.1, with errors as `jsonschema` forms them.

    It would take another library for these where there is one, whose errors name no places.
    """
    from jsonschema.validators import validator_for
    from openapi_spec_validator import OpenAPIV31SpecValidator
    from openapi_spec_validator.schemas import schema_v31

    schema = dict(schema_v31)
    validator = validator_for(schema)(schema)
    return type("Validator", (OpenAPIV31SpecValidator,), {"schema_validator": validator})


def _deepest(error: Any) -> str:
    """Of the ways in which a value could have been right, what the first one says."""
    while error.context:
        error = error.context[0]
    return str(error.message)


def _place(document: Document, error: Any) -> Place:
    """Return where `error` is: faults of a schema are told from that schema, not from the top."""
    end = tuple(error.absolute_path)
    if end in document.lines or not end:
        return end
    for place in document.lines:
        if place[-len(end) :] == end and _at(document.value, place) == error.instance:
            return place
    return end


def _at(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value
