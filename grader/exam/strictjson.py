"""JSON as RFC 8259 has it, from an app that may send anything.

Python's parser takes NaN, keeps the last of two equal keys and runs into RecursionError on deep
nesting; none of these may pass for good JSON or crash a suite.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from grader.exam.faults import Mismatch

MAX_DEPTH = 64
STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
"""One that does not end goes on to the end of the text, so that each character is read once."""


class BadJson(ValueError):
    """The text is no strict JSON; `str()` says why."""


class AnswerDict(dict[str, Any]):
    """A JSON object from the app. A missing key fails the criterion, not the suite."""

    def __missing__(self, key: str) -> NoReturn:
        known = ", ".join(map(str, list(self)[:12])) or "no keys at all"
        msg = f"The JSON object in the answer has no key {key!r}; it has {known}."
        raise Mismatch(msg)


class AnswerList(list[Any]):
    """A JSON array from the app. A missing index fails the criterion, not the suite."""

    def __getitem__(self, index: Any) -> Any:
        try:
            return super().__getitem__(index)
        except IndexError:
            msg = f"The JSON array in the answer has {len(self)} items; number {index} is missing."
        except TypeError:
            msg = f"The answer holds a JSON array where an object with {index!r} was expected."
        raise Mismatch(msg)


def parse(text: str) -> Any:
    """Return the value of `text`. Raises `BadJson` where it is not strict JSON."""
    _require_shallow(text)
    try:
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_duplicates)
    except BadJson:
        raise
    except (ValueError, RecursionError) as error:
        raise BadJson(str(error)) from error
    return _wrapped(value)


def _require_shallow(text: str) -> None:
    depth = 0
    for character in STRING.sub("", text):
        if character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                msg = f"it is nested more than {MAX_DEPTH} deep"
                raise BadJson(msg)
        elif character in "]}":
            depth -= 1


def _no_constant(name: str) -> NoReturn:
    msg = f"{name} is no JSON value"
    raise BadJson(msg)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> AnswerDict:
    result = AnswerDict()
    for key, value in pairs:
        if key in result:
            msg = f"the key {key!r} stands twice in one object"
            raise BadJson(msg)
        result[key] = value
    return result


def _wrapped(value: Any) -> Any:
    if isinstance(value, dict):
        return AnswerDict((key, _wrapped(item)) for key, item in value.items())
    if isinstance(value, list):
        return AnswerList(_wrapped(item) for item in value)
    return value
