"""JSON Schema errors as sentences: file, line, place, value and the nearest name."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema

from grader.text import clip, nearest
from grader.yamldoc import Document, dotted

SCHEMA = Path(__file__).with_name("challenge.schema.json")


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of challenge.yml."""
    loaded: dict[str, Any] = json.loads(SCHEMA.read_text("utf-8"))
    return loaded


@cache
def _validator() -> Any:
    return fastjsonschema.compile(schema(), use_default=False)


def schema_problems(document: Document) -> list[str]:
    """A sentence for each place where `document` does not fit the schema; empty where it fits."""
    try:
        _validator()(document.value)
    except fastjsonschema.JsonSchemaException as error:
        # of one thing only they think differently: whether a `$` matches before a last newline
        return _every_problem(document) or [f"{document.name}: {error}."]
    return []


def _every_problem(document: Document) -> list[str]:
    """All of them at once: fastjsonschema stops at the first, so the slower library lists them."""
    from jsonschema import Draft7Validator

    errors = Draft7Validator(schema()).iter_errors(document.value)
    ordered = sorted(errors, key=lambda error: document.line(tuple(error.absolute_path)))
    return list(dict.fromkeys(_sentence(document, error) for error in ordered))


def _sentence(document: Document, error: Any) -> str:
    place = tuple(error.absolute_path)
    match error.validator:
        case "additionalProperties":
            return _unknown_keys(document, error)
        case "required":
            missing = [key for key in error.validator_value if key not in error.instance]
            return f"{document.at(place)} lacks {', '.join(map(repr, missing))}; add it."
        case "enum":
            allowed = [str(value) for value in error.validator_value]
            near = nearest(str(error.instance), allowed)
            said = ", ".join(allowed)
            return f"{document.at(place)} is {_show(error.instance)}; it can be {said}.{near}"
        case "pattern":
            meaning = error.schema.get("description", f"text like {error.validator_value}")
            return f"{document.at(place)} is {_show(error.instance)}; it should be: {meaning}"
        case "type":
            kinds = error.validator_value
            kind = kinds if isinstance(kinds, str) else " or ".join(kinds)
            return f"{document.at(place)} is {_show(error.instance)}; it should be of type {kind}."
        case _:
            return f"{document.at(place)} is {_show(error.instance)}: {error.message}."


def _unknown_keys(document: Document, error: Any) -> str:
    place = tuple(error.absolute_path)
    known = list(error.schema.get("properties", {}))
    unknown = [key for key in error.instance if key not in known]
    sentences = [
        f"{document.name}:{document.line((*place, key))}: "
        f"{dotted((*place, key))} is not a key that is known here.{nearest(key, known)}"
        for key in unknown
    ]
    return " ".join(sentences)


def _show(value: Any) -> str:
    return clip(json.dumps(value, ensure_ascii=False, default=str), 80)
