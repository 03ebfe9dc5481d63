"""JSON Schema errors as sentences: file, line, place, value, what is allowed, the nearest name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema

from grader.spec.schema import SCHEMA, schema
from grader.text import clip, nearest
from grader.yamldoc import Document, dotted

KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "keys with their values",
    "array": "a list",
    "null": "nothing",
}
"""How a type of JSON Schema is called in a sentence."""


@cache
def _validator(path: Path, services: tuple[Path, ...]) -> Any:
    return fastjsonschema.compile(schema(path, services), use_default=False)


def schema_problems(
    document: Document, path: Path = SCHEMA, services: tuple[Path, ...] = ()
) -> list[str]:
    """Return a sentence for each place where `document` does not fit a schema.

    `services` are the folders of those that a challenge brings itself.
    """
    if document.value is None:
        return [f"{document.name}:1: it is empty; `grader new` writes one to begin with."]
    try:
        _validator(path, services)(document.value)
    except fastjsonschema.JsonSchemaException as error:
        # of one thing only they think differently: whether a `$` matches before a last newline
        return _every_problem(document, schema(path, services)) or [f"{document.name}: {error}."]
    return []


def _every_problem(document: Document, found: dict[str, Any]) -> list[str]:
    """All of them at once: fastjsonschema stops at the first, so the slower library lists them."""
    from jsonschema import Draft7Validator

    errors = Draft7Validator(found).iter_errors(document.value)
    ordered = sorted(errors, key=lambda error: document.line(tuple(error.absolute_path)))
    return list(dict.fromkeys(said for error in ordered for said in _sentences(document, error)))


def _sentences(document: Document, error: Any) -> Iterator[str]:
    """Yield what one error says: more than one sentence where it is about several keys."""
    place = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        yield from _unknown_keys(document, error)
    elif "propertyNames" in error.absolute_schema_path:
        here = document.at((*place, error.instance))
        yield f"{here} is no name that can be used here; it should be {_pattern(error.schema)}."
    else:
        yield f"{document.at(place)} {fault(error)}"


def fault(error: Any) -> str:
    """Return what is wrong with the value, as the rest of a sentence that names its place."""
    value, wanted = error.instance, error.validator_value
    match error.validator:
        case "required":
            missing = [key for key in wanted if key not in value]
            return f"lacks {', '.join(map(repr, missing))}; add it."
        case "const":
            return f"is {_show(value)}; it can be {_show(wanted)} only."
        case "enum":
            allowed = [str(one) for one in wanted]
            return (
                f"is {_show(value)}; it can be {', '.join(allowed)}.{nearest(str(value), allowed)}"
            )
        case "pattern":
            return f"is {_show(value)}; it should be {_pattern(error.schema)}."
        case "type":
            return f"is {_show(value)}; it should be {_kind(error.schema, value)}"
        case "minimum" | "maximum" | "exclusiveMinimum":
            return f"is {_show(value)}; it should be {_range(error.schema)}."
        case "minLength" | "minItems":
            return "is empty; write at least one." if isinstance(value, list) else "is empty."
        case "maxLength" | "maxItems":
            unit = "characters" if isinstance(value, str) else "entries"
            return f"has {len(value)} {unit}; {wanted} are the most."
        case "uniqueItems":
            twice = next(one for index, one in enumerate(value) if one in value[:index])
            return f"has {_show(twice)} twice; keep one."
        case _:
            return f"is {_show(value)}: {error.message}."


def _unknown_keys(document: Document, error: Any) -> Iterator[str]:
    place = tuple(error.absolute_path)
    known = list(error.schema.get("properties", {}))
    for key in error.instance:
        if key not in known:
            line = document.line((*place, key))
            near = nearest(key, known) or f" Known are {', '.join(known)}."
            yield f"{document.name}:{line}: {dotted((*place, key))} is not a key known here.{near}"


def _pattern(schema: dict[str, Any]) -> str:
    """Return what a text should look like.

    In the schema's own words, which editors show as well.
    """
    words = str(schema.get("patternErrorMessage") or f"text like {schema['pattern']}")
    return words.removesuffix(".")


def _kind(schema: dict[str, Any], value: Any) -> str:
    kinds = _kinds(schema)
    if "patternErrorMessage" in schema:
        return f"{_pattern(schema)}."
    said = " or ".join(KINDS[kind] for kind in kinds)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{said}; put it in quotes." if "string" in kinds and number else f"{said}."


def _kinds(schema: dict[str, Any]) -> list[str]:
    return schema["type"] if isinstance(schema["type"], list) else [schema["type"]]


def _range(schema: dict[str, Any]) -> str:
    kind = KINDS[_kinds(schema)[-1]]  # where it may be something else as well, that comes first
    low = f"from {schema['minimum']}" if "minimum" in schema else "above 0"
    return f"{kind} {low} to {schema['maximum']}"


def _show(value: Any) -> str:
    return clip(json.dumps(value, ensure_ascii=False, default=str), 80)
