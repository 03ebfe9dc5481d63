"""Parse Python that a student wrote, in one thread at a time."""

from __future__ import annotations

import ast
import threading
import warnings
from typing import Final

# Several versions of CPython count the depth of the trees that they make in one place for all
# threads: two at a time raise "AST constructor recursion depth mismatch".
# https://github.com/python/cpython/issues/106905
_ONE_AT_A_TIME: Final = threading.Lock()


def parse_python(text: str) -> ast.Module | None:
    """Return the tree of the module `text`; None where it is not Python, or is nested too deeply.

    What the text's own form makes Python warn of is not shown.
    """
    try:
        return _parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def broken_line(text: str) -> int:
    """Return the line of `text` at which Python stops reading; 0 where it reads all of it.

    -1 where it gives up without naming a line.
    """
    try:
        _parsed(text)
    except SyntaxError as error:
        return error.lineno or -1
    except (ValueError, RecursionError, MemoryError):
        return -1
    return 0


def _parsed(text: str) -> ast.Module:
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)
