"""Files that a path which is not there may have meant: of its name elsewhere, or of a near name."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from grader.inspect.files import list_files
from grader.text import clean, clip

SKIPPED = frozenset(
    {"node_modules", "venv", ".venv", "env", "site-packages", "__pycache__", ".git"}
)
MAX_FILES = 2000
"""Files whose names are compared."""
SHOWN = 3
ALIKE = 0.7
"""How alike two names are, by difflib, that may be one and a slip."""


def where_it_is(root: Path, folder: str, path: str) -> str:
    """Return a sentence, after a blank, on what `path` of a build's context may be; or nothing.

    `folder` is the context, from the top `root`; empty or `.`: the top itself.
    """
    context = PurePosixPath("" if folder == "." else folder)
    wanted = str(context / path)
    if (root / wanted).exists():
        return f" It is in your repository, at {_plain(wanted)}: look into .dockerignore."
    same, near = near_files(root, wanted)
    counts = f"{_plain(str(context))}/" if context.parts else "the top of your repository"
    if same:
        return (
            f" Your repository has {listed(same)}: COPY counts from the build's context, which is "
            f"{counts}."
        )
    return f" Did you mean {listed(near)}?" if near else ""


def near_files(root: Path, path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the files of the name of `path` in other folders, and those of a near name.

    The nearest to the top come first; at most a few are returned.
    """
    pure = PurePosixPath(path)
    name, same, near = pure.name.lower(), list[str](), list[str]()
    for one in _files(root):
        if one.name.lower() == name:
            same.append(str(one))
        elif one.parent == pure.parent and _is_near(one.name.lower(), name):
            near.append(str(one))
    same.sort(key=lambda one: (one.count("/"), one))
    return tuple(same[:SHOWN]), tuple(near[:SHOWN])


def _files(root: Path) -> Sequence[PurePosixPath]:
    paths = (PurePosixPath(one) for one in list_files(root))
    return [one for one in paths if SKIPPED.isdisjoint(one.parts)][:MAX_FILES]


def _is_near(name: str, wanted: str) -> bool:
    """Whether a name may be the wanted one: cut short, with one more part, or spelt wrong."""
    own, other = PurePosixPath(name), PurePosixPath(wanted)
    if not other.suffix:  # Dockerfile.flask, flask.Dockerfile
        return wanted in name.split(".")
    if own.suffix != other.suffix:
        return False
    short = min(own.stem, other.stem, key=len)
    begins = len(short) >= 3 and own.stem.startswith(short) and other.stem.startswith(short)
    alike = difflib.SequenceMatcher(None, own.stem[:80], other.stem[:80]).ratio() >= ALIKE
    return begins or alike


def listed(paths: Sequence[str]) -> str:
    """Return paths for a sentence, with "and" before the last."""
    shown = [_plain(one) for one in paths]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _plain(path: str) -> str:
    return clip(clean(path), 100)
