"""Patches of reference solutions: applied with `git apply`, made of two folders, and short.

A patch holds what a reader needs: `--- a/…`, `+++ b/…` and hunks with three lines of context.
Git's own headers stand only where a mode, an empty file or a binary one needs them.
"""

from __future__ import annotations

import re
from pathlib import Path

from grader.errors import SpecError
from grader.verify.git import git

FAILED = re.compile(r"error: patch failed: (.+):(\d+)")
GONE = re.compile(r"error: (.+): No such file or directory")
THERE = re.compile(r"error: (.+): already exists in working directory")
CORRUPT = re.compile(r"error: (?:corrupt patch|.*) at (?:line |.*:)(\d+)")
HUNK = re.compile(rb"@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@")
EMPTY = re.compile(rb"@@ (?:-0,0 .*|.* \+0,0) @@")
"""The head of a hunk for a file that was empty, or is: not to be taken for a new or deleted one."""
DIFFER = 1
"""The status that `git diff` ends with where there is a difference."""


def apply(patch: Path, folder: Path, base: str) -> None:
    """Apply the file `patch` to the files of `folder`, which messages call `base`.

    Raises `SpecError` with a sentence for each hunk or file that does not fit, and where it stands
    in the patch; nothing is changed then. Paths outside of `folder` do not fit.
    """
    command = ["apply", "-p1", "--whitespace=nowarn", "--", str(patch.resolve())]
    done = git(folder, *command, check=False)
    if done.returncode != 0:
        raise SpecError(patch.name, _said(patch, done.tail, base))


def fit(patch: Path, folder: Path, base: str) -> None:
    """Try the file `patch` on the files of `folder`, which stay as they are; raises as `apply`."""
    command = ["apply", "--check", "-p1", "--whitespace=nowarn", "--", str(patch.resolve())]
    done = git(folder, *command, check=False)
    if done.returncode != 0:
        raise SpecError(patch.name, _said(patch, done.tail, base))


def make(parent: Path) -> bytes:
    """Return the patch that turns the folder `a` in `parent` into the folder `b`.

    Empty if they are equal.

    Raises `ProcessFailed` where git does not do it.
    """
    target = parent.resolve() / "patch"
    command = [
        "diff", "--no-index", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames",
        "--no-prefix", "--binary", "--minimal", "-U3", f"--output={target}", "--", "a", "b",
    ]  # fmt: skip
    done = git(parent, *command, check=False)
    if done.returncode not in {0, DIFFER}:
        git(parent, *command)  # its failure says why
    raw = target.read_bytes()
    return b"".join(_short(block) for block in re.split(rb"(?m)^(?=diff --git )", raw))


def _parted(block: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the headers of a file's part of a patch, the first `@@` and what follows."""
    found = re.search(rb"(?m)^(?:@@ |GIT binary patch)", block)
    if not found:
        return block, b"", b""
    return block[: found.start()], found[0], block[found.end() :]


def _short(block: bytes) -> bytes:
    """Return a file's part of a patch without the headers that say nothing."""
    header, mark, rest = _parted(block)
    if mark.startswith(b"GIT"):
        return block
    lines = [line for line in header.splitlines(keepends=True) if not line.startswith(b"index ")]
    told = [line for line in lines[1:] if line != b"new file mode 100644\n"]
    names_only = [line[:4] for line in told] == [b"--- ", b"+++ "]
    emptied = b"/dev/null" not in header and EMPTY.match(mark + rest)
    return b"".join(told if names_only and not emptied else lines) + mark + rest


def _said(patch: Path, output: str, base: str) -> list[str]:
    """Return a sentence for each thing that git found, with the file and line in the patch."""
    hunks = _hunks(patch.read_bytes())
    said = []
    for line in output.splitlines():
        if found := FAILED.fullmatch(line):
            path, old = found[1], int(found[2])
            number, head = hunks.get((path, old), (1, f"@@ -{old} @@"))
            said.append(
                f"{patch.name}:{number}: the hunk `{head}` no longer applies: {base} has other "
                f"lines at {path}:{old}."
            )
        elif found := GONE.fullmatch(line):
            said.append(f"{patch.name}:{_first(hunks, found[1])}: {base} has no file {found[1]}.")
        elif found := THERE.fullmatch(line):
            where = f"{patch.name}:{_first(hunks, found[1])}"
            said.append(f"{where}: {base} has a file {found[1]} already, which the patch adds.")
        elif found := CORRUPT.fullmatch(line):
            said.append(
                f"{patch.name}:{found[1]}: it is no unified diff from here on "
                f"({line.removeprefix('error: ')})."
            )
        elif line.startswith(("error: ", "fatal: ")) and "patch does not apply" not in line:
            said.append(f"{patch.name}: git apply says: {line.partition(': ')[2]}.")
    return said or [f"{patch.name}: git apply refuses it: {output.strip() or 'no reason'}."]


def _first(hunks: dict[tuple[str, int], tuple[int, str]], path: str) -> int:
    """Return the line of the first hunk for `path`."""
    return min((number for (name, _), (number, _) in hunks.items() if name == path), default=1)


def _hunks(raw: bytes) -> dict[tuple[str, int], tuple[int, str]]:
    """Return the hunks of a patch, by file and line there, each with its own line and its head."""
    found = {}
    path = ""
    for number, line in enumerate(raw.split(b"\n"), 1):
        if line.startswith((b"--- a/", b"+++ b/")):
            path = line[len(b"--- a/") :].split(b"\t")[0].decode("utf-8", "replace")
        elif match := HUNK.match(line):
            found[path, int(match[1])] = number, match[0].decode()
    return found
