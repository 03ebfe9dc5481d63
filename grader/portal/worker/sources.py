"""What a worker hands to `grade`: the file that was uploaded, or a repository at its commit."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from grader.errors import PlatformError, SourceError
from grader.model import GradeReport, Rejected
from grader.portal.data.work import SubmissionRecord
from grader.portal.store import BlobStore
from grader.submission.git import Address, address_of, take_git

HTTPS = 443


def require_public(url: str) -> str:
    """Return `HOST:PORT:ADDRESS` for git to go to, and nowhere else.

    Raises `SourceError` where `url` is not https, or leads to an address that is not public.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" or not host or parts.username or parts.password:
        msg = (
            "A repository is fetched by https:// and without a password; push it to a code host "
            "where everybody can read it, or hand in an archive."
        )
        raise SourceError(msg)
    port = parts.port or HTTPS
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        msg = f"{host[:200]} is no host that is known; look at the address again."
        raise SourceError(msg) from None
    addresses = [ipaddress.ip_address(one[4][0]) for one in found]
    if not addresses or not all(one.is_global and not one.is_multicast for one in addresses):
        msg = f"{host[:200]} is no public host; hand in an archive, or push to a public code host."
        raise SourceError(msg)
    first = addresses[0]
    return f"{host}:{port}:{f'[{first}]' if first.version == 6 else first}"


def source_of(
    submission: SubmissionRecord, store: BlobStore, folder: Path, *, history: bool
) -> Path:
    """Return what is to be graded; a repository is fetched into the new folder `folder`.

    Once its commit is known, that commit is fetched. Raises `SourceError`, `PlatformError`.
    """
    if submission.blob_digest is not None:
        blob = store.path(submission.blob_digest)
        if not blob.is_file():
            msg = (
                "What was handed in is not in this worker's folder of blobs; share the portal's "
                "folder with it, and name that with --blobs."
            )
            raise PlatformError(msg)
        return blob
    url, ref = submission.source["name"], submission.commit or submission.source["ref"]
    address: Address = address_of(url, ref, allow_file=False)
    take_git(replace(address, pinned=require_public(url)), folder, history=history)
    return folder


def as_handed_in(report: GradeReport, source: Path, submission: SubmissionRecord) -> GradeReport:
    """Return `report` with the name that the student gave: a path of ours tells nobody anything."""
    name, ref = submission.source["name"], submission.source.get("ref", "")
    notes = tuple(note.replace(str(source), name) for note in report.provenance.notes)
    provenance = replace(report.provenance, origin=f"{name}#{ref}" if ref else name, notes=notes)
    if isinstance(report, Rejected):
        reason = report.reason.replace(str(source), name)
        return replace(report, provenance=provenance, reason=reason)
    return replace(report, provenance=provenance)
