"""Each module of `run/` and `services/` has a unit test that imports it, and so needs it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import grader

PACKAGE = Path(grader.__file__).parent
TESTS = Path(__file__).parent
IMPORT = re.compile(
    r"^[ \t]*(?:import ([\w.]+)|from ([\w.]+) import (\([^)]*\)|[^\n]*))", re.MULTILINE
)
WORD = re.compile(r"\w+")
HELD = ("run", "services")
"""Folders of the package whose modules each have a test of their own."""


def modules() -> dict[str, Path]:
    """Return the modules of those folders that hold more than a docstring, by name."""
    found = {}
    for path in sorted(one for folder in HELD for one in (PACKAGE / folder).rglob("*.py")):
        parts = ("grader", *path.relative_to(PACKAGE).with_suffix("").parts)
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if IMPORT.search(path.read_text("utf-8")):
            found[name] = path
    return found


def imported(text: str) -> Iterator[str]:
    """Yield the modules that a text of Python imports, wherever in it."""
    for alone, package, names in IMPORT.findall(text):
        yield alone or package
        yield from (f"{package}.{name}" for name in WORD.findall(names))


def test_each_module_is_imported_by_a_unit_test() -> None:
    """What the real thing alone shows takes minutes to see; each module is also tested by itself.

    A module that is not named here has no test: write one in the folder of its package under
    `tests/unit`, with the stand-ins of `grader/testing.py`.
    """
    texts = (path.read_text("utf-8") for path in TESTS.rglob("*.py"))
    known = {name for text in texts for name in imported(text)}
    found = modules()
    assert len(found) > 80
    assert sorted(found.keys() - known) == []


def test_what_counts_as_imported() -> None:
    """A module by its name, or as a part of its package; not by a text that names it."""
    text = "import a.b\nfrom c import d\ndef f():\n    from e.g import (\n  h,\n  i\n)\nx = 'k.l'\n"
    assert set(imported(text)) == {"a.b", "c", "c.d", "e.g", "e.g.h", "e.g.i"}
