"""What a form of handing in brings: an archive, a folder's files, or an address."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from flask import request
from werkzeug.datastructures import FileStorage

from grader.errors import UsageError
from grader.portal.actions.hand_in import HandedIn
from grader.portal.store import StoredBlob, UploadRefused
from grader.portal.web.state import state
from grader.submission.clone import without_password
from grader.submission.git import address_of
from grader.text import clean, clip

HEADS = (b"PK\3\4", b"\x1f\x8b", b"\x28\xb5\x2f\xfd")
"""How zip, gzip and zstd files begin."""
TAR_AT, TAR = 257, b"ustar"
SKIPPED = re.compile(
    r"(^|/)(\.venv|venv|node_modules|__pycache__|\.mypy_cache|\.pytest_cache)/|(^|/)\.DS_Store$"
)
EPOCH = (1980, 1, 1, 0, 0, 0)
KEY = re.compile(r"[0-9a-f]{8,64}")


def handed_in() -> HandedIn:
    """Return what this request brings; its files are in the blob store then.

    Raises `UploadRefused`, `DiskFull`.
    """
    key = request.form.get("request_key", "")
    if not KEY.fullmatch(key):
        msg = "The form is incomplete. Load the page again, and hand in once more."
        raise UploadRefused(msg)
    archive = request.files.get("archive")
    files = [one for one in request.files.getlist("folder") if one.filename]
    address = request.form.get("repository", "").strip()
    given = bool(archive and archive.filename) + bool(files) + bool(address)
    if given != 1:
        said = "Choose" if not given else "Choose only one:"
        msg = f"{said} a folder, an archive or the address of a repository."
        raise UploadRefused(msg)
    if archive and archive.filename:
        name = clip(clean(PurePosixPath(archive.filename).name), 200)
        return HandedIn(kind="archive", name=name, blob=_archive(archive), request_key=key)
    if files:
        top = PurePosixPath(files[0].filename or "").parts[0]
        return HandedIn(
            kind="folder", name=clip(clean(top), 200), blob=_folder(files), request_key=key
        )
    return _repository(address, request.form.get("ref", "").strip(), key)


def archive_of_body() -> HandedIn:
    """Return the archive that is the body of this request; raises as `handed_in` does."""
    key = request.args.get("request_key", "")
    if not KEY.fullmatch(key):
        msg = "Name a request_key of 8 to 64 hexadecimal digits, drawn for each submission."
        raise UploadRefused(msg)
    name = clip(clean(PurePosixPath(request.args.get("name", "")).name), 200) or "archive"
    with tempfile.SpooledTemporaryFile(max_size=1 << 20) as body:
        while chunk := request.stream.read(1 << 20):
            body.write(chunk)
        body.seek(0)
        blob = _archive(FileStorage(cast("BinaryIO", body)))
    return HandedIn(kind="archive", name=name, blob=blob, request_key=key)


def _archive(sent: FileStorage) -> StoredBlob:
    head = sent.stream.read(512)
    sent.stream.seek(0)
    if head and not head.startswith(HEADS) and head[TAR_AT : TAR_AT + 5] != TAR:
        msg = "This is no archive that is read. Pack your answer as .zip, .tar.gz or .tar.zst."
        raise UploadRefused(msg)
    return state().store.put(cast("BinaryIO", sent.stream), most=state().config.upload_bytes)


def _folder(files: Sequence[FileStorage]) -> StoredBlob:
    """Keep a folder's files as one zip file: the same files make the same bytes."""
    most = state().config.upload_bytes
    with tempfile.TemporaryFile() as packed:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, file in _named(files):
                with archive.open(zipfile.ZipInfo(name, EPOCH), "w", force_zip64=True) as member:
                    while chunk := file.stream.read(1 << 20):
                        member.write(chunk)
        packed.seek(0)
        return state().store.put(cast("BinaryIO", packed), most=most)


def _named(files: Iterable[FileStorage]) -> list[tuple[str, FileStorage]]:
    """Return the files by the paths that the browser gives, sorted; what tools make is left out."""
    found: dict[str, FileStorage] = {}
    for file in files:
        name = (file.filename or "").replace("\\", "/")
        parts = PurePosixPath(name).parts
        if name.startswith("/") or ".." in parts or "\0" in name or not parts:
            msg = f"{clip(clean(name), 100)!r} is no file of a folder. Choose the folder again."
            raise UploadRefused(msg)
        if not SKIPPED.search(name):
            found["/".join(parts)] = file
    if not found:
        msg = "The folder holds nothing to grade. Choose the folder with your Dockerfile."
        raise UploadRefused(msg)
    return sorted(found.items())


def _repository(address: str, ref: str, key: str) -> HandedIn:
    url, _, named = address.partition("#")
    try:
        found = address_of(url, ref or named, allow_file=False)
    except UsageError as error:
        raise UploadRefused(str(error)) from None
    if found.scheme != "https" or "@" in url.partition("//")[2].partition("/")[0]:
        msg = (
            f"{without_password(url)} cannot be fetched: give an https:// address without a "
            "password, of a repository that everybody can read; or hand in an archive."
        )
        raise UploadRefused(msg)
    return HandedIn(kind="git", name=clip(url, 400), ref=found.ref, request_key=key)
