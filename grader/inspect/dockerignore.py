"""`docker.ignore`: what .dockerignore keeps out of the image.

Patterns are matched as the builder does it: the last one that matches a path or a folder above it
decides, `!` takes back (github.com/moby/patternmatcher). docker-py's matcher ignores case and
knows no `**/` before a folder's name, so it is not used.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from pathlib import Path

from grader.criteria import DOCKER_IGNORE
from grader.inspect.files import is_file, read_text
from grader.model import CheckResult, Outcome

TOKENS = re.compile(r"\*\*/|\*\*|\[\^?[^\]]{1,255}\]|\\.|.")
"""A class of letters has an end: `[` again and again would else be read to the line's end each."""
MAX_CHARACTERS = 64 * 1024
UNWANTED = {
    ".git/config": ".git",
    ".env": ".env",
    "venv/pyvenv.cfg": "venv",
    ".venv/pyvenv.cfg": ".venv",
    "__pycache__/app.cpython-311.pyc": "__pycache__",
}
"""A file that stands for each thing that has no place in an image, and how to name it there."""


def check_ignore(root: Path) -> CheckResult:
    """Return whether .dockerignore keeps history, secrets, virtual environments and caches out."""
    if not is_file(root, ".dockerignore"):
        return CheckResult(
            criterion=DOCKER_IGNORE,
            outcome=Outcome.FAILED,
            rationale="Your repository has no .dockerignore, so `COPY . .` takes everything.",
        )
    text = read_text(root, ".dockerignore")
    unwanted = UNWANTED | _caches(root, text)
    kept = [name for path, name in unwanted.items() if not is_ignored(path, text)]
    if not kept:
        return CheckResult(criterion=DOCKER_IGNORE, outcome=Outcome.PASSED)
    return CheckResult(
        criterion=DOCKER_IGNORE,
        outcome=Outcome.FAILED,
        rationale=f"Your .dockerignore lets these into the image: {', '.join(kept)}.",
        evidence=f".dockerignore:\n{text}",
    )


def _caches(root: Path, text: str) -> dict[str, str]:
    """Return the cache that Python makes in a package, and how to keep it out.

    None where the file names what is let in, and leaves out all else.
    """
    if {"*", "**"} & {line.strip() for line in text.splitlines()}:
        return {}
    for folder in sorted(one for one in root.iterdir() if one.is_dir() and not one.is_symlink()):
        name = folder.name
        if name.isidentifier() and name != "__pycache__" and is_file(root, f"{name}/__init__.py"):
            path = f"{name}/__pycache__/app.cpython-311.pyc"
            return {path: f"{name}/__pycache__ (as **/__pycache__)"}
    return {}


def is_ignored(path: str, text: str) -> bool:
    """Return whether a `.dockerignore` of the content `text` keeps `path` out of the build."""
    parts = path.split("/")
    candidates = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    ignored = False
    for line in text[:MAX_CHARACTERS].splitlines():
        pattern = line.strip().removeprefix("!").strip()
        if pattern and not line.startswith("#"):
            tokens = TOKENS.findall(posixpath.normpath(pattern).lstrip("/"))
            if any(_matches(tokens, candidate) for candidate in candidates):
                ignored = not line.strip().startswith("!")
    return ignored


def _matches(tokens: list[str], path: str) -> bool:
    """Return whether the pattern takes all of `path`: where it can stand after each token.

    A regular expression would let a student's pattern run for years.
    """
    ends = {0}
    for token in tokens:
        ends = {end for start in ends for end in _ends(token, path, start)}
    return len(path) in ends


def _ends(token: str, path: str, start: int) -> Iterable[int]:
    match token:
        case "**":
            return range(start, len(path) + 1)
        case "**/":
            return [start, *(at + 1 for at in range(start, len(path)) if path[at] == "/")]
        case "*":
            slash = path.find("/", start)
            return range(start, (len(path) if slash < 0 else slash) + 1)
        case _:
            return [start + 1] if path[start : start + 1] and _takes(token, path[start]) else []


def _takes(piece: str, letter: str) -> bool:
    """Return whether a token for one letter takes this one: `?`, `[a-z]`, `[^a-z]`, or itself."""
    if piece == "?":
        return letter != "/"
    if len(piece) > 2 and piece[0] == "[":
        spans = re.findall(r"(.)-(.)|(.)", piece[1:-1].removeprefix("^"))
        held = any(low <= letter <= high if low else letter == one for low, high, one in spans)
        return held is not piece.startswith("[^")
    return piece[-1] == letter  # what follows a backslash is meant as it is
