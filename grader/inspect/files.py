"""Reading a snapshot's files: bounded, without following links, in whatever encoding they have."""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path

MAX_BYTES = 4 * 1024 * 1024
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def list_files(root: Path) -> tuple[str, ...]:
    """Return the paths of all files under `root`, relative and with slashes, sorted."""
    found = []
    for folder, _, names in os.walk(root, followlinks=False):
        found += [Path(folder, name).relative_to(root).as_posix() for name in names]
    return tuple(sorted(found))


def is_file(root: Path, path: str) -> bool:
    """Return whether `path` under `root` is a regular file, not a link to one."""
    try:
        return stat.S_ISREG(os.lstat(root / path).st_mode)
    except OSError:
        return False


def read_bytes(root: Path, path: str) -> bytes:
    """Return the first `MAX_BYTES` of a regular file under `root`; empty where there is none."""
    if not is_file(root, path):
        return b""
    descriptor = os.open(root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as reader:
        return reader.read(min(os.fstat(descriptor).st_size, MAX_BYTES))


def read_text(root: Path, path: str) -> str:
    """Return the text of a file under `root`, decoded by its byte-order mark, else as UTF-8."""
    raw = read_bytes(root, path)
    for mark, encoding in BOMS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    return raw.decode("utf-8", "replace")
