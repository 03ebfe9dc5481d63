"""Package sources that a build step adds to Debian's own: keys, and releases of another time."""

from __future__ import annotations

import re

from grader.text import clip

OLDER = {
    "wheezy": "Debian 7", "jessie": "Debian 8", "stretch": "Debian 9", "buster": "Debian 10",
    "trusty": "Ubuntu 14.04", "xenial": "Ubuntu 16.04", "bionic": "Ubuntu 18.04",
    "focal": "Ubuntu 20.04", "jammy": "Ubuntu 22.04", "noble": "Ubuntu 24.04",
}  # fmt: skip
"""Releases that are no image's which is still made, or no Debian's, by their code names."""
SOURCE = re.compile(
    r"\bdeb(?:-src)?\s{1,9}(?:\[[^\]]{0,200}\]\s{1,9})?(https?://\S{1,200})\s{1,9}("
    + "|".join(OLDER)
    + r")\b"
)
IN_DEBIAN = {
    "nginx": "nginx", "nodejs": "nodejs npm", "redis-server": "redis-server",
    "redis": "redis-server", "yarn": "yarnpkg", "mysql-client": "default-mysql-client",
    "mysql-community-client": "default-mysql-client", "mariadb-client": "mariadb-client",
    "postgresql-client": "postgresql-client", "google-chrome-stable": "chromium",
}  # fmt: skip
"""What is often taken from elsewhere, to the packages of Debian's own."""
INSTALLED = re.compile(r"\bapt(?:-get)?\s+(?:-\S{1,60}\s+){0,8}install\s+([^&|;]{0,2000})")
FAULT = re.compile(
    r"gnupg\d? do not seem to be installed|apt-key: (?:command )?not found|"
    r"^gpg: |NO_PUBKEY|is not signed|no longer has a Release file|does not have a Release file|"
    r"^E: (?:Failed to fetch|Version '|Unable to correct|The repository)|unmet dependencies|"
    r"keyserver receive failed",
    re.MULTILINE,
)
"""What apt and gpg print where a key or a source is at fault."""
KEYRINGS = (
    "A key that you do need goes to /etc/apt/keyrings, as a file of your repository: "
    "`COPY NAME.asc /etc/apt/keyrings/`, and `[signed-by=/etc/apt/keyrings/NAME.asc]` after `deb` "
    "in the source."
)


def source_cause(output: str, step: str) -> str:
    """Say what is wrong with a source that `step` adds to apt's; empty where that is not it."""
    keys, source = re.search(r"\bapt-key\b", step), SOURCE.search(step)
    if not (keys or source) or not FAULT.search(output):
        return ""
    parts = []
    if keys:
        lacks = " It needs gnupg, too." if "gnupg" in output else ""
        parts.append(
            "It takes a key with `apt-key`, which Debian has given up: Debian 13 has none any "
            f"more.{lacks}"
        )
    if source:
        parts.append(
            f"It adds the source {clip(source[1], 120)} for {OLDER[source[2]]} ({source[2]}), "
            "which does not go with the Debian of this image."
        )
    if own := _in_debian(step):
        parts.append(
            f"Debian has {own[0]} itself: write `RUN apt-get update && apt-get install -y "
            f"{own[1]}` in its place, without source, key and version."
        )
    elif source:
        parts.append("Leave that source out, or name the one for the release of the image.")
    return " ".join([*parts, KEYRINGS] if keys else parts)


def _in_debian(step: str) -> tuple[str, str] | None:
    """Return a package that the step installs and Debian has, and what to install for it."""
    for listed in INSTALLED.finditer(step):
        for word in listed[1].split():
            name = word.partition("=")[0]
            if name in IN_DEBIAN:
                return name, IN_DEBIAN[name]
    return None
