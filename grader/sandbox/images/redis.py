"""Redis and Valkey: which images there are, and the counterpart of each that is made here."""

from __future__ import annotations

import re

from grader.sandbox.images.recipes import PATH, Recipe

TAG_VERSION = re.compile(r"(\d+)(?:\.\d+)*(?:-|$)")
"""The major version that a tag begins with, such as `7` of `7.4-bookworm`."""
REDIS_PACKAGES = ("redis-server", "redis-tools", "tzdata")
VALKEY_PACKAGES = ("valkey-server", "valkey-tools", "tzdata")


def _recipe(title: str, suite: str, packages: tuple[str, ...]) -> Recipe:
    name = title.lower()
    return Recipe(
        name=f"{name}:{suite}",
        title=f"{title} of Debian {suite}",
        suite=suite,
        packages=packages,
        scripts=("no-services.sh", "redis/layout.sh"),
        tells_env=True,
        env={"PATH": PATH},
        command=(f"{name}-server",),
    )


REDIS_7 = _recipe("Redis", "bookworm", REDIS_PACKAGES)
REDIS_8 = _recipe("Redis", "trixie", REDIS_PACKAGES)
VALKEY = _recipe("Valkey", "trixie", VALKEY_PACKAGES)
COUNTERPARTS = {
    "redis": {7: REDIS_7, 8: REDIS_8},
    "valkey/valkey": {8: VALKEY},
}
"""For each image the major versions that Debian has, to their recipes."""
REDIS_TAGS = frozenset(one.tag for made in COUNTERPARTS.values() for one in made.values())
"""The local images that the recipes make."""


def redis_counterpart(repository: str, tag: str) -> Recipe:
    """Return what takes the place of an image of `COUNTERPARTS`.

    The version that is asked for, else the nearest newer, else the newest.
    """
    made = COUNTERPARTS[repository]
    found = TAG_VERSION.match(tag)
    newer = [major for major in sorted(made) if found and major >= int(found[1])]
    return made[newer[0] if newer else max(made)]
