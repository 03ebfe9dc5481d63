"""Texts that are computed from numbers: `map(chr, …)`, `chr(n ^ 7) for n in …`, `a ^ b … zip`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle, islice

MAX = 4096
OPERATORS: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.BitXor: lambda one, other: one ^ other,
    ast.Add: lambda one, other: one + other,
    ast.Sub: lambda one, other: one - other,
}
Numbers = Sequence[int]


def series(node: ast.AST, constants: Mapping[str, str]) -> list[str] | None:
    """Return the characters that `node` gives one by one; None where that is not written down."""
    match node:
        case ast.Call(func=ast.Name(id="map"), args=[ast.Name(id="chr"), source]):
            return _characters(_numbers(source, constants))
        case (
            ast.GeneratorExp(elt=element, generators=[one])
            | ast.ListComp(elt=element, generators=[one])
        ):
            return _characters(_computed(element, one, constants))
        case ast.List() | ast.Tuple():
            return _characters(_numbers(node, constants))
        case ast.Call(func=ast.Name(id="reversed"), args=[source]):
            return _characters(list(reversed(_numbers(source, constants) or ())))
    return None


def _characters(numbers: Numbers | None) -> list[str] | None:
    if numbers is None or not all(0 <= number < 0x110000 for number in numbers):
        return None
    return [chr(number) for number in numbers]


def _numbers(node: ast.AST, constants: Mapping[str, str]) -> Numbers | None:
    match node:
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            values = [
                part.value if isinstance(part, ast.Constant) else None for part in parts[:MAX]
            ]
            numbers = [value for value in values if isinstance(value, int)]
            return numbers if numbers and len(numbers) == len(values) else None
        case ast.Constant(value=bytes() as raw):
            return list(raw[:MAX])
        case ast.Constant(value=str() as text):
            return [ord(character) for character in text[:MAX]]
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in constants:
            return [ord(character) for character in constants[name][:MAX]]
    return None


def _computed(
    element: ast.expr, loop: ast.comprehension, constants: Mapping[str, str]
) -> Numbers | None:
    """Return the numbers that the loop's body makes of each number that it is given."""
    match element:
        case ast.Call(func=ast.Name(id="chr"), args=[inner]):
            element = inner
    names, sources = _names(loop.target), _sources(loop.iter, constants)
    if sources is None or len(names) != len(sources):
        return None
    numbers = []
    for values in zip(*sources, strict=False):
        number = _value(element, dict(zip(names, values, strict=True)))
        if number is None:
            return None
        numbers.append(number)
    return numbers


def _names(target: ast.expr) -> list[str]:
    parts = target.elts if isinstance(target, ast.Tuple) else [target]
    return [part.id if isinstance(part, ast.Name) else "" for part in parts]


def _sources(node: ast.expr, constants: Mapping[str, str]) -> list[Numbers] | None:
    match node:
        case ast.Call(func=ast.Name(id="zip"), args=args):
            found = [_endless(one, constants) for one in args]
            return [one for one in found if one is not None] if None not in found else None
    numbers = _numbers(node, constants)
    return [numbers] if numbers is not None else None


def _endless(node: ast.expr, constants: Mapping[str, str]) -> Numbers | None:
    match node:
        case ast.Call(args=[inner]):  # itertools.cycle(key)
            numbers = _numbers(inner, constants)
            return list(islice(cycle(numbers), MAX)) if numbers else None
    return _numbers(node, constants)


def _value(node: ast.expr, given: Mapping[str, int]) -> int | None:
    match node:
        case ast.Name(id=name):
            return given.get(name)
        case ast.Constant(value=int() as number):
            return number
        case ast.Call(func=ast.Name(id="ord" | "int"), args=[inner]):
            return _value(inner, given)
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in OPERATORS:
            one, other = _value(left, given), _value(right, given)
            if one is None or other is None:
                return None
            return OPERATORS[type(operator)](one, other)
    return None
