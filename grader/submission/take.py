"""Whatever a student hands in: a folder, an archive, or the address of a git repository."""

from __future__ import annotations

import errno
import re
import threading
from pathlib import Path

from grader.errors import SourceError
from grader.model import Challenge, Submission
from grader.submission.archive import take_archive
from grader.submission.clone import is_address, without_password
from grader.submission.directory import take_directory
from grader.submission.git import address_of, take_git

HISTORY = "secrets.history"
THEIRS = frozenset({errno.EACCES, errno.EPERM, errno.ENOENT, errno.ELOOP, errno.ENAMETOOLONG})
"""What is wrong with a source, and not with the machine."""
LOG = re.compile(r"\.log\b(?!\()")
"""How a suite asks for the git log: `submission.log`."""


def take(
    source: str | Path,
    folder: Path,
    *,
    ref: str = "",
    allow_file: bool = False,
    history: bool = True,
    cancel: threading.Event | None = None,
) -> Submission:
    """Take `source` into a private snapshot in `folder`, which exists.

    `source` is a folder, an archive (zip, tar, tar.gz, tar.zst), or an https, ssh or, where
    `allow_file`, file address of a git repository; `ref` is the branch, tag or commit of that.
    Without `history` only its newest commit is fetched. Raises `SourceError` where it cannot be
    read, `SubmissionRejected` where it is no exam's answer.
    """
    target, own = folder / "submission", folder / "handed-in"
    if is_remote(source):
        address = address_of(str(source), ref, allow_file=allow_file)
        return take_git(address, own, target, history=history, cancel=cancel)
    if ref:
        msg = f"{source} is on this machine: check {ref} out there, or leave the ref away."
        raise SourceError(msg)
    path = Path(source)
    try:
        return take_archive(path, own, target) if path.is_file() else take_directory(path, target)
    except OSError as error:
        if error.errno not in THEIRS:
            raise
        msg = f"{source} cannot be read: {error.strerror}; look at its files and their rights."
        raise SourceError(msg) from error


def is_remote(source: str | Path) -> bool:
    """Whether `source` is the address of a repository, and not what lies on this machine."""
    return isinstance(source, str) and not Path(source).exists() and is_address(source)


def shown(source: str | Path, ref: str = "") -> str:
    """What a report names `source` by: as it was given, but for a password."""
    at = f"#{ref}" if ref else ""
    return without_password(str(source)) + at if is_remote(source) else str(source)


def reads_history(challenge: Challenge) -> bool:
    """Whether a criterion of `challenge` looks at more than the newest commit."""
    if any(criterion.id == HISTORY for criterion in challenge.criteria):
        return True
    suites = (challenge.root / "tests").glob("**/*.py")
    return any(LOG.search(path.read_text("utf-8", "replace")) for path in suites)
