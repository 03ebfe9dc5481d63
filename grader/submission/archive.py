"""Intake of an archive: unpacked under caps into a private folder, then taken as any folder is."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
import zlib
from pathlib import Path

from zstandard import ZstdError

from grader.errors import SourceError
from grader.model import Submission
from grader.submission.directory import take_directory
from grader.submission.tar_archive import PACKERS, unpack_tar
from grader.submission.unpack import Unpacker, refuse
from grader.submission.zip_archive import Unsupported, unpack_zip

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst")
"""What an archive's name ends with; what it is, its content says."""
ZIP = (b"PK\3\4", b"PK\5\6")
MAX_PACKED = 512 * 1024 * 1024
FAULTS = (
    zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, ZstdError, EOFError,
    ValueError, RuntimeError, OverflowError, IndexError, KeyError,
)  # fmt: skip
"""What the libraries raise on a damaged archive; some are of the interpreter's own."""
BESIDE = frozenset({"__MACOSX", ".DS_Store"})
"""What macOS puts into an archive beside what was packed."""


def take_archive(source: Path, folder: Path, target: Path) -> Submission:
    """Unpack the archive `source` into the new folder `folder`, and that into `target`.

    A single folder at its top is looked through. Raises `SourceError` where it is no archive, is
    damaged or locked, `SubmissionRejected` where it leads out of itself or is a bomb.
    """
    head = _head(source)
    if not _packed(head):
        kinds = ", ".join(SUFFIXES)
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
        msg = f"{source} is damaged ({type(error).__name__}); pack it and hand it in anew."
        raise SourceError(msg) from error
    unpacker.finish()
    return take_directory(_top(folder), target, origin=str(source))


def is_archive(path: Path) -> bool:
    """Whether the file at `path` begins as an archive does that is read."""
    return _packed(_head(path))


def _head(path: Path) -> bytes:
    with path.open("rb") as reader:
        return reader.read(512)


def _packed(head: bytes) -> bool:
    return head.startswith((*ZIP, *PACKERS)) or head[257:262] == b"ustar"


def _top(folder: Path) -> Path:
    """The one folder that everything is packed in, as code hosts do it; else `folder` itself."""
    found = [path for path in folder.iterdir() if path.name not in BESIDE]
    alone = len(found) == 1 and found[0].is_dir() and not found[0].is_symlink()
    return found[0] if alone and found[0].name != ".git" else folder
