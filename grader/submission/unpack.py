"""What an archive may put on this disk: plain files inside one folder, under caps.

Members are written one by one as they are read, so that a bomb is stopped at its cap and not after
it. Links are made last: whatever the order of its members, nothing is written through one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, NoReturn

from grader.deadline.ending import going_on
from grader.errors import SubmissionRejected
from grader.submission.directory import CHUNK, MAX_BYTES, MAX_DEPTH
from grader.text import clean, clip

MAX_MEMBERS = 100_000
"""Files, folders and links; a `.git` counts with all its objects."""
MAX_NAME = 255
"""Bytes of one part of a path, as file systems have it."""
MAX_PATH = 2048
MAX_LINK = 4096
MAX_RATIO = 100
"""How many times its packed size an archive may unpack to, once it is larger than `FREE`."""
FREE = 32 * 1024 * 1024
DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def refuse(why: str) -> NoReturn:
    """Raise `SubmissionRejected`, saying `why` in a clause: no honest program packs that."""
    msg = (
        f"The archive is no exam's answer: {clean(why)}. Pack the source code again, with `zip -r` "
        "or `tar -czf`, and hand that in."
    )
    raise SubmissionRejected(msg) from None


def named(name: str) -> str:
    """Return a member's name as a message may show it."""
    return clip(repr(clean(name)), 200)


def inner_path(name: str) -> PurePosixPath:
    """Return where the member `name` belongs, seen from the archive's top.

    Raises `SubmissionRejected` for a name that leads elsewhere or that no file can have.
    """
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if name.startswith("/") or DRIVE.match(name):
        refuse(f"{named(name)} has an absolute path")
    if ".." in parts:
        refuse(f"{named(name)} leads out of it")
    if len(parts) > MAX_DEPTH + 1:
        refuse(f"folders are nested more than {MAX_DEPTH} deep ({named(name)})")
    try:
        sizes = [len(os.fsencode(part)) for part in parts]
    except UnicodeEncodeError:
        refuse(f"{named(name)} is no name that a file can have")
    if "\0" in name or sum(sizes) > MAX_PATH or max(sizes, default=0) > MAX_NAME:
        refuse(f"{named(name)} is no name that a file can have")
    return PurePosixPath(*parts)


@dataclass
class Unpacker:
    """The state of one unpacking into the folder `root`, which exists and is empty."""

    root: Path
    packed: int
    """Bytes of the archive itself."""
    size: int = 0
    members: int = 0
    links: dict[PurePosixPath, str] = field(default_factory=dict)
    made: set[PurePosixPath] = field(default_factory=lambda: {PurePosixPath()})
    """The folders so far."""

    def count(self) -> None:
        """One more member. Raises `SubmissionRejected` where there are too many."""
        going_on()
        self.members += 1
        if self.members > MAX_MEMBERS:
            refuse(f"it holds more than {MAX_MEMBERS} files and folders")

    def folder(self, inner: PurePosixPath) -> None:
        """Make the folder `inner` and those above it."""
        if inner in self.made:
            return
        self.folder(inner.parent)
        try:
            (self.root / inner).mkdir(mode=0o700)
        except FileExistsError:
            _refuse_twice(inner)
        self.made.add(inner)
        if len(self.made) > MAX_MEMBERS:
            refuse(f"it holds more than {MAX_MEMBERS} folders")

    def file(self, inner: PurePosixPath, content: IO[bytes], *, executable: bool) -> None:
        """Write the file `inner`; its bytes are counted as they come."""
        with self._new(inner, executable=executable) as writer:
            for chunk in self._counted(content):
                writer.write(chunk)

    def copy(self, inner: PurePosixPath, original: PurePosixPath) -> None:
        """Write the file `inner` as a copy of `original`, which the archive gave before."""
        path = self.root / original
        if original.parent not in self.made or path.is_symlink() or not path.is_file():
            refuse(
                f"{named(str(inner))} is a hard link to {named(str(original))}, which it does not "
                "hold"
            )
        with path.open("rb") as reader:
            self.file(inner, reader, executable=bool(path.stat().st_mode & 0o100))

    def link(self, inner: PurePosixPath, aim: str) -> None:
        """Note the symbolic link `inner`; `finish` makes it."""
        if not aim or "\0" in aim or len(aim) > MAX_LINK:
            refuse(f"{named(str(inner))} is a link to nowhere")
        if inner in self.links or not inner.parts:
            _refuse_twice(inner)
        self.links[inner] = aim

    def finish(self) -> None:
        """Make the links. Nothing follows them: intake looks at each before it keeps it."""
        for inner, aim in self.links.items():
            if inner in self.made:
                refuse(f"it writes through its own link {named(str(inner))}")
            if any(parent in self.links for parent in inner.parents):
                refuse(f"it writes through its own link {named(str(inner.parent))}")
            self.folder(inner.parent)
            try:
                (self.root / inner).symlink_to(aim)
            except FileExistsError:
                _refuse_twice(inner)

    def _new(self, inner: PurePosixPath, *, executable: bool) -> IO[bytes]:
        if not inner.parts:
            refuse("it holds a file without a name")
        self.folder(inner.parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        try:
            descriptor = os.open(self.root / inner, flags, 0o755 if executable else 0o644)
        except FileExistsError:
            _refuse_twice(inner)
        return os.fdopen(descriptor, "wb")

    def _counted(self, content: IO[bytes]) -> Iterator[bytes]:
        while chunk := content.read(CHUNK):
            going_on()
            self.size += len(chunk)
            require_size(self.size, self.packed)
            yield chunk


def require_size(size: int, packed: int) -> None:
    """Raise `SubmissionRejected` where `packed` bytes have come to `size` bytes, a bomb's."""
    if size > MAX_BYTES:
        refuse(f"it unpacks to more than {MAX_BYTES >> 20} MiB")
    if size > FREE and size > packed * MAX_RATIO:
        refuse(f"it unpacks to more than {MAX_RATIO} times its size, as a bomb does")


def _refuse_twice(inner: PurePosixPath) -> NoReturn:
    refuse(f"it holds {named(str(inner))} twice, or alongside a name that differs in case only")
