"""Fallbacks that statements write: `if not key: key = "…"`, `except KeyError: key = "…"`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from grader.inspect.secrets.names import Sureness, rule_for, sureness
from grader.inspect.secrets.pycalls import called

READERS = frozenset({"get", "getenv"})
ENVIRONMENTS = frozenset({"environ", "os", "env"})


def variable_of(node: ast.AST | None) -> str:
    """Return the environment's variable that `node` reads, where it is called like a secret."""
    name: ast.AST | None = None
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        function, owner = called(node)
        if function in READERS:
            known = function == "getenv" or owner in ENVIRONMENTS
            name = node.args[0] if known else None
    elif isinstance(node, ast.Subscript) and _name(node.value) in ENVIRONMENTS:
        name = node.slice
    text = name.value if isinstance(name, ast.Constant) else None
    return text if isinstance(text, str) and sureness(text) is not Sureness.NO else ""


def filled(node: ast.If | ast.Try, read: Mapping[str, str]) -> Iterator[tuple[str, ast.expr]]:
    """Return the literals that stand in for a variable which is not there, each with the variable.

    `read` are names to the variable that each is bound to elsewhere. What Flask itself is given is
    left out: there every literal counts, whatever stands around it.
    """
    if isinstance(node, ast.Try):
        names = _bound_to_variables(node.body)
        parts = [(names, one.body) for one in node.handlers]
    else:
        parts = [
            (set(_missing(node.test)), node.body), (_bound_to_variables(node.body), node.orelse)
        ]  # fmt: skip
    for names, statements in parts:
        for name, value in _assigned(statements) if names else ():
            own = rule_for(name, "") == "flask.secret-key"
            if name in names and name in read and isinstance(value, ast.Constant) and not own:
                yield read[name], value


def _missing(test: ast.expr) -> Iterator[str]:
    """Return the names that a condition finds empty: `not key`, `key is None`, `key == ""`."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield _name(operand)
        case ast.Compare(left=left, ops=[ast.Is() | ast.Eq()],
                         comparators=[ast.Constant(value=None | "")]):  # fmt: skip
            yield _name(left)
        case ast.BoolOp(values=values):
            for one in values:
                yield from _missing(one)


def _bound_to_variables(statements: Sequence[ast.stmt]) -> set[str]:
    return {name for name, value in _assigned(statements) if variable_of(value)}


def _assigned(statements: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """Return the names that statements bind, not those of blocks within them."""
    for one in statements:
        if isinstance(one, ast.Assign):
            yield from ((_name(target), one.value) for target in one.targets)
        elif isinstance(one, ast.AnnAssign) and one.value is not None:
            yield _name(one.target), one.value


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""
