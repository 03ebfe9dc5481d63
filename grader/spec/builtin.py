"""The criteria that a challenge can price without writing a test."""

from __future__ import annotations

BUILTIN_NEEDS: dict[str, tuple[str, ...]] = {
    "repo.files": (),
    "docker.builds": (),
    "docker.ignore": (),
    "docker.non_root": ("docker.builds",),
    "secrets.tree": (),
    "secrets.history": (),
    "secrets.image": ("docker.builds",),
    "secrets.runtime": ("app.starts",),
    "secrets.from_environment": ("app.starts",),
    "secrets.no_fallback": ("app.starts",),
    "app.starts": ("docker.builds",),
    "compose.valid": (),
    "compose.complete": ("app.starts",),
    "compose.fresh_credentials": ("app.starts",),
    "compose.healthy": ("app.starts",),
    "database.late": ("app.starts",),
    "contract.routes": ("app.starts",),
    "contract.methods": ("app.starts",),
    "contract.errors": ("app.starts",),
    "contract.fuzz": ("app.starts",),
    "persist.recreate": ("app.starts",),
    "persist.database_restart": ("app.starts",),
    "persist.down_up": ("app.starts",),
    "persist.kill": ("app.starts",),
}
"""Each built-in criterion to those that it always needs, whatever the challenge says."""

COMPOSE_ONLY = frozenset(
    {"database.late", "persist.down_up", "persist.kill"}
    | {name for name in BUILTIN_NEEDS if name.startswith("compose.")}
)
"""Those that only a challenge of mode `compose` can price."""

BASE_IMAGES = (
    "python", "debian", "ubuntu", "alpine", "node", "nginx", "busybox",
    "mysql", "mysql/mysql-server", "mariadb", "percona", "percona/percona-server",
    "ghcr.io/astral-sh/uv",
)  # fmt: skip
"""What a submission may build on where its challenge does not say: images that everybody uses."""

NEEDS_CONTRACT = frozenset(
    name for name in BUILTIN_NEEDS if name.startswith(("contract.", "persist."))
)
"""Those that work from the challenge's OpenAPI document."""
