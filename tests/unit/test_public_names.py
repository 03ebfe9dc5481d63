"""What the package promises."""

import ast
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import grader
from tests.unit.syntax_trees import tree_of

PACKAGE = Path(grader.__file__).parent


def test_the_public_names_are_pinned() -> None:
    """A name that disappears breaks somebody's script."""
    assert sorted(grader.__all__) == [
        "Challenge",
        "GradeReport",
        "Options",
        "__version__",
        "grade",
    ]
    for name in grader.__all__:
        assert getattr(grader, name) is not None


def test_importing_the_package_imports_next_to_nothing() -> None:
    """A suite's process imports the package; Docker's client has no place there."""
    code = (
        "import sys, grader.exam.plugin;"
        "print(sorted(m for m in ('docker', 'testcontainers', 'rich', 'click', 'jsonschema')"
        " if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_public_class_name_is_used_twice() -> None:
    """One name means one thing wherever it is read; what `grader new` copies is no part of that."""
    named: dict[str, set[Path]] = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        if "template" not in path.parts:
            for name in re.findall(
                r"^[ \t]*class ([A-Za-z]\w*)", path.read_text("utf-8"), re.MULTILINE
            ):
                named[name].add(path)
    shared = {name: paths for name, paths in named.items() if len(paths) > 1}
    parsed = {path: classes_of(path) for path in set[Path]().union(*shared.values())}
    places = {
        name: [
            path.relative_to(PACKAGE).as_posix() for path in sorted(paths) if name in parsed[path]
        ]
        for name, paths in shared.items()
    }
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def classes_of(path: Path) -> set[str]:
    """The classes that a module defines, those within functions among them.

    What only looks like one in a text of it is none.
    """
    nodes = ast.walk(tree_of(path))
    return {node.name for node in nodes if isinstance(node, ast.ClassDef)}
