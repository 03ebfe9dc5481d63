"""Turn dataclasses into JSON and back; their annotations are the one description of the form.

Values are str, int, float, bool, None, `StrEnum`, `Fraction` (as "2/3"), tuples and lists, mappings
with text for keys, `Literal`, unions, and dataclasses of these. `Annotated` with `Length` or
`Range` sets bounds. `Any` stands for whatever JSON holds.
"""

from __future__ import annotations

import math
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache
from typing import Any

from grader.text import clip

Reader = Callable[[Any, str], Any]
"""`reader(value, where)`: the value that JSON's `value` stands for; `where` is its path."""
FRACTION = re.compile(r"[0-9]{1,9}(/[1-9][0-9]{0,8})?")
SHOWN = 60
"""Characters of a wrong value that a message shows."""
WORDS = {str: "text", int: "a whole number", bool: "true or false", type(None): "null"}


class MalformedValue(ValueError):
    """A value that is not of the form that is asked for; `str()` says where and why."""


@dataclass(frozen=True)
class Length:
    """How many characters a text may have, or how many items a sequence."""

    most: int
    least: int = 0

    def problem(self, value: Any) -> str:
        """Return what is wrong with `value`; empty where nothing is."""
        if self.least <= len(value) <= self.most:
            return ""
        return f"must have a length of {self.least} to {self.most}, not {len(value)}"


@dataclass(frozen=True)
class Range:
    """The least that a number may be. Neither infinity nor what is no number is within it."""

    least: float

    def problem(self, value: Any) -> str:
        """Return what is wrong with `value`; empty where nothing is."""
        if value >= self.least and math.isfinite(value):
            return ""
        return f"must be a finite number of at least {self.least:g}, not {value}"


def to_json(value: Any) -> Any:
    """Return `value` as JSON has it. Raises `TypeError` for what JSON cannot hold."""
    if value is None or isinstance(value, bool | int | float | str):
        return str(value) if isinstance(value, StrEnum) else value
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: to_json(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): to_json(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(one) for one in value]
    if isinstance(value, set | frozenset):
        return sorted(to_json(one) for one in value)
    if isinstance(value, Fraction):
        return str(value)
    msg = f"{type(value).__name__} cannot be sent over the exam's channel; send plain values."
    raise TypeError(msg)


def from_json(form: Any, value: Any, where: str = "value") -> Any:
    """Return the instance of `form`, a type or annotation, that JSON's `value` stands for.

    Raises `MalformedValue`, which names the place within `where`.
    """
    return reader(form)(value, where)


@cache
def reader(form: Any) -> Reader:
    """Return what reads values of `form`, made when first asked for."""
    origin, arguments = typing.get_origin(form), typing.get_args(form)
    if form is Any or form is object:
        return lambda value, where: value
    if origin is typing.Annotated:
        return _bounded(reader(arguments[0]), arguments[1:])
    if origin is typing.Literal:
        return _one_of(arguments)
    if origin in {typing.Union, types.UnionType}:
        return _union(arguments)
    if origin in {tuple, list, Sequence}:
        return _sequence(reader(arguments[0]), list if origin is list else tuple)
    if origin in {dict, Mapping}:
        return _mapping(reader(arguments[1]))
    if isinstance(form, type) and is_dataclass(form):
        return _dataclass(form)
    if isinstance(form, type) and issubclass(form, StrEnum):
        return _enumeration(form)
    return _plain(form)


def _wrong(where: str, wanted: str, value: Any) -> MalformedValue:
    return MalformedValue(f"{where} must be {wanted}, not {clip(repr(value), SHOWN)}")


def _plain(form: Any) -> Reader:
    if form is Fraction:
        return _fraction
    if form is float:
        return _number
    kind = type(None) if form is None else form
    if kind not in WORDS:
        msg = f"{form!r} has no form in JSON; describe the field with a type that has one."
        raise TypeError(msg)

    def read(value: Any, where: str) -> Any:
        if type(value) is not kind:
            raise _wrong(where, WORDS[kind], value)
        return value

    return read


def _number(value: Any, where: str) -> float:
    if type(value) not in {int, float}:
        raise _wrong(where, "a number", value)
    return value  # type: ignore[no-any-return] # it is one of the two


def _fraction(value: Any, where: str) -> Fraction:
    if not (isinstance(value, str) and FRACTION.fullmatch(value)):
        raise _wrong(where, 'a fraction such as "2/3"', value)
    return Fraction(value)


def _bounded(read: Reader, bounds: Sequence[Any]) -> Reader:
    def bounded(value: Any, where: str) -> Any:
        found = read(value, where)
        for bound in bounds:
            if problem := bound.problem(found):
                msg = f"{where} {problem}"
                raise MalformedValue(msg)
        return found

    return bounded


def _one_of(known: Sequence[Any]) -> Reader:
    def read(value: Any, where: str) -> Any:
        if not isinstance(value, str) or value not in known:
            raise _wrong(where, f"one of {', '.join(map(repr, known))}", value)
        return value

    return read


def _enumeration(form: type[StrEnum]) -> Reader:
    known = {str(one): one for one in form}
    choose = _one_of(tuple(known))
    return lambda value, where: known[choose(value, where)]


def _union(forms: Sequence[Any]) -> Reader:
    readers = [reader(form) for form in forms]

    def read(value: Any, where: str) -> Any:
        problems = []
        for one in readers:
            try:
                return one(value, where)
            except MalformedValue as error:
                problems.append(str(error))
        raise MalformedValue("; or ".join(problems))

    return read


def _sequence(item: Reader, make: Callable[[Any], Any]) -> Reader:
    def read(value: Any, where: str) -> Any:
        if not isinstance(value, list):
            raise _wrong(where, "a list", value)
        return make(item(one, f"{where}[{at}]") for at, one in enumerate(value))

    return read


def _mapping(item: Reader) -> Reader:
    def read(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise _wrong(where, "an object", value)
        return {name: item(one, f"{where}.{name}") for name, one in value.items()}

    return read


def _dataclass(form: Any) -> Reader:
    hints = typing.get_type_hints(form, include_extras=True)
    readers = {one.name: reader(hints[one.name]) for one in fields(form)}
    required = {
        one.name
        for one in fields(form)
        if one.default is MISSING and one.default_factory is MISSING
    }

    def read(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise _wrong(where, "an object", value)
        if missing := sorted(required - value.keys()):
            msg = f"{where} lacks {', '.join(missing)}"
            raise MalformedValue(msg)
        if unknown := sorted(value.keys() - readers.keys()):
            msg = f"{where} has {', '.join(unknown)}, which {form.__name__} does not know"
            raise MalformedValue(msg)
        found = {name: readers[name](one, f"{where}.{name}") for name, one in value.items()}
        try:
            return form(**found)
        except ValueError as error:  # of its own check
            msg = f"{where}: {error}"
            raise MalformedValue(msg) from error

    return read
