"""The images that a submission may build on where its challenge does not say."""

from __future__ import annotations

from collections.abc import Iterable

from grader.app_spec import RoleSpec

BASE_IMAGES = (
    "python", "debian", "ubuntu", "alpine", "node", "nginx", "busybox",
    "mysql", "mysql/mysql-server", "mariadb", "percona", "percona/percona-server",
    "ghcr.io/astral-sh/uv",
)  # fmt: skip
"""Images that everybody uses."""
REPOSITORIES = {"valkey": "valkey/valkey"}
"""Where the word for a kind of image is no repository itself."""


def usual_images(roles: Iterable[RoleSpec]) -> tuple[str, ...]:
    """Return them with what `roles` may run: a student may build on it, to bring files along."""
    asked = (REPOSITORIES.get(one, one) for role in roles for one in role.images)
    return tuple(dict.fromkeys((*BASE_IMAGES, *asked)))
