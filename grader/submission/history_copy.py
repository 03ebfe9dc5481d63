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
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader import process
from grader.errors import Cancelled, PlatformError

SECONDS = 60
MAX_BYTES = 1024**3
MAX_FILES = 200_000
MAX_DEPTH = 12
CHUNK = 1024 * 1024
NONE = "it is no git repository"
ALTERNATES = ("alternates", "http-alternates")
SAFE = (
    "--no-replace-objects",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.fsmonitor=false",
    "-c", "core.attributesFile=/dev/null",
    "-c", "core.excludesFile=/dev/null",
    "-c", "protocol.allow=never",
    "-c", "safe.directory=*",
    "-c", "core.bigFileThreshold=8m",
)  # fmt: skip
WANTED = re.compile(
    r"HEAD|packed-refs|index|info/exclude|logs/(?:[^/]+/)*[^/]+|refs/(?:[^/]+/)*[^/]+"
    r"|objects/[0-9a-f]{2}/[0-9a-f]{38}(?:[0-9a-f]{24})?"
    r"|objects/pack/pack-[0-9a-f]{40}(?:[0-9a-f]{24})?\.(?:pack|idx)"
)
"""What is data: no configuration, no hook, no index of commits, graft or list of commits without
parents that could say something else than the objects do."""
CONFIG_BYTES = 64 * 1024


class UnreadableHistory(Exception):
    """There is no history that can be read; the message is a clause that says why."""


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A bare repository of our own."""

    path: Path
    environment: dict[str, str]
    cancel: threading.Event | None = None

    def require_running(self) -> None:
        """Raise `Cancelled` once the run is over."""
        if self.cancel is not None and self.cancel.is_set():
            msg = "Reading the history was stopped because the run was cancelled."
            raise Cancelled(msg)

    def run(self, *arguments: str) -> None:
        """Run git. Raises `UnreadableHistory` where it fails."""
        self.lines(*arguments)

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of git for this copy."""
        return ["git", *SAFE, f"--git-dir={self.path}", *arguments]

    def lines(self, *arguments: str, cap: int = 64 * 1024 * 1024) -> list[str]:
        """Return what git prints.

        Raises `UnreadableHistory` where it fails or prints more than `cap` bytes.
        """
        lines: list[str] = []
        try:
            done = process.run(
                self.command(*arguments), deadline=SECONDS, env=self.environment,
                on_line=lines.append, output_cap=cap, cancel=self.cancel,
            )  # fmt: skip
        except PlatformError as error:
            msg = "git cannot read it"
            raise UnreadableHistory(msg) from error
        if done.flooded:
            msg = "it is longer than is read"
            raise UnreadableHistory(msg)
        return lines


def copy_repository(origin: Path, scratch: Path, cancel: threading.Event | None = None) -> Copy:
    """Copy the repository in `origin` into the folder `scratch`, which exists.

    Raises `UnreadableHistory` where `origin` is no git repository of its own, or one larger than
    any exam's answer; `Cancelled` once `cancel` is set.
    """
    source = origin / ".git"
    require_repository(source)
    copy = Copy(path=scratch / "history.git", environment=environment(scratch), cancel=cancel)
    wanted = list(_wanted(source))
    long = any(len(path.name) == 62 and path.parent.parent.name == "objects" for path in wanted)
    long = long or any(len(path.stem) == 69 and path.parent.name == "pack" for path in wanted)
    form = "sha256" if long else "sha1"
    copy.run("init", "--quiet", "--bare", "--template=", f"--object-format={form}", str(copy.path))
    left = MAX_BYTES
    for path in wanted:
        copy.require_running()
        left -= _copy(path, copy.path / path.relative_to(source), left)
    _index_packs(copy)
    return copy


def require_repository(source: Path) -> None:
    """Raise `UnreadableHistory` where `source`, a `.git`, is no folder that holds a repository."""
    try:
        mode = source.lstat().st_mode
    except OSError:
        raise UnreadableHistory(NONE) from None
    if stat.S_ISREG(mode):
        msg = "its .git is a file that points to a repository elsewhere (a worktree or submodule)"
        raise UnreadableHistory(msg)
    if not stat.S_ISDIR(mode):
        msg = "its .git is no folder"
        raise UnreadableHistory(msg)
    if not (source / "HEAD").is_file() or not (source / "objects").is_dir():
        msg = "its .git holds no repository: HEAD or objects is missing"
        raise UnreadableHistory(msg)


def hints(source: Path) -> tuple[str, ...]:
    """Return what in a `.git` tells why objects are missing, in clauses, the likeliest first."""
    found = []
    if _is_filled(source / "shallow"):
        found.append("it is a shallow clone, which has the newest commits only")
    config = _beginning(source / "config").lower()
    packs = source / "objects" / "pack"
    promised = packs.is_dir() and any(one.suffix == ".promisor" for one in packs.iterdir())
    if promised or "promisor" in config or "partialclone" in config:
        found.append("it is a partial clone (--filter), which leaves objects where it came from")
    if any(_is_filled(source / "objects" / "info" / name) for name in ALTERNATES):
        found.append("it borrows its objects from another repository (a clone with --shared)")
    return tuple(found)


def _is_filled(path: Path) -> bool:
    return bool(_beginning(path).strip())


def _beginning(path: Path) -> str:
    """Return the first bytes of a regular file; empty where there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    with os.fdopen(descriptor, "rb") as reader:
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return reader.read(CONFIG_BYTES).decode("utf-8", "replace") if regular else ""


def _index_packs(copy: Copy) -> None:
    """Make the index of each pack that came without one: git would not see what is in it."""
    for pack in sorted((copy.path / "objects" / "pack").glob("*.pack")):
        if not pack.with_suffix(".idx").exists():
            try:
                copy.run("index-pack", str(pack))
            except UnreadableHistory:
                continue  # what is in it is missing


def environment(scratch: Path) -> dict[str, str]:
    """Return what git gets for an environment: no configuration of the caller's.

    Home is `scratch`.
    """
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
    """Yield the files of a `.git` that are copied; links are not followed."""
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
                    raise UnreadableHistory(msg)
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
                    raise UnreadableHistory(msg)
                writer.write(chunk)
    return size
