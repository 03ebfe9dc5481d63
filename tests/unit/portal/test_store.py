"""The folder of what was handed in."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest

from grader.errors import DiskFull, UsageError
from grader.portal.store import BlobStore, UploadRefused


class FullDisk(io.BytesIO):
    """A stream whose reader finds that the disk has no room."""

    def read(self, size: int | None = -1) -> bytes:
        """Fail as a write to a full disk does."""
        raise OSError(28, "No space left on device")


def test_it_is_kept_by_its_digest(tmp_path: Path) -> None:
    """Twice the same is one file, and nothing else is left."""
    store = BlobStore(tmp_path / "blobs")
    data = b"x" * 3_000_000
    first, second = (store.put(io.BytesIO(data), most=len(data)) for _ in range(2))
    assert first == second
    assert first.digest == f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert store.path(first.digest).read_bytes() == data
    assert len([one for one in (tmp_path / "blobs").rglob("*") if one.is_file()]) == 1


@pytest.mark.parametrize(("data", "said"), [(b"", "empty"), (b"x" * 11, "larger than")])
def test_what_is_refused_leaves_nothing(tmp_path: Path, data: bytes, said: str) -> None:
    """With a sentence that says what to do."""
    with pytest.raises(UploadRefused, match=said):
        BlobStore(tmp_path).put(io.BytesIO(data), most=10)
    assert list(tmp_path.rglob("*")) == []


def test_a_full_disk(tmp_path: Path) -> None:
    """Nothing is left of what came."""
    with pytest.raises(DiskFull, match="disk is full"):
        BlobStore(tmp_path).put(FullDisk(b"x"), most=10)
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize("name", ["", "sha256:../../etc/passwd", "sha256:" + "A" * 64, "md5:1"])
def test_no_digest_leads_out(tmp_path: Path, name: str) -> None:
    """A path is made of nothing but a digest."""
    with pytest.raises(UsageError):
        BlobStore(tmp_path).path(name)


def test_deleting_leaves_what_is_fresh(tmp_path: Path) -> None:
    """Whoever sends the same bytes again keeps them; what is not there is no error."""
    store = BlobStore(tmp_path)
    kept = store.put(io.BytesIO(b"x"), most=9).digest
    assert list(store.digests()) == [kept]
    written = store.path(kept).stat().st_mtime
    assert not store.delete(kept, before=written)
    assert store.path(kept).read_bytes() == b"x"
    assert store.delete(kept, before=written + 1)
    assert list(store.digests()) == []
    assert not store.delete(kept, before=written + 1)


def test_bytes_that_come_again_while_they_are_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are put back."""
    store = BlobStore(tmp_path)
    kept = store.put(io.BytesIO(b"x"), most=9).digest
    file = store.path(kept)
    os.utime(file, (1000, 1000))
    replace = Path.replace

    def comes_again(self: Path, target: Path) -> Path:
        if self == file:
            os.utime(file)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", comes_again)
    assert not store.delete(kept, before=2000)
    assert file.read_bytes() == b"x"


def test_what_killed_uploads_have_left(tmp_path: Path) -> None:
    """Old ones are deleted, and the one that goes on now is not."""
    store = BlobStore(tmp_path)
    kept = store.put(io.BytesIO(b"x"), most=9).digest
    old, new = tmp_path / "incoming-old", tmp_path / "incoming-new"
    for one in (old, new):
        one.touch()
    os.utime(old, (1000, 1000))
    assert store.clear_scratch(before=2000) == 1
    assert new.exists()
    assert list(store.digests()) == [kept]
