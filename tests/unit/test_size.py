"""How large modules, functions and objects may get: what is larger is two things in one."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import grader

PACKAGE = Path(grader.__file__).parent
MEDIAN = 110
"""Lines of the median module."""
LONGEST_MODULE = 350
LONGEST_FUNCTION = 60
MOST_FIELDS = 10
INITIALIZERS = {"__init__", "__post_init__"}
VALUES = "model.py"
"""The module whose values are reports and challenges, and have a field for each of their parts."""


def modules() -> list[Path]:
    """Return the modules of the package, without what `grader new` copies."""
    return sorted(path for path in PACKAGE.rglob("*.py") if "template" not in path.parts)


def place(path: Path, node: ast.stmt | None = None) -> str:
    """Return the path in the package, and the name of a class or a function in it."""
    name = getattr(node, "name", "")
    return f"{path.relative_to(PACKAGE).as_posix()}{f': {name}' if name else ''}"


def lines(path: Path) -> int:
    """Return the number of a module's lines."""
    return len(path.read_text("utf-8").splitlines())


def fields(node: ast.ClassDef, bases: Mapping[str, ast.ClassDef] | None = None) -> set[str]:
    """Return what instances of a class hold: annotated names, and what its initializer stores.

    Those of its bases among `bases` are its own as well; what the class holds (`ClassVar`) is not.
    """
    found = {
        one.target.id
        for one in node.body
        if isinstance(one, ast.AnnAssign)
        and isinstance(one.target, ast.Name)
        and not is_class_variable(one.annotation)
    }
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and one.name in INITIALIZERS:
            found.update(stored(one))
    for base in node.bases:
        if isinstance(base, ast.Name) and bases and base.id in bases:
            found |= fields(bases[base.id], bases)
    return found


def is_class_variable(annotation: ast.expr) -> bool:
    """Return whether an annotation is `ClassVar` or one of its forms, such as `ClassVar[int]`."""
    named = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return isinstance(named, ast.Name) and named.id == "ClassVar"


def stored(initializer: ast.FunctionDef) -> Iterator[str]:
    """Yield the attributes that it stores on its first argument."""
    own = initializer.args.args[0].arg
    for one in ast.walk(initializer):
        if (
            isinstance(one, ast.Attribute)
            and isinstance(one.ctx, ast.Store)
            and isinstance(one.value, ast.Name)
            and one.value.id == own
        ):
            yield one.attr


def definitions() -> Iterator[tuple[Path, ast.stmt]]:
    """Yield every function and class of the package with its module."""
    for path in modules():
        yield from ((path, one) for one in defined(ast.parse(path.read_text("utf-8"))))


def defined(node: ast.AST) -> Iterator[ast.stmt]:
    """Yield the functions and classes among a node's statements, however deep."""
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        for child in getattr(node, name, ()):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield child
            yield from defined(child)


def test_modules_are_small() -> None:
    """Half of them can be read in a few minutes, and each in one sitting."""
    sizes = {place(path): lines(path) for path in modules()}
    assert statistics.median(sizes.values()) <= MEDIAN
    assert {name: size for name, size in sizes.items() if size > LONGEST_MODULE} == {}


def test_functions_and_objects_are_small() -> None:
    """A function fits a screen; an object with more fields holds several values that are one."""
    functions, objects = {}, {}
    classes = dict[str, tuple[Path, ast.ClassDef]]()
    for path, node in definitions():
        if isinstance(node, ast.ClassDef):
            classes[node.name] = path, node
        else:
            functions[place(path, node)] = (node.end_lineno or node.lineno) - node.lineno + 1
    bases = {name: node for name, (_, node) in classes.items()}
    for path, node in classes.values():
        if path != PACKAGE / VALUES:
            objects[place(path, node)] = len(fields(node, bases))
    assert {name: size for name, size in functions.items() if size > LONGEST_FUNCTION} == {}
    assert {name: count for name, count in objects.items() if count > MOST_FIELDS} == {}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a: int\n    b: str = ''\n    C = 1", {"a", "b"}),
        ("def __init__(self):\n        self.a, self.b = 1, 2\n        self.c.d = 3", {"a", "b"}),
        ("a: int\n    def __init__(me):\n        me.a = me.b = 1\n        you.c = 1", {"a", "b"}),
        ("def reset(self):\n        self.a = 1", set()),
        ("a: ClassVar[int] = 1\n    b: int", {"b"}),
    ],
)
def test_what_counts_as_a_field(body: str, expected: set[str]) -> None:
    """Declared in the class, or stored as an instance is made."""
    node, derived = ast.parse(f"class Some:\n    {body}\nclass More(Some):\n    z: int\n").body
    assert isinstance(node, ast.ClassDef)
    assert isinstance(derived, ast.ClassDef)
    assert fields(node) == expected
    assert fields(derived, {"Some": node}) == {*expected, "z"}
