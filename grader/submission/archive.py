"""Intake of an archive: unpacked under caps into a private folder, then taken as any folder is."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
import zlib
from pathlib import Path

from zstandard import ZstdError

from grader.errors import SourceError
from grader.submission.project import ARCHIVES
from grader.submission.tar_archive import PACKERS, unpack_tar
from grader.submission.unpack import Unpacker, refuse
from grader.submission.zip_archive import Unsupported, unpack_zip

ZIP = (b"PK\3\4", b"PK\5\6")
MAX_PACKED = 512 * 1024 * 1024
FAULTS = (
    zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, ZstdError, EOFError,
    ValueError, RuntimeError, OverflowError, IndexError, KeyError,
)  # fmt: skip
"""What the libraries raise on a damaged archive; some are of the interpreter's own."""


def unpack(source: Path, folder: Path) -> None:
    """Unpack the archive `source` into the new folder `folder`.

    Raises `SourceError` where it is no archive, is damaged or locked, `SubmissionRejected` where it
    leads out of itself or is a bomb.
    """
    head = _head(source)
    if not _packed(head):
        kinds = ", ".join(ARCHIVES)
        msg = f"{source} is a file, and no archive that is read ({kinds}); name one, or the folder."
        raise SourceError(msg)
    size = source.stat().st_size
    if size > MAX_PACKED:
        refuse(f"it is larger than {MAX_PACKED >> 20} MiB")
    folder.mkdir(mode=0o700, parents=True)
    unpacker = Unpacker(root=folder, packed=size)
    try:
        if head.startswith(ZIP):
            unpack_zip(source, unpacker)
        else:
            unpack_tar(source, unpacker, folder.with_name(f"{folder.name}.tar"))
    except Unsupported as error:
        msg = f"{source} cannot be read: {error}; pack it as a plain zip or tar.gz."
        raise SourceError(msg) from error
    except FAULTS as error:
        msg = f"{source} is damaged ({type(error).__name__}); pack it and hand it in again."
        raise SourceError(msg) from error
    unpacker.finish()


def is_archive(path: Path) -> bool:
    """Return whether the file at `path` begins as an archive does that is read."""
    return _packed(_head(path))


def _head(path: Path) -> bytes:
    with path.open("rb") as reader:
        return reader.read(512)


def _packed(head: bytes) -> bool:
    return head.startswith((*ZIP, *PACKERS)) or head[257:262] == b"ustar"
