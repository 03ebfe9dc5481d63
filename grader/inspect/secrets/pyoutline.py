"""What a module of Python says of its own parts: constants, prose, labels, values for tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.inspect.secrets.literals import written
from grader.inspect.secrets.pyaround import surroundings
from grader.inspect.secrets.pycalls import called
from grader.inspect.secrets.pysinks import (
    BINDING,
    ModuleBindings,
    bindings,
    name_of,
    reads_environment,
)
from grader.inspect.secrets.pywanted import imports
from grader.inspect.secrets.values import UNKNOWN, is_label

MAX_PARTS = 40
"""Items of a list that may be parts of one text."""
NOTED = BINDING | {ast.Dict, ast.Expr, ast.ClassDef, ast.FunctionDef}
"""Nodes that say what others are."""
DECOY = re.compile(
    r"(?:^|_)(?:dummy|decoy|fake|nobody|no_?one|missing|unknown|absent|timing|burn|placeholder|fallback)"
    r"(?:_|$|hash|pass|pw)"
)
"""Names of a hash that is nobody's."""
HASHERS = frozenset({"generate_password_hash", "hash_password", "hashpw", "hash"})
TESTING = re.compile(r"Test(?:s|ing)?(?:App)?(?:Config(?:uration)?|Settings|Environment)")
"""Classes that hold what tests run with."""


@dataclass(frozen=True, kw_only=True)
class ModuleOutline:
    """What a module's nodes say of others, which are meant by their identity."""

    bindings: ModuleBindings
    imports: dict[str, tuple[str, str]]
    """Names that are imported, to the module and the name there."""
    prose: frozenset[int]
    """Docstrings, and texts that stand by themselves."""
    tests: frozenset[int]
    """Values of a configuration for tests."""
    labels: frozenset[int]
    """Values of enumerations that are no more than their names, and passwords of nobody."""


def outline(nodes: Sequence[ast.AST]) -> ModuleOutline:
    """Return docstrings, enumerations, and names that are bound to one text."""
    pairs: list[tuple[str, ast.expr]] = []
    around = surroundings(nodes)
    prose, tests, labels = set[int](), set[int](), set[int]()
    for node in [one for one in nodes if one.__class__ in NOTED]:
        match node:
            case ast.Assign() | ast.AnnAssign() | ast.NamedExpr() | ast.AugAssign():
                for pair in bindings(node):
                    pairs.append(pair)
                    pairs += _parts(*pair)
                    labels.update(_decoys(*pair))
            case ast.Dict() if id(node) in around.owners:
                pairs += entries(node, around.owners[id(node)])
            case ast.Expr(value=value):
                prose.add(id(value))
                labels.update(_unused(value))
            case ast.FunctionDef(name=name, body=[*_, ast.Return(value=ast.Constant() as value)]):
                pairs.append((f"{name}()", value))
            case ast.ClassDef():
                labels.update(_labels(node))
                if TESTING.fullmatch(node.name):
                    tests.update(_values(node))
    _bind(pairs, around.constants)
    return ModuleOutline(
        bindings=around,
        imports=imports(nodes),
        prose=frozenset(prose),
        tests=frozenset(tests),
        labels=frozenset(labels),
    )


def _bind(pairs: Sequence[tuple[str, ast.expr]], constants: dict[str, str]) -> None:
    """Add the names to `constants` that come to one text, wherever they are bound."""
    bound: dict[str, list[ast.expr]] = {}
    for name, value in pairs:
        bound.setdefault(name, []).append(value)
    for _ in range(3):  # constants of constants
        left = {}
        for name, values in bound.items():
            text = written(values[0], constants)
            if text is None or UNKNOWN in text:
                left[name] = values
            elif all(text == written(one, constants) for one in values[1:]):
                constants[name] = text
        if len(left) == len(bound):
            break
        bound = left


def entries(node: ast.Dict, owner: str) -> Iterator[tuple[str, ast.expr]]:
    """Yield the entries of a dict that a name is bound to, as `name[key]`."""
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str | int):
            yield f"{owner}[{key.value}]", value


def _parts(name: str, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Entries of `name = dict(key="…")` as `name[key]`, of `name = ["…"]` as `name[0]`."""
    if isinstance(value, ast.Call) and name_of(value.func) == "dict":
        yield from ((f"{name}[{one.arg}]", one.value) for one in value.keywords)
    elif isinstance(value, ast.List | ast.Tuple) and len(value.elts) <= MAX_PARTS:
        yield from ((f"{name}[{at}]", one) for at, one in enumerate(value.elts))


def _labels(node: ast.ClassDef) -> Iterator[int]:
    """Values of an enumeration that say no more than its names do."""
    if any("Enum" in name_of(base) for base in node.bases):
        for name, value in [pair for inner in node.body for pair in bindings(inner)]:
            text = str(value.value) if isinstance(value, ast.Constant) else ""
            if text.lower() == name.lower() or is_label(text):
                yield id(value)


def _decoys(name: str, value: ast.expr) -> Iterator[int]:
    """Yield what is hashed for nobody: a log-in takes as long where there is no such user."""
    if isinstance(value, ast.Call) and value.args and DECOY.search(name.lower()):
        yield from (id(node) for node in ast.walk(value.args[0]))
    if isinstance(value, ast.IfExp | ast.BoolOp) and not reads_environment(value):
        last = value.orelse if isinstance(value, ast.IfExp) else value.values[-1]
        yield from _unused(last)


def _unused(value: ast.expr) -> Iterator[int]:
    """Yield what is hashed for nothing: the hash is thrown away."""
    if isinstance(value, ast.Call) and called(value)[0] in HASHERS:
        yield from map(id, value.args)


def _values(node: ast.ClassDef) -> Iterator[int]:
    """Yield the values that a class binds in its body."""
    yield from (id(value) for inner in node.body for _, value in bindings(inner))
