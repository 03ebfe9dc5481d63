"""The criteria that a challenge can price without writing a test."""

from __future__ import annotations

BUILTIN_NEEDS: dict[str, tuple[str, ...]] = {
    "repo.files": (),
    "docker.builds": (),
    "docker.ignore": (),
    "docker.non_root": ("docker.builds",),
    "app.starts": ("docker.builds",),
    "contract.routes": ("app.starts",),
    "contract.methods": ("app.starts",),
    "contract.errors": ("app.starts",),
    "persist.recreate": ("app.starts",),
    "persist.database_restart": ("app.starts",),
}
"""Each built-in criterion to those that it always needs, whatever the challenge says."""

NEEDS_CONTRACT = frozenset(
    name for name in BUILTIN_NEEDS if name.startswith(("contract.", "persist."))
)
"""Those that work from the challenge's OpenAPI document."""
