"""Base images: from a registry where there is one, made of Debian packages where there is none.

`prepare` gets a machine ready beforehand; `resolve_base` and `mysql_image` say what a build or a
run uses, and tell in `substitution` where that is other software than was asked for.
"""

from __future__ import annotations

from grader.sandbox.images.acquire import MYSQL_SERVER, PYTHON_BASES, RARER_BASES, ResolvedImage
from grader.sandbox.images.packaged import (
    identity_image,
    mail_image,
    objects_image,
    tools_image,
    web_image,
)
from grader.sandbox.images.prepare import ImageStatus, prepare, status
from grader.sandbox.images.progress import Progress, silent
from grader.sandbox.images.redis_ready import redis_image
from grader.sandbox.images.references import (
    is_mariadb_image,
    is_mysql,
    mysql_series,
)
from grader.sandbox.images.registry import BaseImageUnknown
from grader.sandbox.images.resolve import (
    INDEX_HOST,
    mariadb_image,
    mysql_image,
    postgres_image,
    rabbitmq_image,
    resolve_base,
)

__all__ = [
    "INDEX_HOST",
    "MYSQL_SERVER",
    "PYTHON_BASES",
    "RARER_BASES",
    "BaseImageUnknown",
    "ImageStatus",
    "Progress",
    "ResolvedImage",
    "identity_image",
    "is_mariadb_image",
    "is_mysql",
    "mail_image",
    "mariadb_image",
    "mysql_image",
    "mysql_series",
    "objects_image",
    "postgres_image",
    "prepare",
    "rabbitmq_image",
    "redis_image",
    "resolve_base",
    "silent",
    "status",
    "tools_image",
    "web_image",
]
