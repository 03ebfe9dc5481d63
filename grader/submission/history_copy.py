"""A bare repository of our own that holds a submission's objects and refs.

Files are copied; git never runs with the submission's repository as its own. So nothing of its
configuration acts: no fsmonitor, filter, textconv or hook, no ref that it hides from a clone
(`transfer.hideRefs`), no objects that it borrows elsewhere on this machine (`alternates`), none
that git would fetch by a command that it names (a partial clone, CVE-2024-32004).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader import process
from grader.errors import PlatformError

SECONDS = 60
MAX_BYTES = 1024**3
MAX_FILES = 200_000
MAX_DEPTH = 12
CHUNK = 1024 * 1024
SAFE = (
    "--no-replace-objects",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.fsmonitor=false",
    "-c", "core.attributesFile=/dev/null",
    "-c", "core.excludesFile=/dev/null",
    "-c", "protocol.allow=never",
    "-c", "safe.directory=*",
)  # fmt: skip
WANTED = re.compile(
    r"HEAD|packed-refs|shallow|index|info/exclude|logs/refs/stash|refs/(?:[^/]+/)*[^/]+"
    r"|objects/[0-9a-f]{2}/[0-9a-f]{38}(?:[0-9a-f]{24})?"
    r"|objects/pack/pack-[0-9a-f]{40}(?:[0-9a-f]{24})?\.(?:pack|idx)"
)
"""What is data: no configuration, no hook, no index of commits that could say something else."""


class Unreadable(Exception):
    """There is no history that can be read; the message is a clause that says why."""


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A bare repository of our own."""

    path: Path
    environment: dict[str, str]

    def command(self, *arguments: str) -> list[str]:
        """The command line of git for this copy."""
        return ["git", *SAFE, f"--git-dir={self.path}", *arguments]

    def lines(self, *arguments: str, cap: int = 64 * 1024 * 1024) -> list[str]:
        """What git prints. Raises `Unreadable` where it fails or prints more than `cap` bytes."""
        lines: list[str] = []
        try:
            done = process.run(
                self.command(*arguments), deadline=SECONDS, env=self.environment,
                on_line=lines.append, output_cap=cap,
            )  # fmt: skip
        except PlatformError as error:
            msg = "git cannot read it"
            raise Unreadable(msg) from error
        if done.flooded:
            msg = "it is longer than is read"
            raise Unreadable(msg)
        return lines


def copy_repository(origin: Path, scratch: Path) -> Copy:
    """Copy the repository in `origin` into the folder `scratch`, which exists.

    Raises `Unreadable` where `origin` is no git repository of its own, or one larger than any
    exam's answer.
    """
    source = origin / ".git"
    if source.is_symlink() or not source.is_dir():
        msg = "it is no git repository" if not source.exists() else "its .git is no folder"
        raise Unreadable(msg)
    copy = Copy(path=scratch / "history.git", environment=environment(scratch))
    wanted = list(_wanted(source))
    long = any(len(path.name) == 62 and path.parent.parent.name == "objects" for path in wanted)
    form = "sha256" if long else "sha1"
    try:
        process.run(
            ["git", *SAFE, "init", "--quiet", "--bare", "--template=", f"--object-format={form}",
             str(copy.path)],
            deadline=SECONDS, env=copy.environment,
        )  # fmt: skip
    except PlatformError as error:
        msg = "git cannot be run"
        raise Unreadable(msg) from error
    left = MAX_BYTES
    for path in wanted:
        left -= _copy(path, copy.path / path.relative_to(source), left)
    return copy


def environment(scratch: Path) -> dict[str, str]:
    """What git gets for an environment: no configuration of the caller's; home is `scratch`."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(scratch),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "LC_ALL": "C.UTF-8",
    }


def _wanted(source: Path) -> Iterator[Path]:
    """The files of a `.git` that are copied; links are not followed."""
    count = 0
    for folder, folders, names in os.walk(source, followlinks=False):
        depth = len(Path(folder).relative_to(source).parts)
        folders[:] = [name for name in folders if depth < MAX_DEPTH and _descends(depth, name)]
        for name in names:
            path = Path(folder, name)
            if WANTED.fullmatch(path.relative_to(source).as_posix()):
                count += 1
                if count > MAX_FILES:
                    msg = f"it has more than {MAX_FILES} files"
                    raise Unreadable(msg)
                yield path


def _descends(depth: int, name: str) -> bool:
    return depth > 0 or name in {"objects", "refs", "info", "logs"}


def _copy(source: Path, target: Path, left: int) -> int:
    """Copy a regular file of at most `left` bytes, and give its size."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return 0
    size = 0
    with os.fdopen(descriptor, "rb") as reader:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return 0
        with target.open("wb") as writer:
            while chunk := reader.read(CHUNK):
                size += len(chunk)
                if size > left:
                    msg = f"it is larger than {MAX_BYTES >> 20} MiB"
                    raise Unreadable(msg)
                writer.write(chunk)
    return size
