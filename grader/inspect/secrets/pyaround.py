"""What of a module of Python says what its expressions are used for."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from grader.inspect.secrets import pyfallbacks
from grader.inspect.secrets.pycalls import called
from grader.inspect.secrets.pysinks import ModuleBindings, bindings, refusing
from grader.inspect.secrets.pywrappers import wrapper
from grader.inspect.secrets.sinks import Sink, container, describes

CHANGERS = frozenset({"update", "extend", "append", "setdefault"})
"""Methods whose arguments become entries of what they belong to."""


def surroundings(nodes: Sequence[ast.AST]) -> ModuleBindings:
    """Return the owners, wrappers and refused comparisons of a module's nodes, outer ones first."""
    around = ModuleBindings()
    owners = around.owners
    for node in nodes:
        kind = node.__class__
        if kind is ast.Constant or (kind is ast.Call and not _takes_owned(node)):
            continue  # most of them
        match node:
            case ast.Call():
                _arguments(node, owners)
            case ast.Assign() | ast.AnnAssign() | ast.NamedExpr() | ast.AugAssign():
                _binding(node, around)
            case ast.Dict():
                _entries(node, owners)
            case ast.If():
                around.refused.update(id(one) for one in refusing(node))
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                _function(node, around)
    return around


def _binding(
    node: ast.Assign | ast.AnnAssign | ast.NamedExpr | ast.AugAssign, around: ModuleBindings
) -> None:
    if _is_owned(node.value):
        around.owners.update((id(value), name) for name, value in bindings(node))
    if variable := pyfallbacks.variable_of(node.value):
        around.read.update((name, variable) for name, _ in bindings(node))


def _arguments(node: ast.Call, owners: dict[int, str]) -> None:
    given = [(one, "") for one in node.args]
    given += [(one.value, one.arg or "") for one in node.keywords]
    given = [(value, name) for value, name in given if _is_owned(value)]
    name, owner = called(node)
    own = owner if name in CHANGERS else name
    own = own if container(own) is not Sink.LOOSE else owners.get(id(node), own)
    own = "error" if describes(name) else "" if name == "format" else own
    for value, argument in given:
        kept = own if container(own) is Sink.MESSAGE else argument or own
        owners.setdefault(id(value), kept)


def _entries(node: ast.Dict, owners: dict[int, str]) -> None:
    outer = owners.get(id(node), "")
    told = container(outer) is Sink.MESSAGE
    for key, value in zip(node.keys, node.values, strict=True):
        if _is_owned(value):
            text = key.value if isinstance(key, ast.Constant) else None
            owners.setdefault(id(value), text if isinstance(text, str) and not told else outer)


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, around: ModuleBindings) -> None:
    if own := wrapper(node):
        around.wrappers[node.name] = own
    for inner in node.body:
        if isinstance(inner, ast.Return) and _is_owned(inner.value):
            around.owners.setdefault(id(inner.value), node.name)


OWNED = frozenset({ast.Dict, ast.Call})


def _takes_owned(node: Any) -> bool:
    for one in node.args:
        if one.__class__ in OWNED:
            return True
    for one in node.keywords:  # noqa: SIM110 - a generator for each call takes its time
        if one.value.__class__ in OWNED:
            return True
    return False


def _is_owned(node: ast.AST | None) -> bool:
    """Return whether what `node` is given to says what its entries are."""
    return node.__class__ in OWNED
