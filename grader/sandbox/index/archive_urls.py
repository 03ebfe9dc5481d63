"""Which URLs of package archives a build may ask for, and which redirects are followed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

OLD = "old.packages.invalid"
"""Has the releases that Debian has given up; no other server has them."""
HOSTS: Mapping[str, tuple[str, ...]] = {
    "packages.invalid": ("debian", "debian-security"),
    "security.packages.invalid": ("debian-security",),
    OLD: ("debian", "debian-security"),
    "ubuntu.packages.invalid": ("ubuntu",),
    "security.ubuntu.packages.invalid": ("ubuntu",),
    "ports.ubuntu.packages.invalid": ("ubuntu-ports",),
}
"""The archives' official hosts, and the folders on them."""
MAKERS = (".debian.org", ".ubuntu.com")
"""What the hosts end with that the archives send a client on to."""
URL = re.compile(r"http://([a-z.]+)(?::80)?/([a-z-]+)/(.*)", re.DOTALL)
PATH = re.compile(r"[A-Za-z0-9._+~:@=,^-]+(?:/[A-Za-z0-9._+~:@=,^-]+)*/?")
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
        return self.host == OLD

    @property
    def never_changes(self) -> bool:
        """Whether the archive never has other content at this URL."""
        return self.path.startswith("pool/") or "/by-hash/" in self.path


def parse(uri: str, method: str) -> ArchiveUrl:
    """The file that a request asks for. Raises `Refused` for anything else."""
    if method == "CONNECT":
        msg = f"{uri[:100]} is asked for with TLS; package sources have to begin with http://"
        raise Refused(msg)
    if method not in {"GET", "HEAD"}:
        msg = f"{method[:20]} is not allowed"
        raise Refused(msg)
    found = URL.fullmatch(uri) if len(uri) <= LONGEST else None
    if found is None or found[2] not in HOSTS.get(found[1], ()):
        msg = f"{uri[:200]} is no package archive of Debian's or Ubuntu's"
        raise Refused(msg)
    path = unquote(found[3])
    if not PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        msg = f"{uri[:200]} is no path in a package archive"
        raise Refused(msg)
    return ArchiveUrl(host=found[1], section=found[2], path=path)


def may_follow(source: str, target: str) -> bool:
    """Whether a redirect from `source` leads to the same host or to one of the makers'."""
    there = urlsplit(target)
    host = there.hostname or ""
    if there.scheme not in {"http", "https"}:
        return False
    return host == urlsplit(source).hostname or host.endswith(MAKERS)
