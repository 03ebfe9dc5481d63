"""Base images: from a registry where there is one, made of Debian packages where there is none.

A `WantedImage` is one that a run asks for: it says how it is had (`obtain`) and what of it is on
this machine (`present`). `prepare` gets a machine ready beforehand; where other software than was
asked for is used, `substitution` tells.
"""

from __future__ import annotations

from grader.sandbox.images.acquire import MYSQL_SERVER, ResolvedImage
from grader.sandbox.images.packaged import (
    IDENTITY_IMAGE,
    MAIL_IMAGE,
    OBJECTS_IMAGE,
    WEB_IMAGE,
    tools_image,
)
from grader.sandbox.images.prepare import COMMON, RARER, USUAL, ImageStatus, prepare, status
from grader.sandbox.images.progress import Progress, silent
from grader.sandbox.images.references import (
    is_mariadb_image,
    is_mysql,
    mysql_series,
)
from grader.sandbox.images.registry import BaseImageUnknown
from grader.sandbox.images.resolve import INDEX_HOST, DockerfileBase, resolve_base
from grader.sandbox.images.servers import (
    ServerImage,
    mariadb_server,
    mysql_server,
    postgres_server,
    rabbitmq_server,
    redis_server,
)
from grader.sandbox.images.wanted import PresentImage, WantedImage

__all__ = [
    "COMMON",
    "IDENTITY_IMAGE",
    "INDEX_HOST",
    "MAIL_IMAGE",
    "MYSQL_SERVER",
    "OBJECTS_IMAGE",
    "RARER",
    "USUAL",
    "WEB_IMAGE",
    "BaseImageUnknown",
    "DockerfileBase",
    "ImageStatus",
    "PresentImage",
    "Progress",
    "ResolvedImage",
    "ServerImage",
    "WantedImage",
    "is_mariadb_image",
    "is_mysql",
    "mariadb_server",
    "mysql_series",
    "mysql_server",
    "postgres_server",
    "prepare",
    "rabbitmq_server",
    "redis_server",
    "resolve_base",
    "silent",
    "status",
    "tools_image",
]
