"""RabbitMQ's image: its recipes of Debian packages, and the layer of the grader's servers."""

from __future__ import annotations

import re

from grader.sandbox.images.recipes import COMMON, PATH, Recipe

SERIES = {3: "bookworm", 4: "trixie"}
"""Major versions that Debian has, to the Debian release that has them."""
LAYER = ("ask.sh", "entrypoint.sh", "grader.conf")
"""Assets of the layer that lets the grader stop, start and look into a server."""


def rabbitmq(series: int) -> Recipe:
    """Return the counterpart of `rabbitmq:SERIES`."""
    return Recipe(
        name=f"rabbitmq:{series}",
        title=f"RabbitMQ of Debian {SERIES[series]}",
        suite=SERIES[series],
        packages=(*COMMON, "rabbitmq-server"),
        scripts=("no-services.sh", "rabbitmq/layout.sh"),
        tells_env=True,
        env={"PATH": PATH, "LANG": "C.UTF-8", "HOME": "/var/lib/rabbitmq"},
        command=("rabbitmq-server",),
    )


def nearest(tag: str) -> Recipe:
    """Return the recipe for the tag of a RabbitMQ image: its major version, or the nearest newer.

    A tag that names none stands for the newest.
    """
    found = re.match(r"(\d+)", tag)
    newer = [one for one in sorted(SERIES) if found and one >= int(found[1])]
    return rabbitmq(newer[0] if newer else max(SERIES))


def is_rabbitmq(image: str) -> bool:
    """Return whether a local image was made from a recipe of RabbitMQ."""
    return image in {rabbitmq(one).tag for one in SERIES}
