"""The document that an app serves: what it declares, and what its schemas allow.

It is a student's text: whatever stands in it, looking at it ends, runs nothing, and raises nothing
but `Unreadable` (and `RecursionError` for a schema that holds itself). Of JSON Schema it knows the
keywords that the brief names, and no others.
"""

import re

PATTERNED = 600
"""Characters of a text that a pattern is held against, at most."""
STEPS = 20_000
"""Schemas that are looked at for one value, and references that are followed."""
KINDS = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": lambda value: type(value) is int,
    "number": lambda value: type(value) in (int, float),
}


class Unreadable(Exception):
    """The document is not what it should be; `str()` says why."""


def mapping(value):
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value):
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


class Document:
    """An OpenAPI document of version 3.0 or 3.1."""

    def __init__(self, value):
        self._value = mapping(value)
        self._left = STEPS
        self.routes = {}
        """Each operation by its method and its path with `{}` for each parameter."""
        for path, item in mapping(self._value.get("paths")).items():
            self._left = STEPS
            found = self.resolved(item)
            shared = sequence(found.get("parameters"))
            for method in ("get", "post", "put", "patch", "delete"):
                if method in found:
                    operation = self.resolved(found[method])
                    more = sequence(operation.get("parameters"))
                    place = method.upper(), re.sub(r"\{[^{}/]*\}", "{}", path)
                    self.routes[place] = operation | {"parameters": [*shared, *more]}

    def resolved(self, value):
        """An object of the document; what a reference leads to in its place."""
        while isinstance(value, dict) and isinstance(value.get("$ref"), str):
            self._left -= 1
            if self._left < 0:
                msg = "The references of the document lead around in circles."
                raise Unreadable(msg)
            value = self._at(value["$ref"])
        return mapping(value)

    def _at(self, place):
        found = self._value
        if not place.startswith("#"):
            msg = f"The reference {place[:80]!r} leads out of the document."
            raise Unreadable(msg)
        for step in place.removeprefix("#").split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, dict) else None
        if found is None:
            msg = f"The reference {place[:80]!r} leads to nothing."
            raise Unreadable(msg)
        return found

    # -- operations ------------------------------------------------------------------------

    def statuses(self, place):
        """The statuses that an operation declares by their numbers."""
        responses = mapping(self.routes.get(place, {}).get("responses"))
        return {str(status) for status in responses}

    def answer(self, place, status, media_type):
        """The schema of an answer; None where that has none."""
        self._left = STEPS
        responses = mapping(self.routes.get(place, {}).get("responses"))
        content = mapping(self.resolved(responses.get(str(status))).get("content"))
        found = next(
            (one for name, one in content.items() if bare(name) == media_type), None
        )  # fmt: skip
        return mapping(found).get("schema")

    def body(self, place):
        """The schema of the JSON body of an operation; None where it has none."""
        self._left = STEPS
        found = self.resolved(self.routes.get(place, {}).get("requestBody"))
        content = mapping(found.get("content"))
        found = next((one for name, one in content.items() if bare(name) == "application/json"), {})
        return mapping(found).get("schema")

    def parameters(self, place, where="query"):
        """The schema of each parameter of an operation by its name."""
        self._left = STEPS
        found = map(self.resolved, self.routes.get(place, {}).get("parameters", ()))
        return {
            str(one.get("name")): one.get("schema") for one in found if one.get("in") == where
        }  # fmt: skip

    def fields(self, schema):
        """The properties of a schema by their names, those of its parts among them."""
        self._left = STEPS
        return self._fields(schema)

    def _fields(self, schema):
        schema = self.resolved(schema)
        self._spend()
        found = dict(mapping(schema.get("properties")))
        for keyword in ("allOf", "anyOf", "oneOf"):
            for part in sequence(schema.get(keyword)):
                found |= self._fields(part)
        return found

    # -- schemas ---------------------------------------------------------------------------

    def allows(self, schema, value):
        """Whether a schema allows a value."""
        self._left = STEPS
        return self._allows(schema, value)

    def allows_text(self, schema, text):
        """Whether a schema allows what stands in a query, read as a number or a boolean too."""
        read = [text]
        if re.fullmatch("-?[0-9]{1,30}", text):
            read.append(int(text))
        if text in ("true", "false"):
            read.append(text == "true")
        return any(self.allows(schema, value) for value in read)

    def _spend(self):
        self._left -= 1
        if self._left < 0:
            msg = "A schema of the document is too large to be looked at."
            raise Unreadable(msg)

    def _allows(self, schema, value):
        self._spend()
        if isinstance(schema, bool):
            return schema
        schema = self.resolved(schema)
        if value is None and schema.get("nullable") is True:
            return True
        return (
            self._has_kind(schema, value)
            and ("const" not in schema or same(schema["const"], value))
            and ("enum" not in schema or any(same(o, value) for o in sequence(schema["enum"])))
            and self._has_parts(schema, value)
            and (not isinstance(value, str) or fits_text(schema, value))
            and (type(value) not in (int, float) or fits_number(schema, value))
            and (not isinstance(value, list) or self._fits_list(schema, value))
            and (not isinstance(value, dict) or self._fits_object(schema, value))
        )

    def _has_kind(self, schema, value):
        kinds = schema.get("type")
        kinds = [kinds] if isinstance(kinds, str) else sequence(kinds)
        return not kinds or any(KINDS.get(str(kind), lambda _: False)(value) for kind in kinds)

    def _has_parts(self, schema, value):
        parts = {
            name: [self._allows(part, value) for part in sequence(schema[name])]
            for name in ("allOf", "anyOf", "oneOf")
            if name in schema
        }
        return (
            all(parts.get("allOf", ()))
            and any(parts.get("anyOf", (True,)))
            and sum(parts.get("oneOf", (True,))) == 1
            and ("not" not in schema or not self._allows(schema["not"], value))
        )

    def _fits_list(self, schema, value):
        return in_range(schema, len(value), "minItems", "maxItems") and (
            "items" not in schema or all(self._allows(schema["items"], one) for one in value)
        )

    def _fits_object(self, schema, value):
        known, others = mapping(schema.get("properties")), schema.get("additionalProperties", True)
        needed = sequence(schema.get("required"))
        return all(isinstance(name, str) and name in value for name in needed) and all(
            self._allows(known.get(name, others), one) for name, one in value.items()
        )


def bare(media_type):
    """A Content-Type without its parameters."""
    return str(media_type).partition(";")[0].strip().lower()


def same(one, other):
    """Whether two values of JSON are the same; true is not 1."""
    return type(one) is type(other) and one == other


def number_of(schema, name):
    """The number that a keyword has; None where it has none."""
    value = schema.get(name)
    return value if type(value) in (int, float) else None


def in_range(schema, size, low, high):
    """Whether a size is in the range of two keywords."""
    least, most = number_of(schema, low), number_of(schema, high)
    return (least is None or size >= least) and (most is None or size <= most)


def fits_number(schema, value):
    """Whether a number is in its range; 3.0 has a flag for what 3.1 has a number for."""
    if not in_range(schema, value, "minimum", "maximum"):
        return False
    if schema.get("exclusiveMinimum") is True and value == number_of(schema, "minimum"):
        return False
    if schema.get("exclusiveMaximum") is True and value == number_of(schema, "maximum"):
        return False
    least, most = number_of(schema, "exclusiveMinimum"), number_of(schema, "exclusiveMaximum")
    return (least is None or value > least) and (most is None or value < most)


def fits_text(schema, value):
    """Whether a text has its length and its pattern."""
    if not in_range(schema, len(value), "minLength", "maxLength"):
        return False
    pattern = schema.get("pattern")
    if not isinstance(pattern, str) or len(value) > PATTERNED:
        return True
    try:
        return re.search(pattern, value) is not None
    except (re.error, OverflowError, RecursionError) as error:
        msg = f"The pattern {pattern[:80]!r} cannot be read."
        raise Unreadable(msg) from error
