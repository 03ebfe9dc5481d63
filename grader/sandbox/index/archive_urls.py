"""Which URLs of package archives a build may ask for, and which redirects are followed.

Debian's and Ubuntu's archives are the same on every mirror, and signed. So the folder and the path
say what a build asks for; its host only counts where the grader's host has no archive of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

MAKERS: Mapping[str, tuple[str, ...]] = {
    ".debian.org": ("deb", "security"),
    ".ubuntu.com": ("archive", "security", "ports"),
}
"""What the makers' hosts end with, and how those begin that base images name."""
OLD = "archive.debian."
"""Begins the name of the host that has the releases which Debian has given up, and it alone."""
IN_ARCHIVE: Mapping[str, str] = {
    "debian": "dists/stable/InRelease",
    "debian-security": "dists/stable-security/InRelease",
    "ubuntu": "dists/noble/InRelease",
    "ubuntu-ports": "dists/noble/InRelease",
}
"""The folders that archives are in, and a file that is surely there."""
URL = re.compile(r"http://([a-z0-9.-]+)(?::80)?/([a-z-]+)/(.*)", re.DOTALL)
PATH = re.compile(r"(?:dists|pool|project)/[A-Za-z0-9._+~:@=,^-]+(?:/[A-Za-z0-9._+~:@=,^-]+)*/?")
ADDRESS = re.compile(r"[0-9.]+|[^.]+")
"""Hosts that no mirror has: an address, or a name of this machine or its network."""
LONGEST = 1000
"""Characters that a URL may have."""


class Refused(Exception):
    """No URL of an archive; the message is a sentence without its full stop."""


@dataclass(frozen=True, kw_only=True)
class ArchiveUrl:
    """A file in an archive. `path` is below `section`, without percent escapes."""

    host: str
    section: str
    path: str

    def __str__(self) -> str:
        return f"http://{self.host}/{self.section}/{self.path}"

    @property
    def is_of_old(self) -> bool:
        """Whether it is on the host of old releases."""
        return self.host.startswith(OLD) and self.is_official

    @property
    def is_official(self) -> bool:
        """Whether its host is one of the makers'."""
        return self.host.endswith(tuple(MAKERS))

    @property
    def expected(self) -> ArchiveUrl | None:
        """What is surely in the same archive; none where no base image names its host."""
        known = {label + maker for maker, labels in MAKERS.items() for label in labels}
        if self.is_official and self.host not in known:
            return None
        return ArchiveUrl(host=self.host, section=self.section, path=IN_ARCHIVE[self.section])

    @property
    def never_changes(self) -> bool:
        """Whether the archive never has other content at this URL."""
        return self.path.startswith("pool/") or "/by-hash/" in self.path


def parse(uri: str, method: str) -> ArchiveUrl:
    """Return the file that a request asks for. Raises `Refused` for anything else."""
    if method == "CONNECT":
        msg = f"{uri[:100]} is asked for with TLS; package sources have to begin with http://"
        raise Refused(msg)
    if method not in {"GET", "HEAD"}:
        msg = f"{method[:20]} is not allowed"
        raise Refused(msg)
    found = URL.fullmatch(uri) if len(uri) <= LONGEST else None
    if found is None or found[2] not in IN_ARCHIVE or ADDRESS.fullmatch(found[1]):
        msg = f"{uri[:200]} is no package archive of Debian's or Ubuntu's"
        raise Refused(msg)
    path = unquote(found[3])
    if not PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        msg = f"{uri[:200]} is no path in a package archive"
        raise Refused(msg)
    return ArchiveUrl(host=found[1], section=found[2], path=path)


def may_follow(source: str, target: str) -> bool:
    """Return whether a redirect from `source` leads to the same host or to one of the makers'."""
    there = urlsplit(target)
    host = there.hostname or ""
    if there.scheme not in {"http", "https"}:
        return False
    return host == urlsplit(source).hostname or host.endswith(tuple(MAKERS))
