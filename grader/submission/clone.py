"""A git repository of somebody else's, cloned so that it is data: nothing of it is executed."""

from __future__ import annotations

import os
import re
from pathlib import Path

from grader import process
from grader.errors import PlatformError, UsageError
from grader.submission.history_copy import SAFE, environment
from grader.text import clip, last_lines

SECONDS = 120
ADDRESS = re.compile(r"(https|ssh|file)://[^\s#]+|[\w.-]+@[\w.-]+:[^\s#:]+")
"""What counts as an address of a repository: a URL, or `user@host:path`."""
PASSED_ON = ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSH_AUTH_SOCK",
             "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO")  # fmt: skip
"""Variables of the caller's that say how the network is reached."""


def is_address(text: str) -> bool:
    """Whether `text` names a repository elsewhere, and no folder of this machine."""
    return "://" in text or "::" in text or bool(ADDRESS.fullmatch(text.partition("#")[0]))


def clone(address: str, target: Path, *, allow_file: bool) -> Path:
    """Clone the newest commit of `address` into the new folder `target`, and give that folder.

    `address` may end in `#BRANCH`. Only https and ssh are spoken, and file where `allow_file`.
    Submodules, hooks, filters and symbolic links are left out, and the caller's configuration of
    git is not read. Raises `UsageError` for another address, or where it cannot be cloned.
    """
    url, _, branch = address.partition("#")
    scheme = url.partition("://")[0] if "://" in url else "ssh"
    shown = clip(re.sub(r"//[^/@]*@", "//", url), 200)  # no password in a message
    if not ADDRESS.fullmatch(url) or url.startswith("-") or branch.startswith("-"):
        msg = f"{shown} is no address that challenges are taken from; use https:// or ssh://."
        raise UsageError(msg)
    if scheme == "file" and not allow_file:
        msg = f"{shown} is a repository of this machine; set GRADER_GIT_FILE=1 to allow it."
        raise UsageError(msg)
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [
        "git", *SAFE, "-c", "core.symlinks=false", "-c", f"protocol.{scheme}.allow=always",
        "clone", "--quiet", "--depth=1", "--no-tags", "--single-branch",
        "--no-recurse-submodules", "--template=",
        *(["--branch", branch] if branch else []), "--", url, str(target),
    ]  # fmt: skip
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    settings = {"GIT_SSH_COMMAND": "ssh -oBatchMode=yes", "GIT_ALLOW_PROTOCOL": scheme}
    try:
        done = process.run(
            command, deadline=SECONDS, check=False,
            env=environment(target.parent) | passed_on | settings,
        )  # fmt: skip
    except PlatformError as error:
        msg = f"{shown} cannot be cloned: {error}"
        raise UsageError(msg) from error
    if done.returncode != 0:
        msg = f"{shown} cannot be cloned; look at the address. git says: {last_lines(done.tail, 2)}"
        raise UsageError(msg)
    return target
