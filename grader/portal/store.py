"""Where what was handed in is kept: a folder of files that are named by their digests."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from grader.errors import DiskFull, UsageError

CHUNK = 1024 * 1024
DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
INCOMING, ASIDE = "incoming-", "aside-"
"""How files begin that are no blobs yet, and none any more."""
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


NO_ROOM = (
    "The portal's disk is full, so nothing was handed in. Try again later; the operator has to "
    "make room."
)


class UploadRefused(UsageError):
    """What was sent cannot be a submission; the message says why and what to send."""


@dataclass(frozen=True, kw_only=True)
class StoredBlob:
    """A file that was kept."""

    digest: str
    """`sha256:…` of its bytes."""
    size: int


class BlobStore:
    """A folder of blobs. Safe from several processes: a blob appears whole, or not at all."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, source: BinaryIO, *, most: int) -> StoredBlob:
        """Keep what `source` gives, of `most` bytes.

        Raises `UploadRefused` where it is empty or longer, `DiskFull` where there is no room.
        """
        with self._scratch() as scratch:
            digest, size = hashlib.sha256(), 0
            while chunk := source.read(CHUNK):
                size += len(chunk)
                if size > most:
                    msg = (
                        f"The upload is larger than {most >> 20} MiB. Leave out what is made by "
                        "tools (.venv, node_modules, build, data) and hand in the source code."
                    )
                    raise UploadRefused(msg)
                digest.update(chunk)
                scratch.write(chunk)
            if not size:
                msg = "The upload is empty. Choose the folder or archive with your answer."
                raise UploadRefused(msg)
            blob = StoredBlob(digest=f"sha256:{digest.hexdigest()}", size=size)
            scratch.flush()
            os.fsync(scratch.fileno())
            self._keep(Path(scratch.name), blob.digest)
        return blob

    def path(self, digest: str) -> Path:
        """Return where the blob of that digest is, or would be."""
        found = DIGEST.fullmatch(digest)
        if found is None:
            msg = f"{digest[:80]!r} is no digest."
            raise UsageError(msg)
        return self._root / found[1][:2] / found[1][2:]

    def digests(self) -> Iterator[str]:
        """Yield what is kept."""
        for file in self._root.glob("??/*"):
            if DIGEST.fullmatch(found := f"sha256:{file.parent.name}{file.name}"):
                yield found

    def delete(self, digest: str, *, before: float, since: float = 0.0) -> bool:
        """Delete the blob if it is from `before` that moment, and not from before `since`.

        Return whether it was deleted. Whoever sends the same bytes right now keeps them: what is
        fresh is put back.
        """
        file = self.path(digest)
        aside = self._root / f"{ASIDE}{file.parent.name}{file.name}"
        try:
            if not since <= file.stat().st_mtime < before:
                return False
            file.replace(aside)
            if aside.stat().st_mtime >= before:
                aside.replace(file)
                return False
            aside.unlink()
        except FileNotFoundError:
            return False
        return True

    def clear_scratch(self, *, before: float) -> int:
        """Delete what uploads have left whose process was killed; gives how many."""
        count = 0
        for pattern in (f"{INCOMING}*", f"{ASIDE}*"):
            for file in self._root.glob(pattern):
                with suppress(FileNotFoundError):
                    if file.stat().st_mtime < before:
                        file.unlink()
                        count += 1
        return count

    @contextmanager
    def _scratch(self) -> Iterator[BinaryIO]:
        """Yield a new file that is removed at the end; errors of a full disk are `DiskFull`."""
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(prefix=INCOMING, dir=self._root, delete=False) as file:
                try:
                    yield cast("BinaryIO", file)
                finally:
                    Path(file.name).unlink(missing_ok=True)
        except OSError as error:
            if error.errno in FULL:
                raise DiskFull(NO_ROOM) from error
            raise

    def _keep(self, file: Path, digest: str) -> None:
        target = self.path(digest)
        target.parent.mkdir(exist_ok=True)
        file.chmod(0o440)
        file.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
