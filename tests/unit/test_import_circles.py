"""No modules import each other in a circle, be it for types alone or within functions.

A circle says that its modules are one, or that a value of theirs belongs below them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import grader
from tests.unit.syntax_trees import tree_of

PACKAGE = Path(grader.__file__).parent
REMAINING: dict[frozenset[str], str] = {
    frozenset({"grader.exam.form", "grader.exam.page", "grader.exam.reply"}): (
        "an answer gives its page, a page its forms, and a form that is sent gives an answer: a "
        "suite reads these types"
    ),
}
"""Circles that stay, each with the reason."""


def modules() -> dict[str, Path]:
    """The modules of the package by name, without what `grader new` copies."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        if "template" not in parts:
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(tree: ast.Module, known: Mapping[str, Path]) -> Iterator[str]:
    """What a module imports of `known`, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name in known)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            for one in node.names:
                inner = f"{node.module}.{one.name}"
                yield from [inner] if inner in known else [node.module or ""]


def graph(known: Mapping[str, Path]) -> dict[str, set[str]]:
    """Each module, with those of the package that it imports."""
    return {
        name: {one for one in imports(tree_of(path), known) if one in known}
        for name, path in known.items()
    }


def circles(edges: Mapping[str, set[str]]) -> set[frozenset[str]]:
    """The sets of modules of which each reaches each other (by Kosaraju's algorithm)."""
    order: list[str] = []
    reached(list(edges), edges, order)
    backwards: dict[str, set[str]] = {name: set() for name in edges}
    for name, used in edges.items():
        for one in used:
            backwards[one].add(name)
    groups = reached(order[::-1], backwards, [])
    return {frozenset(one) for one in groups if len(one) > 1}


def reached(starts: list[str], edges: Mapping[str, set[str]], order: list[str]) -> list[list[str]]:
    """What each start reaches and none before it did; `order` grows by the modules as they end."""
    seen = set[str]()
    groups = []
    for start in starts:
        group = list[str]()
        entered = [] if start in seen else [(start, iter(sorted(edges[start])))]
        while entered:
            name, rest = entered[-1]
            if name not in seen:
                seen.add(name)
                group.append(name)
            following = next((one for one in rest if one not in seen), None)
            if following is None:
                entered.pop()
                order.append(name)
            else:
                entered.append((following, iter(sorted(edges[following]))))
        groups.append(group)
    return groups


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports for types and within functions count: they hide a circle, and do not end it."""
    found = circles(graph(modules()))
    assert {tuple(sorted(one)) for one in found - REMAINING.keys()} == set()
    assert {tuple(sorted(one)) for one in REMAINING.keys() - found} == set()


def test_a_circle_is_found() -> None:
    """Of two or more; what leads to one is none."""
    edges = {
        "a": {"b"},
        "b": {"c"},
        "c": {"b"},
        "d": {"d", "a"},
        "e": {"f"},
        "f": {"g"},
        "g": {"e"},
    }
    assert circles(edges) == {frozenset("bc"), frozenset("efg")}


def test_imports_for_types_and_in_functions_count() -> None:
    known = {name: Path() for name in ("p", "p.a", "p.b", "p.c")}
    text = (
        "import p.a\nfrom typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from p import b\n"
        "def f():\n    from p.c import thing\n"
    )
    assert set(imports(ast.parse(text), known)) & known.keys() == {"p.a", "p.b", "p.c"}
