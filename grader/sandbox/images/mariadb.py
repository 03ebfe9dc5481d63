"""MariaDB's image: its recipe of Debian packages, and what makes one that is ready at once."""

from __future__ import annotations

import re

from grader.sandbox.images.recipes import COMMON, PATH, Recipe

SERIES = {"10.11": "bookworm", "11.8": "trixie"}
"""Series that Debian has, to the Debian release that has them; the oldest first."""
LAYER = ("entrypoint.sh", "initialise.sh", "healthcheck.sh", "grader.cnf")
"""Assets of the layer that has its data folder initialised beforehand."""


def mariadb(series: str) -> Recipe:
    """Return the counterpart of `mariadb:SERIES`."""
    return Recipe(
        name=f"mariadb:{series}",
        title=f"MariaDB {series} of Debian {SERIES[series]}",
        suite=SERIES[series],
        packages=(*COMMON, "mariadb-server-core", "mariadb-client", "xz-utils", "zstd"),
        scripts=("no-services.sh", "mariadb/layout.sh"),
        tells_env=True,
        env={"PATH": PATH},
        command=("mariadbd",),
    )


def nearest(tag: str) -> Recipe:
    """Return the recipe for the tag of a MariaDB image: the nearest newer series, or the newest.

    A tag that names no series stands for the newest, `10` for the newest of the tens.
    """
    found = re.match(r"(\d+)(?:\.(\d+))?", tag)
    if found is None:
        return mariadb([*SERIES][-1])
    wanted = (int(found[1]), int(found[2] or 0))
    newer = [one for one in SERIES if _numbers(one) >= wanted]
    return mariadb(newer[0] if newer else [*SERIES][-1])


def is_mariadb(image: str) -> bool:
    """Return whether a local image was made from a recipe of MariaDB."""
    return image in {mariadb(one).tag for one in SERIES}


def _numbers(series: str) -> tuple[int, int]:
    major, minor = series.split(".")
    return int(major), int(minor)
