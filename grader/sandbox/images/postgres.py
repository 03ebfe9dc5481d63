"""PostgreSQL's image: its recipe of Debian packages, and what makes one that is ready at once."""

from __future__ import annotations

import re

from grader.sandbox.images.recipes import COMMON, Recipe

REPOSITORIES = frozenset({"postgres", "bitnami/postgresql"})
SERIES = {15: "bookworm", 17: "trixie"}
"""Series that Debian has, to the Debian release that has them."""
LAYER = ("entrypoint.sh", "initialise.sh", "grader.conf", "grader-hba.conf")
"""Assets of the layer that has its data folder initialised beforehand."""


def postgres(series: int) -> Recipe:
    """Return the counterpart of `postgres:SERIES`."""
    return Recipe(
        name=f"postgres:{series}",
        title=f"PostgreSQL {series} of Debian {SERIES[series]}",
        suite=SERIES[series],
        packages=(*COMMON, f"postgresql-{series}", "locales", "xz-utils", "zstd"),
        scripts=("no-services.sh", "postgres/layout.sh"),
        tells_env=True,
        env={"LANG": "en_US.utf8", "PGDATA": "/var/lib/postgresql/data"},
        command=("postgres",),
    )


def nearest(tag: str) -> Recipe:
    """Return the recipe for the tag of a PostgreSQL image: the nearest newer series, or the newest.

    A tag that names no series stands for the newest.
    """
    found = re.match(r"(\d+)", tag)
    newer = [one for one in sorted(SERIES) if found and one >= int(found[1])]
    return postgres(newer[0] if newer else max(SERIES))


def is_postgres(image: str) -> bool:
    """Return whether a local image was made from a recipe of PostgreSQL."""
    return image in {postgres(one).tag for one in SERIES}
