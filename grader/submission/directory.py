"""Intake of a local folder.

The copy holds regular files, folders and symbolic links that stay inside. Nothing is followed or
opened through a link, so that `Dockerfile -> /etc/shadow` reads nothing; `.git` stays behind,
because its configuration can name programs that git, or a builder that asks git, would run.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.deadline.ending import going_on
from grader.errors import SourceError, SubmissionRejected
from grader.model import Submission
from grader.submission.commit import commit_of
from grader.submission.links import Links
from grader.text import clean, clip

MAX_FILES = 50_000
MAX_BYTES = 1024**3
MAX_DEPTH = 64
CHUNK = 1024 * 1024
LFS = b"version https://git-lfs.github.com/spec/"
"""How a file begins that Git LFS has put in another's place (git-lfs, docs/spec.md)."""
LFS_BYTES = 1024
SHOWN = 5
MAX_NOTES = 20
"""Links that are named one by one."""


def take_directory(
    source: Path, target: Path, *, origin: str = "", repository: Path | None = None
) -> Submission:
    """Copy the folder `source` into the new folder `target` and describe the copy.

    `origin` is what the report names it by, if that is not its path; `repository` the folder with
    its history, if that is one above it. Raises `SourceError` where `source` is no folder or holds
    nothing, `SubmissionRejected` where it is larger than any exam's answer (files, bytes or depth).
    """
    _require_folder(source)
    target.mkdir(mode=0o700, parents=True)
    intake = _Intake(source=source, target=target, shown=origin or str(source))
    intake.folder(source, PurePosixPath())
    intake.drop_escaping_links()
    if not intake.files:
        msg = f"{intake.shown} holds no files; name the folder that holds your Dockerfile."
        raise SourceError(msg)
    return Submission(
        root=target,
        repository=repository or source,
        origin=intake.shown,
        commit=commit_of(repository or source),
        digest=intake.digest(),
        notes=(*intake.notes, *intake.pointers()),
        within=str(PurePosixPath(source.relative_to(repository))) if repository else "",
    )


def _require_folder(source: Path) -> None:
    if not source.exists():
        msg = f"There is nothing at {source}; name the folder that holds your Dockerfile."
        raise SourceError(msg)
    if not source.is_dir():
        msg = f"{source} is a file; name the folder that holds it."
        raise SourceError(msg)


@dataclass
class _Intake:
    """The state of one copy."""

    source: Path
    target: Path
    shown: str
    files: int = 0
    size: int = 0
    notes: list[str] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)
    left: int = 0
    """Links that were left out."""
    links: dict[PurePosixPath, str] = field(default_factory=dict)
    """Each link that was kept so far, with what it names."""
    lfs: list[str] = field(default_factory=list)
    """Files that hold a pointer of Git LFS."""

    def folder(self, folder: Path, inner: PurePosixPath) -> None:
        """Copy what `folder` holds to `inner` of the target."""
        if len(inner.parts) > MAX_DEPTH:
            self._reject(f"folders are nested more than {MAX_DEPTH} deep")
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name != ".git":
                    self._entry(entry, inner / entry.name)

    def _entry(self, entry: os.DirEntry[str], inner: PurePosixPath) -> None:
        going_on()
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode):
            (self.target / inner).mkdir()
            self.folder(Path(entry.path), inner)
        elif stat.S_ISLNK(mode):
            self._link(Path(entry.path), inner)
        elif stat.S_ISREG(mode):
            self._count(inner)
            self._file(Path(entry.path), inner)
        else:
            self.notes.append(f"{clean(str(inner))} was left out: it is no regular file.")

    def _count(self, inner: PurePosixPath) -> None:
        self.files += 1
        if self.files > MAX_FILES:
            self._reject(f"it holds more than {MAX_FILES} files (the last one seen is {inner})")

    def _file(self, path: Path, inner: PurePosixPath) -> None:
        """Copy a file; opened without following, in case it has become a link meanwhile."""
        content = hashlib.sha256()
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as reader, (self.target / inner).open("xb") as writer:
            while chunk := reader.read(CHUNK):
                if chunk.startswith(LFS) and len(chunk) < LFS_BYTES:
                    self.lfs.append(str(inner))
                going_on()
                self.size += len(chunk)
                if self.size > MAX_BYTES:
                    self._reject(f"it holds more than {MAX_BYTES >> 20} MiB")
                content.update(chunk)
                writer.write(chunk)
            mode = stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o777
        (self.target / inner).chmod(mode | 0o400)
        executable = "x" if mode & 0o111 else "-"
        self.entries.append(f"{inner}\0{executable}\0{content.hexdigest()}")

    def _link(self, path: Path, inner: PurePosixPath) -> None:
        """Keep a link that stays inside the tree; leave out any other."""
        aim = str(path.readlink())
        landing = os.path.normpath(inner.parent / aim)
        if aim.startswith("/") or landing.split("/")[0] in {"..", ".git"}:
            self._leave_out(inner, "its link leads outside")
            return
        self._count(inner)
        (self.target / inner).symlink_to(aim)
        self.links[inner] = aim

    def drop_escaping_links(self) -> None:
        """Leave out links that lead outside by way of others: `up -> ..` and `x -> a/up/../..`.

        And those that nothing can follow to their end: chains and circles.
        """
        links = Links(self.links)
        faults = {inner: links.fault(inner) for inner in self.links}
        for inner, fault in faults.items():
            if fault:
                (self.target / inner).unlink()
                del self.links[inner]
                self.files -= 1
                self._leave_out(inner, fault)
        self.entries += [f"{inner}\0l\0{aim}" for inner, aim in self.links.items()]

    def _leave_out(self, inner: PurePosixPath, why: str) -> None:
        self.left += 1
        if self.left <= MAX_NOTES:
            self.notes.append(f"{clean(str(inner))} was left out: {why}.")
        elif self.left == MAX_NOTES + 1:
            self.notes.append("More links were left out for the same reasons.")

    def pointers(self) -> list[str]:
        """Return a note on the files whose contents Git LFS keeps elsewhere, if any."""
        if not self.lfs:
            return []
        names = ", ".join(clip(clean(name), 100) for name in self.lfs[:SHOWN])
        more = f" and {len(self.lfs) - SHOWN} more" if len(self.lfs) > SHOWN else ""
        note = (
            f"Git LFS pointers stand in the place of files: {names}{more}. Their contents are not "
            "in what was handed in; run `git lfs pull` and hand in the files, or commit them "
            "without LFS."
        )
        return [note]

    def digest(self) -> str:
        """`sha256:…` over names, executable bits and contents."""
        text = "\n".join(sorted(self.entries))
        return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()}"

    def _reject(self, why: str) -> None:
        msg = f"{self.shown} is no exam's answer: {clean(why)}. Hand in the source code only."
        raise SubmissionRejected(msg)
