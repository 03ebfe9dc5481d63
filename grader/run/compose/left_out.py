"""Services that are not started here, and that a plain `docker compose up` fails at all the same.

What they take from the repository can be looked at without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from grader.inspect.compose.paths import exists
from grader.inspect.compose.project import ComposeService, MountKind
from grader.inspect.near_files import listed, near_files
from grader.run.compose.project_roles import ComposeRoles
from grader.run.static_checks import near
from grader.text import LocatedSentence, clip

A_FILE = re.compile(
    r"(?:^|/)(?:[^/]*\.(?:conf|cnf|cfg|ini|json|toml|ya?ml|xml|properties|template|tmpl|html?|js|"
    r"css|sql|sh|py|env|txt|pem|crt|cer|key|htpasswd|vcl|lua|acl)|Caddyfile|\.htpasswd|\.env)$",
    re.IGNORECASE,
)
"""How the path ends of what is a file, and no folder that Docker may well make."""


def left_out_faults(root: Path, roles: ComposeRoles) -> tuple[str, ...]:
    """Say what the services lack in the repository that are left out, with file and line.

    What keeps those from starting that are started shows itself.
    """
    project = roles.project(roles.fresh)
    return tuple(
        said
        for service in project.services.values()
        if service.name not in roles.started
        for said in _faults(root, roles, service)
    )


def _faults(root: Path, roles: ComposeRoles, service: ComposeService) -> Iterator[str]:
    path, given = roles.project(roles.fresh).path, roles.stand_ins.files
    if service.build and service.name not in roles.dockerfiles:
        folder = service.build.context
        yield LocatedSentence(
            path, service.lines.of("build"),
            f"`{service.name}` is built from {clip(folder, 100)!r}, which has no Dockerfile"
            f"{near(root, folder)}: a plain `docker compose up` stops there.",
        )  # fmt: skip
    for mount in service.mounts:
        lacks = mount.kind is MountKind.BIND and mount.content is None
        if not lacks or mount.source in given or exists(root, mount.source):
            continue
        if A_FILE.search(mount.source) and A_FILE.search(mount.target):
            yield LocatedSentence(
                path, mount.line,
                f"`{service.name}` mounts the file {clip(mount.source, 100)}, which is not in your "
                f"repository{_near(root, mount.source)}. Docker puts an empty folder in its place: "
                "a plain `docker compose up` fails there, or the service runs without it.",
            )  # fmt: skip


def _near(root: Path, path: str) -> str:
    """Return a clause on a file that may be the one that is meant; or empty."""
    name = PurePosixPath(path).name
    same, close = near_files(root, path)
    found = [one for one in (*same, *close) if PurePosixPath(one).name.lower() == name.lower()]
    return f" (there is {listed(found)}: correct the path)" if found else ""
