"""nginx's image: its recipe of Debian packages, and what makes it look like the usual one."""

from __future__ import annotations

import re

from grader.sandbox.images.recipes import COMMON, PATH, Recipe

SERIES = {(1, 22): "bookworm", (1, 26): "trixie"}
"""Series that Debian has, to the Debian release that has them."""
LAYER = ("nginx.conf", "default.conf", "index.html", "entrypoint.sh")
"""Assets of the layer that looks like the usual image."""


def nginx(series: tuple[int, int]) -> Recipe:
    """Return the counterpart of `nginx:SERIES`."""
    version = "{}.{}".format(*series)
    return Recipe(
        name=f"nginx:{version}",
        title=f"nginx {version} of Debian {SERIES[series]}",
        suite=SERIES[series],
        packages=(*COMMON, "nginx", "gettext-base", "curl", "openssl"),
        scripts=("no-services.sh", "nginx/layout.sh"),
        tells_env=True,
        env={"PATH": PATH},
        command=("nginx", "-g", "daemon off;"),
    )


def nearest(tag: str) -> Recipe:
    """Return the recipe for the tag of an nginx image: the nearest newer series, or the newest.

    A tag that names no series stands for the newest.
    """
    found = re.match(r"(\d+)\.(\d+)", tag)
    wanted = (int(found[1]), int(found[2])) if found else None
    newer = [one for one in sorted(SERIES) if wanted and one >= wanted]
    return nginx(newer[0] if newer else max(SERIES))


def is_nginx(image: str) -> bool:
    """Return whether a local image was made from a recipe of nginx."""
    return image in {nginx(one).tag for one in SERIES}
