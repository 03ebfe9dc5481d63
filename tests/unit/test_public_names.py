"""What the package promises."""

import subprocess
import sys

import grader


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
