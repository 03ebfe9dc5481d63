"""The images that a submission may build on where its challenge does not say."""

from __future__ import annotations

BASE_IMAGES = (
    "python", "debian", "ubuntu", "alpine", "node", "nginx", "busybox",
    "mysql", "mysql/mysql-server", "mariadb", "percona", "percona/percona-server",
    "ghcr.io/astral-sh/uv",
)  # fmt: skip
"""Images that everybody uses."""
