"""What drivers for MySQL print where an app does not get at its database, and what that means."""

from __future__ import annotations

import re

from grader.sandbox.app_settings import AppSettings
from grader.sandbox.drivers import lacks_plugin
from grader.sandbox.missing_variables import find_fallback, find_password
from grader.text import clip

ADDRESS = re.compile(r"(?!127\.|0\.0\.0\.0)(?:[0-9]{1,3}\.){3}[0-9]{1,3}")
OUTER = re.compile(r"(?:host|gateway)\.docker\.internal|host-gateway")
"""Names by which a container reaches the machine that runs Docker."""
LOCAL = frozenset({"localhost", "127.0.0.1", "/run/mysqld/mysqld.sock", "/tmp/mysql.sock"})  # noqa: S108
"""What a driver names where its host is the container itself."""


def _credentials(found: re.Match[str], where: AppSettings) -> str:
    begin = f"{where.product} refused the user {found[1]!r} (error 1045)."
    fallbacks = where.literals.fallbacks()
    if said := find_fallback(fallbacks, "user", found[1]) or find_password(fallbacks):
        return f"{begin} {said} {where.remedy}"
    if said := where.literals.refused(found[1]):
        return f"{begin} {said}"
    if "using password: NO" in found.string[found.end() :][:80]:
        return (
            f"{begin} It gave no password: what it takes it from is empty or not set. Read the "
            f"variable that {where.source}."
        )
    return (
        f"{begin} Take user and password from the environment variables that {where.source}; they "
        "are new at every start."
    )


def _unknown_database(found: re.Match[str], where: AppSettings) -> str:
    begin = f"There is no database {found[1]!r} (error 1049)."
    if said := find_fallback(where.literals.fallbacks(), "database", found[1]):
        return f"{begin} {said} {where.remedy}"
    if said := where.literals.unknown_database(found[1]):
        return f"{begin} {said}"
    return f"{begin} Take its name from the environment variable that {where.source}."


def _unset_host(name: str, where: AppSettings) -> str:
    """Say that the host comes of a variable that is not set; empty where that is not so."""
    if name in where.database_hosts:
        return ""
    fallbacks = where.literals.fallbacks()
    names = ("localhost", "127.0.0.1") if name in LOCAL else (name,)
    return next(filter(None, (find_fallback(fallbacks, "host", one) for one in names)), "")


def _forbidden(found: re.Match[str], where: AppSettings) -> str:
    database = re.search(r"to database '([^']+)'", found[1])
    begin = f"{where.product} refused a statement: {clip(found[1], 160)}."
    if database and (said := find_fallback(where.literals.fallbacks(), "database", database[1])):
        return f"{begin} {said} {where.remedy}"
    return f"{begin} Use only the database that the environment names; it exists already."


def _unreachable(found: re.Match[str], where: AppSettings) -> str:
    host = next(group for group in found.groups() if group)
    name = host.partition(":")[0]
    begin = f"It cannot reach {where.product} at {host!r}"
    if said := _unset_host(name, where):
        value = f" Its value there is {where.database!r}, the name of the service."
        return f"{begin}. {said} {where.remedy}{value if where.database else ''}"
    if name in where.database_hosts and "not known" not in found.string[found.start() :][:300]:
        return (
            f"It tried to reach {where.product} at {host!r} before that took connections, and gave "
            "up. Wait for it: `depends_on` with `condition: service_healthy`, and try again in the "
            "app."
        )
    if image := where.literals.services.get(name):
        return f"{begin}: that is your service {name!r} ({image}), which is not started here."
    if own := where.literals.addresses.get(name):
        return (
            f"{begin}: your Compose file gives {own!r} that address (ipv4_address) on a network of "
            "its own, which the grader does not keep, as another project may have it. Write the "
            f"name of the service, {own!r}, as the host in its place: it holds on every machine."
        )
    inside = "localhost is the container itself"
    if ADDRESS.fullmatch(name):
        inside = "addresses of containers differ on each machine and at each start"
    elif OUTER.fullmatch(name):
        inside = f"{name} is the machine that runs Docker, and the app reaches its services alone"
    if where.database:
        return (
            f"{begin}. In your Compose file the {where.product} service is called "
            f"{where.database!r}: that is its host name; {inside}."
        )
    if where.service:
        return (
            f"{begin}: your Compose file has no {where.product} service, and the app reaches the "
            f"services of the file alone ({inside}). Add one (`image: mysql:8.4`), and give the "
            "app its name as the host."
        )
    return (
        f"{begin}. Take host and port from the environment variables that {where.source}; inside "
        f"a container, {inside}."
    )


DATABASE = (
    (
        "database-driver",
        (
            r"'?cryptography'? package is required|"
            r"Authentication plugin '([^']+)' cannot be loaded|"
            r"Authentication plugin '([^']+)' is not supported|"
            r"Plugin (caching_sha2_password) could not be loaded|"
            r"1251[^\n]{0,20}Client does not support authentication protocol"
        ),
        lacks_plugin,
    ),
    (
        "database-credentials",
        r"\b1045\b[^\n]{0,20}?Access denied for user '([^']*)'",
        _credentials,
    ),
    (
        "database-forbidden",
        r"\b(?:1044|1142|1227)\b[^\n]{0,20}?[\"': ]((?:Access|[A-Z]+ com)[^\"\n]*denied[^\"\n]*)",
        _forbidden,
    ),
    (
        "database-forbidden",
        r"\b1130\b[^\n]{0,20}?Host '([^']*)' is not allowed to connect",
        lambda found, where: (
            f"{where.product} lets no user in from the app's address {found[1]!r} (error 1130): "
            "the accounts that there are, are for other hosts. Make yours for all of them, "
            "`'NAME'@'%'` in CREATE USER, and leave MYSQL_ROOT_HOST out."
        ),
    ),
    ("database-unknown", r"\b1049\b[^\n]{0,20}?Unknown database '([^']*)'", _unknown_database),
    (
        "database-unreachable",
        (
            r"Can't connect to (?:local )?(?:MySQL )?server (?:on|through socket) '([^']*)'|"
            r"Unknown (?:MySQL )?server host '([^']*)'|Can't connect to MySQL server on ([\w.:-]+)"
        ),
        _unreachable,
    ),
    (
        "migration-never-run",
        r"\b1146\b[^\n]{0,20}?Table '([^']*)' doesn't exist",
        lambda found, where: (
            f"The table {found[1].rpartition('.')[2]!r} does not exist (error 1146): nothing has "
            "made it. Create the tables, or run the migration, when the container starts."
        ),
    ),
)
"""Names of causes, what to look for and the sentence, as `causes.LOG_CAUSES` has them."""
