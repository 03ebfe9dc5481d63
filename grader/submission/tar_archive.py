"""The members of a tar archive, packed with gzip or zstd or not at all.

It is unpacked to a plain file first, under the caps of a bomb: `tarfile` seeks, which costs a
packed stream a new start each time, and reads some headers into memory whole, however long they
say they are; both are bounded here (CVE-2025-8194 is a header whose length is negative).
"""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

from zstandard import ZstdDecompressor

from grader.deadline.ending import going_on
from grader.submission.directory import CHUNK
from grader.submission.unpack import Unpacker, inner_path, named, refuse, require_size

MAX_READ = 4 * 1024 * 1024
"""Bytes that are read into memory at once; longer headers than that are no file's."""
WINDOW = 128 * 1024 * 1024
"""Bytes of memory that a zstd stream may ask for; what `zstd --long` asks for."""


class _Bounded(io.FileIO):
    """A file of which nobody reads more than `MAX_READ` bytes at once."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to `size` bytes. Raises `SubmissionRejected` for more than are read at once."""
        if size is None or not 0 <= size <= MAX_READ:
            refuse("it has a header of no plausible length")
        return super().read(size) or b""


def unpack_tar(path: Path, unpacker: Unpacker, scratch: Path) -> None:
    """Unpack the tar archive at `path`, with `scratch` for the new plain file meanwhile.

    Raises `SubmissionRejected` for what no honest program packs, and what `tarfile`, `gzip` and
    `zstandard` raise for one that is damaged.
    """
    try:
        _unpack(scratch if _made_plain(path, unpacker.packed, scratch) else path, unpacker)
    finally:
        scratch.unlink(missing_ok=True)


def _made_plain(path: Path, size: int, target: Path) -> bool:
    """Unpack the stream at `path`, of `size` bytes, into the file `target`; False if it is none."""
    with path.open("rb") as packed:
        head = packed.read(4)
        packed.seek(0)
        packer = next((found for magic, found in PACKERS.items() if head.startswith(magic)), None)
        if packer is None:
            return False
        written = 0
        with packer(packed) as stream, target.open("xb") as plain:
            while chunk := stream.read(CHUNK):
                going_on()
                written += len(chunk)
                require_size(written, size)
                plain.write(chunk)
    return True


def _zstd(packed: IO[bytes]) -> IO[bytes]:
    reader = ZstdDecompressor(max_window_size=WINDOW).stream_reader(packed, closefd=False)
    return cast("IO[bytes]", reader)


def _gzip(packed: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", gzip.GzipFile(fileobj=packed))


PACKERS: dict[bytes, Callable[[IO[bytes]], IO[bytes]]] = {
    b"\x1f\x8b": _gzip,
    b"\x28\xb5\x2f\xfd": _zstd,
}
"""How a file begins to what unpacks it."""


def _unpack(path: Path, unpacker: Unpacker) -> None:
    with _Bounded(path) as file, tarfile.open(fileobj=file, mode="r:") as archive:
        at = -1
        while member := archive.next():
            if member.offset <= at or member.size < 0:
                refuse("its headers lead back to where they were")
            at = member.offset
            unpacker.count()
            _member(archive, member, unpacker)
            archive.members.clear()  # type: ignore[attr-defined]  # it would keep them all


def _member(archive: tarfile.TarFile, member: tarfile.TarInfo, unpacker: Unpacker) -> None:
    inner = inner_path(member.name)
    if member.isdir():
        unpacker.folder(inner)
    elif member.issym():
        unpacker.link(inner, member.linkname)
    elif member.islnk():
        unpacker.copy(inner, inner_path(member.linkname))
    elif member.isreg():
        content = archive.extractfile(member)
        assert content is not None
        with content:
            unpacker.file(inner, content, executable=bool(member.mode & 0o111))
    else:
        refuse(f"{named(member.name)} is a pipe or a device")
