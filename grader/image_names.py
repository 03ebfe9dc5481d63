"""What more than one part of the grader knows of images: names of repositories, and their facts."""

from __future__ import annotations

from dataclasses import dataclass

MYSQL_IMAGES = frozenset({
    "mysql", "mysql/mysql-server", "mariadb", "percona", "percona/percona-server",
    "bitnami/mysql", "bitnami/mariadb", "linuxserver/mariadb",
})  # fmt: skip
"""MySQL and its kin, in Docker's short form."""
MARIADB_IMAGES = frozenset({"mariadb", "bitnami/mariadb", "linuxserver/mariadb"})
"""Those of them that are MariaDB."""
DIALECTS = (frozenset({"mysql", "mariadb"}), frozenset({"postgres"}))
"""The words of an exam for servers that a suite looks into as `db`, by the SQL that they take."""


@dataclass(frozen=True, kw_only=True)
class ImageFacts:
    """What an image says of itself."""

    environment: tuple[str, ...]
    """`NAME=value`, as a container of it gets them."""
    history: tuple[str, ...]
    """How each of its layers was made, newest first."""
