"""Which variables of the environment an app's Python reads, and which of them nothing gives."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.inspect.buildkit.words import pairs
from grader.inspect.dockerfile import Dockerfile
from grader.inspect.files import list_files, read_text
from grader.python_source import parse_python

MAX_FILES = 300
MAX_CHARACTERS = 256 * 1024
"""Of one module; a longer one is data."""
MAX_ALL = 2 * 1024 * 1024
"""Characters of all modules together."""
MAX_ENV_FILES = 20
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
ENV_FILE = re.compile(r"(?m)^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*[=:]")
CONSTANT = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
ALWAYS = frozenset({"HOME", "HOSTNAME", "PATH", "PWD"})
"""What every container has."""
SKIPPED = frozenset({"tests", "test", "venv", ".venv", "env", "node_modules", "site-packages"})


@dataclass(frozen=True, kw_only=True)
class Read:
    """One place where a variable is asked for, without a default."""

    name: str
    path: str
    """From the top of what was looked at."""
    line: int
    indirect: bool = False
    """Whether it is the argument of some function, which may ask for it."""


@dataclass(frozen=True, kw_only=True)
class DefaultRead:
    """One place where a variable that nothing gives is asked for, with a text in its place."""

    name: str
    value: str
    path: str
    """From the top of what was looked at."""
    line: int


def unset(root: Path, given: Collection[str], dockerfile: Dockerfile | None) -> tuple[Read, ...]:
    """Return what the Python under `root` reads without a default and nothing gives it.

    `given` are the names that the container gets. What ENV and ARG of `dockerfile` name and what
    stands in a file such as `.env`, which the app may load by itself, counts as given. The first
    place of each name is returned. Nothing is imported or executed.
    """
    known = _known(root, given, dockerfile)
    found: dict[str, Read] = {}
    for path, text in _modules(root):
        for name, line, indirect in _reads(text):
            earlier = found.get(name)
            if name not in known and (earlier is None or (earlier.indirect and not indirect)):
                found[name] = Read(name=name, path=path, line=line, indirect=indirect)
    return tuple(found.values())


def fallbacks(
    root: Path, given: Collection[str], dockerfile: Dockerfile | None
) -> tuple[DefaultRead, ...]:
    """Return the texts that the Python under `root` takes in the place of what nothing gives.

    As with `unset`, of which these are no part.
    """
    known = _known(root, given, dockerfile)
    return tuple(
        DefaultRead(name=name, value=value, path=path, line=line)
        for path, text in _modules(root)
        for name, value, line in _defaults(text)
        if name not in known
    )


def all_reads(root: Path) -> Iterator[Read | DefaultRead]:
    """Yield each place where the Python under `root` asks for a variable, whatever gives it."""
    for path, text in _modules(root):
        for name, line, indirect in _reads(text):
            yield Read(name=name, path=path, line=line, indirect=indirect)
        for name, value, line in _defaults(text):
            yield DefaultRead(name=name, value=value, path=path, line=line)


def _known(root: Path, given: Collection[str], dockerfile: Dockerfile | None) -> set[str]:
    """Return the names of what something gives."""
    known = {*ALWAYS, *given, *_of_dockerfile(dockerfile)}
    files = [path for path in _paths(root) if "env" in path.rpartition("/")[2].split(".")]
    for path in [path for path in files if "example" not in path][:MAX_ENV_FILES]:
        known |= set(ENV_FILE.findall(read_text(root, path)[:MAX_CHARACTERS]))
    return known


def _paths(root: Path) -> list[str]:
    return [path for path in list_files(root) if SKIPPED.isdisjoint(path.split("/")[:-1])]


def _modules(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the paths and texts of the Python files, as long as they are not too much."""
    left = MAX_ALL
    for path in [path for path in _paths(root) if path.endswith(".py")][:MAX_FILES]:
        text = read_text(root, path)
        left -= len(text)
        if left > 0 and len(text) <= MAX_CHARACTERS:
            yield path, text


def _of_dockerfile(dockerfile: Dockerfile | None) -> Iterator[str]:
    for one in dockerfile.instructions if dockerfile else ():
        if one.name == "ENV":
            yield from (name for name, _ in pairs(one, "\\"))


def _reads(text: str) -> Iterator[tuple[str, int, bool]]:
    """Each name, its line, and whether it is asked for indirectly; nothing of no Python."""
    if (tree := parse_python(text)) is None:
        return
    excused = _excused(tree)
    for node in ast.walk(tree):
        if node in excused:
            continue
        if name := _name(node):
            yield name, getattr(node, "lineno", 1), False
        elif name := _argument(node):
            yield name, getattr(node, "lineno", 1), True


def _defaults(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield each name that is asked for with a text in its place, the text, and the line."""
    tree = parse_python(text)
    for node in ast.walk(tree) if tree else ():
        match node:
            case ast.Call(func=func, args=[asked, ast.Constant(value=str(value))]):
                bare = ast.Call(func=func, args=[asked], keywords=[])
            case ast.Call(
                func=func, args=[asked],
                keywords=[ast.keyword(arg="default", value=ast.Constant(value=str(value)))],
            ):  # fmt: skip
                bare = ast.Call(func=func, args=[asked], keywords=[])
            case ast.BoolOp(op=ast.Or(), values=[bare, ast.Constant(value=str(value))]):
                pass
            case _:
                continue
        if name := _name(bare):
            yield name, value, getattr(node, "lineno", 1)


def _name(node: ast.AST) -> str:
    """Return the variable that an expression asks for, without a default of its own.

    Else nothing.
    """
    match node:
        case ast.Call(func=func, args=[ast.Constant(value=str(name))], keywords=[]):
            words = _dotted(func)
            asks = words.rpartition(".")[2] == "getenv" or words.endswith("environ.get")
            return name if asks and NAME.fullmatch(name) else ""
        case ast.Subscript(value=value, slice=ast.Constant(value=str(name)), ctx=ast.Load()):
            return name if _dotted(value).endswith("environ") and NAME.fullmatch(name) else ""
        case _:
            return ""


def _argument(node: ast.AST) -> str:
    """Return the one argument of a call of the app's own, if it looks like a variable's name."""
    match node:
        case ast.Call(func=ast.Name(), args=[ast.Constant(value=str(name))], keywords=[]):
            return name if CONSTANT.fullmatch(name) else ""
        case _:
            return ""


def _excused(tree: ast.Module) -> set[ast.AST]:
    """Expressions whose absence is foreseen: `os.getenv("A") or "b"`, and what is tested."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        match node:
            case ast.BoolOp(op=ast.Or(), values=[*first, _]):
                found.update(first)
            case ast.If(test=test) | ast.IfExp(test=test):
                found.update(ast.walk(test))
            case _:
                continue
    return found


def _dotted(node: ast.AST) -> str:
    """`os.environ.get` as text; the last names alone where it begins with something else."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        names.append(node.id)
    return ".".join(reversed(names))
