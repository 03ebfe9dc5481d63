"""Repositories of images that more than one part of the grader knows by name."""

from __future__ import annotations

MYSQL_IMAGES = frozenset({
    "mysql", "mysql/mysql-server", "mariadb", "percona", "percona/percona-server",
    "bitnami/mysql", "bitnami/mariadb", "linuxserver/mariadb",
})  # fmt: skip
"""MySQL and its kin, in Docker's short form."""
MARIADB_IMAGES = frozenset({"mariadb", "bitnami/mariadb", "linuxserver/mariadb"})
"""Those of them that are MariaDB."""
