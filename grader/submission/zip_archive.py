"""The members of a ZIP archive, each looked at before it is unpacked.

`zipfile` itself takes `../x` for `x` and writes a link's target as a file's content, so nothing is
left to its `extract`. What it reads into memory at once, the directory, is bounded first.
"""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

from grader.submission.unpack import (
    MAX_LINK,
    MAX_MEMBERS,
    Unpacker,
    inner_path,
    named,
    refuse,
)

ENTRY = b"PK\x01\x02"
"""What each entry of the directory begins with."""
LOCAL_HEADER = 30
"""Bytes before a member's name (APPNOTE 4.3.7)."""
ENCRYPTED = 1
PLAIN = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
DOS = 0
"""The system on whose archives a backslash parts a path."""
BLOCK = 1024 * 1024


class Unsupported(Exception):
    """It is packed in a way that is not read; the message is a clause that says how."""


def unpack_zip(path: Path, unpacker: Unpacker) -> None:
    """Unpack the ZIP archive at `path`.

    Raises `SubmissionRejected` for what no honest program packs, `Unsupported` for a password or
    another method than deflate, and what `zipfile` raises for one that is damaged.
    """
    _bound_directory(path)
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        _refuse_overlap(entries)
        for entry in entries:
            unpacker.count()
            _member(archive, entry, unpacker)


def _bound_directory(path: Path) -> None:
    """Refuse a directory of a million entries before it is read into memory."""
    count, rest = 0, b""
    with path.open("rb") as reader:
        while block := reader.read(BLOCK):
            count += (rest + block).count(ENTRY)
            rest = block[-len(ENTRY) + 1 :]
    if count > MAX_MEMBERS:
        refuse(f"it holds more than {MAX_MEMBERS} files and folders")


def _refuse_overlap(entries: list[zipfile.ZipInfo]) -> None:
    """Refuse members that share their packed bytes: the bomb that no ratio of one member shows.

    D. Fifield, A better zip bomb, 2019.
    """
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            refuse(f"its members overlap at {named(entry.filename)}, as a bomb's do")
        end = entry.header_offset + LOCAL_HEADER + entry.compress_size


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, unpacker: Unpacker) -> None:
    if "\0" in entry.orig_filename:
        refuse(f"{named(entry.orig_filename)} is no name that a file can have")
    name = entry.filename
    if entry.create_system == DOS:
        name = name.replace("\\", "/")
    inner, mode = inner_path(name), entry.external_attr >> 16
    if entry.flag_bits & ENCRYPTED:
        msg = "it is locked with a password"
        raise Unsupported(msg)
    if entry.compress_type not in PLAIN:
        msg = "it is packed with another method than deflate"
        raise Unsupported(msg)
    if name.endswith("/") or stat.S_ISDIR(mode):
        unpacker.folder(inner)
    elif stat.S_ISLNK(mode):
        unpacker.link(inner, _aim(archive, entry))
    elif stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        refuse(f"{named(name)} is a pipe or a device")
    else:
        with archive.open(entry) as content:
            unpacker.file(inner, content, executable=bool(mode & 0o111))


def _aim(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    """Return what a link names; a longer text than any path is cut, and refused as no path."""
    with archive.open(entry) as content:
        return content.read(MAX_LINK + 1).decode("utf-8", "surrogateescape")
