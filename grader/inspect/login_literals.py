"""User names and passwords that stand as literals in an app's Python, with their lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from grader.inspect.compose.names import Role, role
from grader.inspect.files import list_files, read_text
from grader.inspect.reads import MAX_ALL, MAX_CHARACTERS, MAX_FILES, SKIPPED
from grader.python_source import parse_python

URL = re.compile(r"m(?:ysql|ariadb)(?:\+\w+)?://([^:/@\s]{1,100}):([^@/\s]{0,200})@")
PASSWORDS = frozenset({Role.PASSWORD, Role.ROOT})


@dataclass(frozen=True, kw_only=True)
class LoginLiteral:
    """A literal by which an app logs in."""

    name: str
    """What it is given to: a key, a variable or an argument; `URL` for a part of one."""
    value: str
    path: str
    """From the top of the submission."""
    line: int
    password: bool
    """Whether it is a password; else a user's name."""

    @property
    def where(self) -> str:
        """The file and the line, for a sentence."""
        return f"{self.path}, line {self.line}"


def login_literals(root: Path, folder: str = "") -> tuple[LoginLiteral, ...]:
    """Return those of the Python in `folder` of the submission. Nothing is imported or executed.

    The default of a variable of the environment counts, as it stands in the code.
    """
    start = f"{folder}/" if folder not in {"", "."} else ""
    paths = [
        path
        for path in list_files(root)
        if path.endswith(".py") and path.startswith(start)
        and SKIPPED.isdisjoint(path.split("/")[:-1])
    ]  # fmt: skip
    found: list[LoginLiteral] = []
    left = MAX_ALL
    for path in paths[:MAX_FILES]:
        text = read_text(root, path)
        left -= len(text)
        if left > 0 and len(text) <= MAX_CHARACTERS:
            found += _of_module(path, text)
    return tuple(found)


def _of_module(path: str, text: str) -> Iterator[LoginLiteral]:
    tree = parse_python(text)
    for node in ast.walk(tree) if tree else ():
        for name, value in _named(node):
            kind = role(name)
            if kind in PASSWORDS or kind is Role.USER:
                yield LoginLiteral(
                    name=name, value=str(value.value), path=path, line=value.lineno,
                    password=kind in PASSWORDS,
                )  # fmt: skip
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for url in URL.finditer(node.value):
                for part, password in ((url[1], False), (url[2], True)):
                    yield LoginLiteral(
                        name="URL", value=unquote(part), path=path, line=node.lineno,
                        password=password,
                    )  # fmt: skip


def _named(node: ast.AST) -> Iterator[tuple[str, ast.Constant]]:
    """Return the names that a node gives texts to, and the texts."""
    pairs: list[tuple[ast.AST | str | None, ast.AST | None]] = []
    match node:
        case ast.Assign(targets=targets, value=value):
            pairs = [(target, value) for target in targets]
        case ast.AnnAssign(target=target, value=value):
            pairs = [(target, value)]
        case ast.keyword(arg=name, value=value):
            pairs = [(name, value)]
        case ast.Dict(keys=keys, values=values):
            pairs = list(zip(keys, values, strict=True))
        case ast.Call(func=ast.Attribute(attr="get" | "getenv"), args=[name, value]):
            pairs = [(name, value)]
    for named, given in pairs:
        name = _name(named)
        if name and isinstance(given, ast.Constant) and isinstance(given.value, str):
            yield name, given


def _name(named: ast.AST | str | None) -> str:
    match named:
        case str(name) | ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Constant(value=str(name)) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case _:
            return ""
