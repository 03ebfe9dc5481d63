"""What statements of Python give secrets to: names, entries, parameters, comparisons."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from grader.inspect.secrets import pycalls
from grader.inspect.secrets.names import (
    Sureness,
    is_connection,
    is_identity,
    rule_for,
    sureness,
)
from grader.inspect.secrets.pycalls import Given
from grader.inspect.secrets.values import is_weak

ACCOUNTS = re.compile(r"(?i)(?:^|_)(?:users|accounts|credentials|logins|passwords|admins)$")
LABEL = re.compile(
    r"string|str|text|required|hidden|integer|object|field|input|password|token|secret|key"
    r"|passwort|pass|pwd|\w+\(.*\)"
)
"""What stands beside a name of a secret where a form or a schema is described."""
TYPES = frozenset({"string", "str", "text", "required", "hidden", "token", "key", "bearer"})


def given(node: ast.AST, constants: Mapping[str, str]) -> Iterator[Given]:
    """What one node gives to whom."""
    match node:
        case ast.Assign() | ast.AnnAssign() | ast.NamedExpr() | ast.AugAssign():
            for name, value in bindings(node):
                if sureness(name) is not Sureness.NO:
                    yield rule_for(name, "code.literal"), name, value
                if ACCOUNTS.search(name) and isinstance(value, ast.Dict):
                    yield from (("code.seeded", f"{name}[…]", one) for one in value.values)
        case ast.Call():
            yield from pycalls.given(node, constants)
        case ast.Dict():
            yield from _entries(node)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from _defaults(node.args)
            yield from _returned(node)
        case ast.Lambda():
            yield from _defaults(node.args)
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):
            yield from _compared(left, right)
            yield from _compared(right, left)


def bindings(node: ast.AST) -> list[tuple[str, ast.expr]]:
    """The names that a statement binds, each to its expression."""
    match node:
        case ast.Assign(targets=targets, value=value):
            pairs = [pair for target in targets for pair in _unpacked(target, value)]
            return [(name, one) for target, one in pairs if (name := name_of(target))]
        case (
            ast.AnnAssign(target=target, value=ast.expr() as value)
            | ast.NamedExpr(target=target, value=value)
            | ast.AugAssign(target=target, value=value)
        ):
            return [(name, value)] if (name := name_of(target)) else []
    return []


def _unpacked(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        return list(zip(target.elts, value.elts, strict=False))
    return [(target, value)]


def name_of(node: ast.AST) -> str:
    """The last name of `app.config["SECRET_KEY"]`, `self.password`, `form.get("pw")`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str() as name)):
            return name
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str() as name), *_]):
            return name
    return ""


def _entries(node: ast.Dict) -> Iterator[Given]:
    """Entries of a dict: of one with a host every password, of others no labels."""
    names = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
    known = [name for name in names if isinstance(name, str)]
    connection, login = any(map(is_connection, known)), any(map(is_identity, known))
    for name, value in zip(names, node.values, strict=True):
        if not isinstance(name, str) or name.startswith(".") or "/" in name:
            continue
        text = value.value if isinstance(value, ast.Constant) else None
        if not isinstance(text, str) or connection or name.isupper():
            yield rule_for(name, "database.password" if connection else "code.literal"), name, value
        elif " " not in text and not LABEL.fullmatch(text.lower()) and (login or not is_weak(text)):
            yield rule_for(name, "code.literal"), name, value


def _returned(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Given]:
    """What `def get_password()` gives back."""
    if sureness(re.sub("^(?:get|read|load)_", "", node.name)) is Sureness.SURE:
        for inner in node.body:
            if isinstance(inner, ast.Return) and not _is_number(inner.value):
                assert inner.value is not None
                yield "code.literal", f"the value of {node.name}()", inner.value


def _is_number(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and not isinstance(node.value, str))


def _compared(one: ast.expr, other: ast.expr) -> Iterator[Given]:
    name = name_of(one)
    if sureness(name) is not Sureness.SURE or not isinstance(other, ast.Constant):
        return
    if isinstance(other.value, str) and other.value.lower() not in TYPES:
        yield "code.compared", name, other


def _defaults(arguments: ast.arguments) -> Iterator[Given]:
    """The defaults of a function's parameters."""
    plain = [*arguments.posonlyargs, *arguments.args]
    last = plain[len(plain) - len(arguments.defaults) :]
    pairs: list[tuple[ast.arg, ast.expr | None]] = [
        *zip(last, arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    for parameter, value in pairs:
        if value is not None:
            yield rule_for(parameter.arg, "code.literal"), parameter.arg, value
