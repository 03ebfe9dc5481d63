"""Files within archives, read in memory under caps; what is not read is named."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, cast

from grader.inspect.secrets.allowance import Allowance, Watched
from grader.inspect.secrets.decode import text_of
from grader.inspect.secrets.file_roles import kind_of
from grader.inspect.secrets.finding import Skipped

MAX_MEMBERS = 2000
MAX_MEMBER = 2 * 1024 * 1024
MAX_TOTAL = 32 * 1024 * 1024
"""Unpacked bytes of one archive, with all that are within it."""
MAX_DEPTH = 3
FAULTS = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError,
    RuntimeError, NotImplementedError, MemoryError, IndexError, KeyError, OverflowError,
)  # fmt: skip
"""What the standard library raises on a broken or encrypted archive."""


@dataclass
class Budget:
    """What may still be unpacked of one archive, and of all archives of the scan."""

    left: int = MAX_TOTAL
    members: int = MAX_MEMBERS
    scan: Allowance = field(default_factory=Allowance)


Part = tuple[str, bytes] | Skipped


def is_archive(raw: bytes) -> bool:
    """Return whether `unpack` can look into `raw`."""
    return (
        raw.startswith((b"PK\3\4", b"PK\5\6", b"\x1f\x8b", b"\xfd7zXZ\0"))
        or (raw.startswith(b"BZh") and raw[3:4].isdigit())
        or raw[257:262] == b"ustar"
    )


PACKAGES = (
    ".jar", ".war", ".ear", ".whl", ".egg", ".nupkg", ".gem", ".apk", ".aar", ".xpi", ".vsix",
    ".tfplan", ".docx", ".xlsx", ".pptx", ".odt", ".crx", ".deb", ".rpm", ".conda",
)  # fmt: skip
"""Suffixes of packages that others made, and of documents, which are archives as well."""


def is_package(path: str, raw: bytes) -> bool:
    """Return whether the archive is a package of others', or a plan with a provider's state."""
    return path.lower().endswith(PACKAGES) or (raw.startswith(b"PK") and b"tfplan" in raw[:64])


def unpack(path: str, raw: bytes, budget: Budget) -> Iterator[Part]:
    """Yield the files within the archive `raw`, and what of it is not read."""
    try:
        if raw.startswith(b"PK"):
            yield from _zip(path, raw, budget)
        elif raw[257:262] == b"ustar":
            yield from _tar(path, Watched(raw, budget.scan), budget)
        else:
            yield from _packed(path, raw, budget)
    except FAULTS as error:
        reason = f"the archive cannot be read ({type(error).__name__})"
        yield Skipped(path=path, reason=reason, unread=True)


def _zip(path: str, raw: bytes, budget: Budget) -> Iterator[Part]:
    with zipfile.ZipFile(Watched(raw, budget.scan)) as archive:
        for info in archive.infolist():
            budget.scan.require_time()
            if info.is_dir():
                continue
            inner = f"{path}!/{info.filename}"
            if info.flag_bits & 1:
                yield Skipped(path=inner, reason="it is encrypted", unread=True)
                continue
            with archive.open(info) as reader:
                yield from _member(inner, reader, budget)
            if budget.members <= 0:
                yield _full(path)
                return


def _tar(path: str, reader: IO[bytes], budget: Budget) -> Iterator[Part]:
    with tarfile.open(fileobj=reader, mode="r|") as archive:
        for member in archive:
            budget.scan.require_time()
            if member.isfile() and (content := archive.extractfile(member)):
                yield from _member(f"{path}!/{member.name}", content, budget)
            if budget.members <= 0:
                yield _full(path)
                return


def _packed(path: str, raw: bytes, budget: Budget) -> Iterator[Part]:
    """One file packed by itself, or a tar of many."""
    with _opener(raw, budget.scan) as opened:
        head = opened.read(512)
        opened.seek(0)
        if head[257:262] == b"ustar":
            yield from _tar(path, cast("IO[bytes]", _Capped(opened, budget)), budget)
        else:
            name = path.rpartition("/")[2]
            yield from _member(f"{path}!/{name.rpartition('.')[0] or name}", opened, budget)


def _opener(raw: bytes, scan: Allowance) -> IO[bytes]:
    packed = Watched(raw, scan)
    if raw.startswith(b"\x1f\x8b"):
        return cast("IO[bytes]", gzip.GzipFile(fileobj=packed))
    if raw.startswith(b"BZh"):
        return bz2.BZ2File(packed)
    return lzma.LZMAFile(packed)


def _member(path: str, reader: IO[bytes], budget: Budget) -> Iterator[Part]:
    budget.members -= 1
    if budget.left <= 0:
        budget.members = 0
        return
    content = reader.read(min(MAX_MEMBER, budget.left) + 1)
    budget.left -= len(content)
    budget.scan.spend(len(content))
    if len(content) > MAX_MEMBER:
        yield cut(path, content, MAX_MEMBER)
    yield path, content[:MAX_MEMBER]


def cut(path: str, raw: bytes, size: int) -> Skipped:
    """Return what is said of a file of which only the first `size` bytes are read.

    Text that a program reads may hold a secret further on. Binary files, tables and prose of that
    size are data that no program takes its settings from.
    """
    telling = kind_of(path) not in {"docs", "inert"} and text_of(raw[:4096]) is not None
    return Skipped(path=path, reason=f"only its first {size >> 20} MiB were read", unread=telling)


def _full(path: str) -> Skipped:
    return Skipped(
        path=path,
        reason="the archive holds more than is unpacked; the rest was not read",
        unread=True,
    )


class _Capped(io.RawIOBase):
    """A stream that ends where the budget does: a tar is read whole, members skipped or not."""

    def __init__(self, inner: IO[bytes], budget: Budget) -> None:
        self._inner = inner
        self._left = budget.left * 2

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes."""
        self._left -= max(size, 0)
        if self._left < 0:
            msg = "the archive is larger than is unpacked"
            raise OSError(msg)
        return self._inner.read(size)

    def readable(self) -> bool:
        """Return True always."""
        return True
