"""Grades practical exams: a repository is built, run alongside a real MySQL, and scored.

The public names are `grade`, `Options`, `Challenge`, `GradeReport` and `__version__`. They are
loaded when they are first used: a suite's process imports this package and needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.model import Challenge, GradeReport
    from grader.pipeline import Options, grade

    __version__: str

__all__ = ["Challenge", "GradeReport", "Options", "__version__", "grade"]

_HOMES = {
    "Challenge": "grader.model",
    "GradeReport": "grader.model",
    "Options": "grader.pipeline",
    "grade": "grader.pipeline",
}


def __getattr__(name: str) -> Any:
    """Return a public name, from the module that it lives in."""
    if name == "__version__":
        from importlib.metadata import version

        return version("practical-exam-grader")
    if name not in _HOMES:
        msg = f"module 'grader' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)
