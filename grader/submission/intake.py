"""Whatever a student hands in: a folder, an archive, or the address of a git repository."""

from __future__ import annotations

import errno
import threading
from dataclasses import replace
from pathlib import Path

from grader.criteria import SECRETS_HISTORY
from grader.errors import SourceError
from grader.model import Challenge, Submission
from grader.submission.archive import unpack
from grader.submission.clone import is_address, without_password
from grader.submission.directory import take_directory
from grader.submission.git import address_of, take_git
from grader.submission.project import find_project, only_folder
from grader.text import clean, clip

THEIRS = frozenset({errno.EACCES, errno.EPERM, errno.ENOENT, errno.ELOOP, errno.ENAMETOOLONG})
"""What is wrong with a source, and not with the machine."""
MAX_NESTED = 3
"""Archives in archives that are looked through."""


def snapshot_in(folder: Path) -> Path:
    """Return where the snapshot is that `take` makes in `folder`."""
    return folder / "submission"


def take(
    source: str | Path,
    folder: Path,
    *,
    ref: str = "",
    allow_file: bool = False,
    history: bool = True,
    mode: str = "dockerfile",
    cancel: threading.Event | None = None,
) -> Submission:
    """Take `source` into a private snapshot in `folder`, which exists.

    `source` is a folder, an archive (zip, tar, tar.gz, tar.zst), or an https, ssh or, where
    `allow_file`, file address of a git repository; `ref` is the branch, tag or commit of that.
    Without `history` only its newest commit is fetched. What holds the project (see `mode`) is
    looked for in folders and archives of what was handed in. Raises `SourceError` where it cannot
    be read or holds several projects, `SubmissionRejected` where it is no exam's answer.
    """
    target, own = snapshot_in(folder), folder / "handed-in"
    if is_remote(source):
        address = address_of(str(source), ref, allow_file=allow_file)
        shown_as = take_git(address, own, history=history, cancel=cancel)
        return _project(own, own, target, mode=mode, origin=shown_as)
    if ref:
        msg = f"{source} is on this machine: check {ref} out there, or leave the ref away."
        raise SourceError(msg)
    path = Path(source)
    try:
        if not path.is_file():
            return _project(path, own, target, mode=mode, origin=str(source))
        unpack(path, own)
        return _project(own, own, target, mode=mode, origin=str(source))
    except OSError as error:
        if error.errno not in THEIRS:
            raise
        msg = f"{source} cannot be read: {error.strerror}; look at its files and their rights."
        raise SourceError(msg) from error


def _project(top: Path, own: Path, target: Path, *, mode: str, origin: str) -> Submission:
    """Take the project that stands somewhere in the folder `top`.

    Archives in it are unpacked next to the folder `own`.
    """
    if not top.is_dir():
        return take_directory(top, target, origin=origin)  # says what is wrong with it
    way: list[str] = []
    for number in range(1, MAX_NESTED + 2):
        found = find_project(top, mode, shown=origin)
        way += [found.looked_through] * bool(found.looked_through)
        if found.archive is None or number > MAX_NESTED:
            break
        top = own.with_name(f"{own.name}-{number}")
        unpack(found.archive, top)
    repository = _repository(found.folder, top)
    taken = take_directory(found.folder, target, origin=origin, repository=repository)
    if not way or (own == top and only_folder(top) == found.folder):
        return taken  # code hosts pack everything in one folder
    said = clip(clean("/".join(way)), 200)
    note = f"The project was found in {said} of what was handed in; paths are seen from there."
    return replace(taken, notes=(note, *taken.notes))


def _repository(folder: Path, top: Path) -> Path | None:
    """Return the folder above `folder`, up to `top`, that holds its history.

    None: `folder` itself.
    """
    if folder == top or (folder / ".git").exists():
        return None
    for above in folder.parents:
        if (above / ".git").exists():
            return above
        if above == top:
            return None
    return None


def is_remote(source: str | Path) -> bool:
    """Return whether `source` is the address of a repository, and not what lies on this machine."""
    return isinstance(source, str) and not Path(source).exists() and is_address(source)


def shown(source: str | Path, ref: str = "") -> str:
    """Return what a report names `source` by: as it was given, but for a password."""
    at = f"#{ref}" if ref else ""
    return without_password(str(source)) + at if is_remote(source) else str(source)


def reads_history(challenge: Challenge) -> bool:
    """Return whether a criterion of `challenge` looks at more than the newest commit."""
    priced = any(criterion.id == SECRETS_HISTORY for criterion in challenge.criteria)
    return priced or challenge.history
