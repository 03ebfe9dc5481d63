"""Which images are of one kind, whoever made them: what a role of an exam names by one word."""

from __future__ import annotations

from collections.abc import Collection

from grader.image_names import DIALECTS, MARIADB_IMAGES, MYSQL_IMAGES
from grader.inspect.compose.roles import short_name

FAMILIES = {
    "mysql": MYSQL_IMAGES - MARIADB_IMAGES,
    "mariadb": MARIADB_IMAGES,
    "postgres": frozenset({"postgres", "bitnami/postgresql", "postgis/postgis"}),
    "redis": frozenset({"redis", "bitnami/redis", "redis/redis-stack-server"}),
    "valkey": frozenset({"valkey/valkey", "bitnami/valkey"}),
    "rabbitmq": frozenset({"rabbitmq", "bitnami/rabbitmq"}),
    "nginx": frozenset({"nginx", "nginxinc/nginx-unprivileged", "bitnami/nginx"}),
}
"""What a word stands for; any other word is a repository itself."""
EXAMPLES = {
    "mysql": "mysql:8.4", "mariadb": "mariadb:11", "postgres": "postgres:17", "redis": "redis:7",
    "valkey": "valkey/valkey:8", "rabbitmq": "rabbitmq:4", "nginx": "nginx:1",
}  # fmt: skip
"""What a student may write."""


def is_one_of(reference: str, wanted: Collection[str]) -> bool:
    """Return whether an image, of whatever registry and version, is one of the kinds `wanted`."""
    name = short_name(reference)
    return bool(name) and any(name in FAMILIES.get(one, (one,)) for one in wanted)


def named_images(wanted: Collection[str]) -> str:
    """Return the kinds in words: `redis or valkey`."""
    return " or ".join(wanted)


def written_image(wanted: Collection[str]) -> str:
    """Return what a student may write for one of the kinds: `image: redis:7`."""
    return f"`image: {example_image(next(iter(wanted)))}`"


def example_image(kind: str) -> str:
    """Return an image of the kind, as a student may write it: `redis:7`."""
    return EXAMPLES.get(kind, kind)


def are_of_one_dialect(wanted: Collection[str]) -> bool:
    """Return whether all of the kinds take one SQL, so that a suite can look into any as `db`."""
    return bool(wanted) and any(one.issuperset(wanted) for one in DIALECTS)
