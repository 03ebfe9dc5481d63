"""What the package promises."""

import ast
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import grader

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
    places: dict[str, list[str]] = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        if "template" in path.parts:
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(path.relative_to(PACKAGE).as_posix())
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
