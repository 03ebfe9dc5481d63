"""Secrets that stand in one file and are used in another: mounted, imported or read at run time."""

from __future__ import annotations

import ast
import os
import posixpath
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.inspect.files import is_file
from grader.inspect.secrets.decode import text_of
from grader.inspect.secrets.file_roles import FileRole, place_of
from grader.inspect.secrets.finding import Hit, Wanted
from grader.inspect.secrets.literals import written
from grader.inspect.secrets.names import Sureness
from grader.inspect.secrets.pyoutline import entries
from grader.inspect.secrets.pysinks import bindings
from grader.inspect.secrets.values import UNKNOWN, judge
from grader.inspect.secrets.wholefile import whole_file
from grader.python_source import parse_python

MAX_WANTED = 200
MAX_FILE = 256 * 1024


def followed(
    root: Path, wanted: Sequence[Wanted], leave_out: frozenset[str]
) -> Iterator[tuple[str, Hit]]:
    """Yield the hits in files under `root` that others use, each with its path.

    Files in `leave_out` are not handed in, and what is not there is no matter of ours.
    """
    done: set[tuple[str, str]] = set()
    for one in wanted[:MAX_WANTED]:
        for path in _candidates(one):
            if (path, one.constant) in done or path in leave_out or not is_file(root, path):
                continue
            done.add((path, one.constant))
            hit = _hit(one, path, _text(root / path))
            if hit:
                yield path, hit
            break


def _candidates(one: Wanted) -> Iterator[str]:
    """Yield where the file that is meant may lie: alongside what uses it, or from the top."""
    folder = posixpath.dirname(one.path)
    if not one.constant:
        for base in (folder, ""):
            path = posixpath.normpath(posixpath.join(base, one.target))
            if not path.startswith(("..", "/")):
                yield path
        return
    dots = len(one.target) - len(one.target.lstrip("."))
    for _ in range(dots - 1):
        folder = posixpath.dirname(folder)
    inner = one.target.lstrip(".").replace(".", "/")
    for base in (folder,) if dots else ("", folder):
        stem = posixpath.join(base, inner) if inner else base
        yield from (f"{stem}.py", f"{stem}/__init__.py")


def _text(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    with os.fdopen(descriptor, "rb") as reader:
        return text_of(reader.read(MAX_FILE)) or ""


def _bound(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """Yield what a statement binds, the entries of a dict as `name[key]`."""
    for name, value in bindings(node):
        yield name, value
        if isinstance(value, ast.Dict):
            yield from entries(value, name)


def _hit(one: Wanted, path: str, text: str) -> Hit | None:
    if not one.constant:
        return whole_file(path, text, FileRole.RUNS, one.name)
    if (tree := parse_python(text)) is None:
        return None
    constants: dict[str, str] = {}
    for node in tree.body:
        for name, expression in _bound(node):
            value = written(expression, constants)
            if value is None or UNKNOWN in value:
                continue
            constants[name] = value
            severity = judge(value, place_of(path), Sureness.SURE, references=False)
            if name == one.constant and severity:
                return Hit(rule=one.rule, severity=severity, line=expression.lineno, name=one.name,
                           value=value)  # fmt: skip
    return None
