"""The nodes of a module of Python that can tell of a secret."""

from __future__ import annotations

import ast
from collections.abc import Callable
from itertools import islice
from operator import attrgetter
from typing import Any

MAX_NODES = 600_000
TELLING = frozenset({
    ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.AugAssign, ast.Call, ast.Dict, ast.FunctionDef,
    ast.AsyncFunctionDef, ast.Lambda, ast.Compare, ast.Constant, ast.JoinedStr, ast.BinOp,
    ast.Expr, ast.ClassDef, ast.If, ast.Try, ast.Import, ast.ImportFrom,
})  # fmt: skip
"""Nodes that can give a secret to something, or hold a text."""
PLAIN_FIELDS = frozenset({
    "ctx", "op", "ops", "id", "attr", "arg", "name", "names", "asname", "module", "level", "kind",
    "type_comment", "conversion", "is_async", "simple", "type_ignores", "rest", "kwd_attrs",
})  # fmt: skip
"""Fields of nodes that hold no other nodes of interest."""


def _inner(kind: type[ast.AST]) -> tuple[str, ...]:
    """Return the fields of a node that hold other nodes."""
    return tuple(name for name in kind._fields if name not in PLAIN_FIELDS)


def _only(name: str) -> Callable[[ast.AST], tuple[Any, ...]]:
    return lambda node: (getattr(node, name),)


KINDS = [one for one in vars(ast).values() if isinstance(one, type) and issubclass(one, ast.AST)]
ONE = {kind: attrgetter("value") for kind in (ast.Attribute, ast.keyword, ast.Expr, ast.Starred)}
SEVERAL: dict[type[ast.AST], Callable[[ast.AST], Any]] = {
    kind: attrgetter(*names) if len(names) > 1 else _only(names[0])
    for kind in KINDS
    if kind not in {ast.Constant, ast.Name, *ONE} and (names := _inner(kind))
}
"""What gives the nodes within a node, in a tuple."""


def nodes_of(tree: ast.Module) -> tuple[list[ast.AST], bool]:
    """Return the nodes that can tell something, outer ones first; and whether there are more.

    Faster than `ast.walk`, and bounded.
    """
    nodes: list[ast.AST] = [tree]
    telling: list[ast.AST] = []
    for node in islice(nodes, MAX_NODES):  # grows while it is walked
        kind = node.__class__
        if kind in TELLING:
            telling.append(node)
        if kind is ast.Call:  # of most modules these are the most
            nodes.append(node.func)  # type: ignore[attr-defined]
            nodes += node.args  # type: ignore[attr-defined]
            nodes += node.keywords  # type: ignore[attr-defined]
        elif kind in ONE:
            nodes.append(ONE[kind](node))
        elif kind in SEVERAL:
            for value in SEVERAL[kind](node):
                if value.__class__ is list:
                    nodes += value
                elif value is not None:
                    nodes.append(value)
    return telling, len(nodes) > MAX_NODES
