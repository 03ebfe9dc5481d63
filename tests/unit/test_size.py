"""How large modules, functions and objects may get: what is larger is two things in one."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import grader
from tests.unit.syntax_trees import tree_of

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


def fields(node: ast.ClassDef) -> set[str]:
    """Return what instances of a class hold: annotated names, and what its initializer stores.

    What the class itself holds (`ClassVar`) is none of it.
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
    return found


def all_fields(module: str, name: str, classes: Classes) -> set[str]:
    """Return the fields of a class among `classes`, and those of its bases among them."""
    found = classes[module, name]
    held = set[str]()
    for one in found.nodes:
        held |= fields(one)
        for base in one.bases:
            if isinstance(base, ast.Name):
                where = found.imported.get(base.id, (module, base.id))
                if where in classes and where != (module, name):
                    held |= all_fields(*where, classes)
    return held


@dataclass
class Defined:
    """The classes of one name in one module, and what the names mean that it imports."""

    imported: Mapping[str, tuple[str, str]]
    nodes: list[ast.ClassDef] = field(default_factory=list)


Classes = dict[tuple[str, str], Defined]
"""By the module and the name: two modules may each have a class of one name."""


def classes_of(trees: Mapping[str, ast.Module]) -> Classes:
    """Return the classes of modules, which are given by name."""
    found: Classes = {}
    for module, tree in trees.items():
        imported = {
            one.asname or one.name: (node.module or "", one.name)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for one in node.names
        }
        for node in defined(tree):
            if isinstance(node, ast.ClassDef):
                found.setdefault((module, node.name), Defined(imported)).nodes.append(node)
    return found


def name_of(path: Path) -> str:
    """Return the name of a module of the package."""
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)


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
    trees = {path: tree_of(path) for path in modules()}
    functions = {
        place(path, node): (node.end_lineno or node.lineno) - node.lineno + 1
        for path, tree in trees.items()
        for node in defined(tree)
        if not isinstance(node, ast.ClassDef)
    }
    classes = classes_of({name_of(path): tree for path, tree in trees.items()})
    objects = {
        f"{module}: {name}": len(all_fields(module, name, classes))
        for module, name in classes
        if module != name_of(PACKAGE / VALUES)
    }
    assert len(objects) > 500
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
    assert fields(derived) == {"z"}


def test_the_fields_of_a_base_are_those_of_the_one_that_is_meant() -> None:
    """Of the same module, or imported; another class of its name is another."""
    trees = {
        "a": ast.parse("class Some:\n    a: int\n"),
        "b": ast.parse("class Some:\n    b: int\nclass More(Some):\n    z: int\n"),
        "c": ast.parse("from a import Some as One\nclass More(One):\n    c: int\n"),
    }
    classes = classes_of(trees)
    assert all_fields("a", "Some", classes) == {"a"}
    assert all_fields("b", "More", classes) == {"b", "z"}
    assert all_fields("c", "More", classes) == {"a", "c"}
