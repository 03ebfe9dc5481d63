"""Archives and repositories as honest and as hostile people make them."""

from __future__ import annotations

import gzip
import io
import os
import stat
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from zstandard import ZstdCompressor

from grader.model import Submission

Taker = Callable[[Path], Submission]
KINDS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst")
NOBODY = {
    "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip


def git(folder: Path, *arguments: str) -> str:
    """Run git in `folder`, and give what it prints."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)} | NOBODY,
    )  # fmt: skip
    return done.stdout.decode().strip()


def a_member(name: str, kind: bytes = tarfile.REGTYPE, **more: object) -> tarfile.TarInfo:
    """A header of a tar archive."""
    member = tarfile.TarInfo(name)
    member.type = kind
    for key, value in more.items():
        setattr(member, key, value)
    return member


def write_tar(path: Path, *members: tarfile.TarInfo | tuple[tarfile.TarInfo, bytes]) -> Path:
    """A tar archive of these members, packed as the name of `path` says."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for one in members:
            member, content = one if isinstance(one, tuple) else (one, b"")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return write_packed(path, plain.getvalue())


def write_packed(path: Path, plain: bytes) -> Path:
    """`plain`, packed as the name of `path` says."""
    pack = {".gz": gzip.compress, ".tgz": gzip.compress, ".zst": ZstdCompressor().compress}
    path.write_bytes(pack.get(path.suffix, bytes)(plain))
    return path


def write_zip(path: Path, *members: tuple[str, bytes], mode: int = 0) -> Path:
    """A ZIP archive of these members; `mode` is what a Unix system says of each."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (mode or stat.S_IFREG | 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return path


def names(root: Path) -> set[str]:
    """The paths of all that is in a folder."""
    return {path.relative_to(root).as_posix() for path in root.rglob("*")}
