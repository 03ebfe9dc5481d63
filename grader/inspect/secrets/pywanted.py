"""What a module of Python takes from other files of its repository to use it as a secret."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from grader.inspect.secrets.finding import Wanted

IMPORTING = (ast.Import, ast.ImportFrom)
Imports = Mapping[str, tuple[str, str]]
"""Names to the module that each comes from, and what it is called there; empty for the module."""


def imports(nodes: Sequence[ast.AST]) -> dict[str, tuple[str, str]]:
    """Return what a module imports, by the names that it gives it."""
    found: dict[str, tuple[str, str]] = {}
    for node in nodes:
        if node.__class__ not in IMPORTING:
            continue
        match node:
            case ast.ImportFrom(module=module, names=names, level=level):
                for one in names:
                    found[one.asname or one.name] = ("." * level + (module or ""), one.name)
            case ast.Import(names=names):
                for one in names:
                    found[one.asname or one.name.partition(".")[0]] = (one.name, "")
    return found


def wanted(node: ast.expr, known: Imports, rule: str, name: str) -> Iterator[Wanted]:
    """Yield the file or the constant of another module that `node` comes to."""
    node = _inner(node)
    line = node.lineno
    match node:
        case ast.Name(id=local) if local in known and known[local][1]:
            module, constant = known[local]
            yield Wanted(path="", line=line, target=module, constant=constant, rule=rule, name=name)
        case ast.Attribute(value=ast.Name(id=local), attr=constant) if local in known:
            module, inner = known[local]
            dotted = f"{module}.{inner}".strip() if inner else module
            yield Wanted(path="", line=line, target=dotted, constant=constant, rule=rule, name=name)
        case ast.Name(id=local) if local not in known and "*" in known:
            module = known["*"][0]
            yield Wanted(path="", line=line, target=module, constant=local, rule=rule, name=name)
        case ast.Subscript(value=inner, slice=ast.Constant(value=str() as key)):
            for one in wanted(inner, known, rule, name):
                yield replace(one, constant=f"{one.constant}[{key}]") if one.constant else one
        case ast.Call():
            if (path := _read(node)) and not path.startswith("/"):
                yield Wanted(path="", line=line, target=path, constant="", rule=rule, name=name)


def _inner(node: ast.expr) -> ast.expr:
    """`X` of `X.strip().encode("utf-8")`."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr not in {"strip", "rstrip", "encode", "decode", "splitlines"}:
            break
        node = node.func.value
    return node


def _read(node: ast.Call) -> str:
    """Return the file that `open("x").read()` or `Path("x").read_text()` reads.

    Empty for others.
    """
    match node.func:
        case ast.Attribute(attr="read" | "readline", value=ast.Call(func=func, args=[first, *_])):
            opens = isinstance(func, ast.Name) and func.id == "open"
            return _path(first) if opens else ""
        case ast.Attribute(attr="read_text" | "read_bytes", value=inner):
            return _path(inner)
    return ""


def _path(node: ast.AST) -> str:
    """Return the path as far as it is written down: `here / "key.txt"` ends in key.txt."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.Call(args=[*_, last]):
            return _path(last)
        case ast.BinOp(op=ast.Div(), right=right):
            return _path(right)
    return ""
