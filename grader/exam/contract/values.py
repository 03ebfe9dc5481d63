"""Values for a JSON Schema: good ones, drawn from the seed, and the bad ones worth sending."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.exam.draw import Draw

Schema = Mapping[str, Any]
WRONG: dict[str, Any] = {
    "string": 7, "integer": "seven", "number": "seven", "boolean": "perhaps",
    "array": {}, "object": [],
}  # fmt: skip
"""A value that is not of the type it stands alongside, and that nobody would take for it."""


@dataclass(frozen=True, kw_only=True)
class BadInput:
    """A body that a contract forbids, and what is wrong with it."""

    what: str
    json: Any = None
    raw: bytes | None = None


def good(schema: Schema, draw: Draw, *, full: bool = True) -> Any:
    """Return a value that fits `schema`; objects have the required properties, or all if `full`."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return draw.choice(schema["enum"])
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return good(schema[key][0], draw, full=full)
    match kind_of(schema):
        case "object":
            wanted = schema.get("properties", {}) if full else schema.get("required", ())
            return {name: good(schema["properties"][name], draw, full=full) for name in wanted}
        case "array":
            count = max(1, schema.get("minItems", 1))
            return [good(schema.get("items", {}), draw, full=full) for _ in range(count)]
        case "integer" | "number":
            low = int(schema.get("minimum", 1))
            return draw.integer(low, int(schema.get("maximum", low + 1000)))
        case "boolean":
            return draw.choice([True, False])
        case "null":
            return None
        case _:
            return _text(schema, draw)


def samples(schemas: Mapping[str, Schema], draw: Draw) -> dict[str, Any]:
    """Return a value for each of `schemas`, by name: its `example`, or one that fits."""
    return {
        name: schema["example"] if "example" in schema else good(schema, draw)
        for name, schema in schemas.items()
    }


def _text(schema: Schema, draw: Draw) -> str:
    match schema.get("format"):
        case "date":
            return f"20{draw.integer(27, 60)}-{draw.integer(1, 12):02}-{draw.integer(1, 28):02}"
        case "date-time":
            return f"20{draw.integer(27, 60)}-05-{draw.integer(10, 28)}T12:30:00Z"
        case "email":
            return f"{draw.word()}@example.org"
    if "pattern" in schema:
        examples = [schema.get("example"), *schema.get("examples", ())]
        return next((text for text in examples if text and re.search(schema["pattern"], text)), "")
    text = draw.sentence()
    limit = schema.get("maxLength", len(text))
    return text.ljust(schema.get("minLength", 0), "x")[-limit:] if limit else ""


def bad_bodies(schema: Schema, draw: Draw) -> Iterator[BadInput]:
    """Bodies that `schema` forbids: not JSON, of the wrong shape, or with one bad property."""
    yield BadInput(what="an empty body", raw=b"")
    yield BadInput(what="a body that is no JSON", raw=b'{"title": ')
    yield BadInput(what="a JSON array instead of an object", json=[])
    yield BadInput(what="a JSON string instead of an object", json=draw.word())
    if kind_of(schema) != "object":
        return
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        body = good(schema, draw)
        del body[name]
        yield BadInput(what=f"no {name!r}", json=body)
    for name, inner in properties.items():
        for what, value in _bad_values(inner, draw):
            yield BadInput(what=f"{what} for {name!r}", json=good(schema, draw) | {name: value})


def _bad_values(schema: Schema, draw: Draw) -> Iterator[tuple[str, Any]]:
    kind = kind_of(schema)
    if kind in WRONG:
        yield f"a value that is no {kind}", WRONG[kind]
    if kind not in {"array", "object"} and kind is not None:
        yield "an object", {"a": draw.word()}
    if "maxLength" in schema:
        yield f"more than {schema['maxLength']} characters", draw.text(schema["maxLength"] + 1)
    if "maximum" in schema:
        yield f"a number above {schema['maximum']}", schema["maximum"] + 1
    if "enum" in schema and kind == "string":
        yield "a value that is not on the list", draw.word()


def kind_of(schema: Schema) -> str | None:
    """Return the type that `schema` asks for: the first one that is not null.

    None where it says none.
    """
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return next((kind for kind in kinds if kind != "null"), "null")
    if kinds is None and "properties" in schema:
        return "object"
    return kinds
