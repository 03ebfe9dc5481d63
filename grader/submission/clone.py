"""A git repository of somebody else's, cloned so that it is data: nothing of it is executed."""

from __future__ import annotations

import os
import re
from pathlib import Path

from grader import process
from grader.errors import PlatformError, UsageError
from grader.submission.history_copy import SAFE, environment
from grader.text import clean, clip, last_lines

SECONDS = 120
ADDRESS = re.compile(r"(https|ssh|file)://[^\s#]+|[\w.-]+@[\w.-]+:[^\s#:]+")
"""What counts as an address of a repository: a URL, or `user@host:path`."""
PASSED_ON = ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSH_AUTH_SOCK",
             "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO")  # fmt: skip
"""Variables of the caller's that say how the network is reached."""


def is_address(text: str) -> bool:
    """Return whether `text` names a repository elsewhere, and no folder of this machine."""
    return "://" in text or "::" in text or bool(ADDRESS.fullmatch(text.partition("#")[0]))


def without_password(address: str) -> str:
    """`address` as anybody may see it."""
    return clip(clean(re.sub(r"//[^/@]*@", "//", address)), 200)


def require_allowed(url: str, ref: str, *, allow_file: bool) -> str:
    """Return the protocol of `url`.

    Raises `UsageError` for one that is not spoken, or an odd `ref`.
    """
    scheme = url.partition("://")[0] if "://" in url else "ssh"
    shown = without_password(url)
    if not ADDRESS.fullmatch(url) or url.startswith("-") or ref.startswith("-"):
        msg = f"{shown} is no address that is cloned; use https:// or ssh://."
        raise UsageError(msg)
    if scheme == "file" and not allow_file:
        msg = f"{shown} is a repository of this machine; set GRADER_GIT_FILE=1 to allow it."
        raise UsageError(msg)
    return scheme


def network_environment(home: Path, scheme: str) -> dict[str, str]:
    """Return what git gets for an environment where it may speak `scheme`, and nothing else."""
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    settings = {"GIT_SSH_COMMAND": "ssh -oBatchMode=yes", "GIT_ALLOW_PROTOCOL": scheme}
    return environment(home) | passed_on | settings


def clone(address: str, target: Path, *, allow_file: bool) -> Path:
    """Clone the newest commit of `address` into the new folder `target`, and give that folder.

    `address` may end in `#BRANCH`. Only https and ssh are spoken, and file where `allow_file`.
    Submodules, hooks, filters and symbolic links are left out, and the caller's configuration of
    git is not read. Raises `UsageError` for another address, or where it cannot be cloned.
    """
    url, _, branch = address.partition("#")
    scheme, shown = require_allowed(url, branch, allow_file=allow_file), without_password(url)
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [
        "git", *SAFE, "-c", "core.symlinks=false", "-c", f"protocol.{scheme}.allow=always",
        "clone", "--quiet", "--depth=1", "--no-tags", "--single-branch",
        "--no-recurse-submodules", "--template=",
        *(["--branch", branch] if branch else []), "--", url, str(target),
    ]  # fmt: skip
    try:
        done = process.run(
            command, deadline=SECONDS, check=False, env=network_environment(target.parent, scheme)
        )
    except PlatformError as error:
        msg = f"{shown} cannot be cloned: {error}"
        raise UsageError(msg) from error
    if done.returncode != 0:
        msg = f"{shown} cannot be cloned; look at the address. git says: {last_lines(done.tail, 2)}"
        raise UsageError(msg)
    return target
