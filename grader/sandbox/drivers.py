"""Drivers for MySQL: which package of the repository brings one, and what it lacks."""

from __future__ import annotations

import re

from grader.requirement_files import RequiredPackage
from grader.sandbox.app_settings import AppSettings
from grader.sandbox.tracebacks import last_raised

CONNECTOR = "mysql-connector-python"
"""The package of `mysql.connector` that Oracle keeps up."""
MODULES = {
    "mysql": CONNECTOR,
    "pymysql": "PyMySQL",
    "aiomysql": "aiomysql",
    "asyncmy": "asyncmy",
    "MySQLdb": "mysqlclient",
    "flask_mysqldb": "mysqlclient",
}
"""Packages as Python imports them, to the drivers that they are."""
WORDS = (
    (r"'?cryptography'? package is required", "PyMySQL"),
    (r"\bmysql\.connector\b|NotSupportedError: Authentication plugin", CONNECTOR),
    (r"\bMySQLdb\b|cannot be loaded: /|cannot open shared object file", "mysqlclient"),
)
"""What tells the driver where no traceback does."""
PURE = frozenset({"pymysql", "aiomysql"})
"""Drivers that log in by caching_sha2_password with the package cryptography alone."""


def is_dead_connector(name: str) -> bool:
    """Whether a package is one of those that brought `mysql.connector` and have no new versions.

    mysql-connector, mysql-connector-repackaged, mysql-connector-python-rf and others.
    """
    return name.startswith("mysql-connector") and name != CONNECTOR


def dead_connector(packages: tuple[RequiredPackage, ...]) -> RequiredPackage | None:
    """Return the line that names such a package; None where none does."""
    return next((one for one in packages if is_dead_connector(one.name)), None)


def replace_connector(found: RequiredPackage) -> str:
    """Say what to write in the place of a dead connector."""
    return (
        f"{found.where} names `{found.written}`, a package that has had no new version for years. "
        f"Write {CONNECTOR} in its place."
    )


def lacks_plugin(found: re.Match[str], where: AppSettings) -> str:
    """Say which driver lacks MySQL's authentication plugin, and what to do for that driver."""
    plugin = next((one for one in found.groups() if one), "caching_sha2_password")
    sources = where.sources()
    packages = sources.requirements() if sources else ()
    driver = _driver(found.string[: found.end() + 1], found[0])
    begin = f"The database driver {driver}".rstrip()
    lacks = f"lacks MySQL's authentication plugin {plugin}"
    if plugin == "mysql_native_password":
        return (
            f"{begin} {lacks}, which MySQL has given up. Make the user without naming a plugin: "
            "leave it out of CREATE USER or ALTER USER, and out of the server's options."
        )
    if driver == CONNECTOR:
        if dead := dead_connector(packages):
            return f"The database driver `mysql.connector` {lacks}: {replace_connector(dead)}"
        own = next((one for one in packages if one.name == CONNECTOR), None)
        at = f" ({own.where}: `{own.written}`)" if own else ""
        return f"{begin} {lacks}: its version is too old. Name a newer one in requirements.txt{at}."
    if driver == "mysqlclient":
        return (
            f"{begin} {lacks}: the client library of the image does not have it. Install it with "
            "`RUN apt-get update && apt-get install -y libmariadb3` in the stage that runs the "
            "app, or take PyMySQL and cryptography."
        )
    if driver:
        return (
            f"{begin} {lacks}: it needs one more package. Add `cryptography` to requirements.txt."
        )
    return (
        f"The database driver {lacks}. Add `cryptography` to requirements.txt alongside PyMySQL, "
        "or use a newer driver."
    )


def native_only(packages: tuple[RequiredPackage, ...]) -> str:
    """Return a clause on the driver that knows mysql_native_password alone; empty without one."""
    if dead := dead_connector(packages):
        return f"`{dead.written}` ({dead.where})"
    if any(one.name == "cryptography" for one in packages):
        return ""
    pure = next((one for one in packages if one.name in PURE), None)
    return f"`{pure.written}` ({pure.where}) without `cryptography`" if pure else ""


def _driver(logs: str, said: str) -> str:
    """Return the driver that the last exception comes from; empty where nothing tells."""
    raised = last_raised(logs)
    for frame in reversed(raised.frames if raised else ()):
        if driver := MODULES.get(frame.package):
            return driver
    line = logs[logs.rfind("\n", 0, max(logs.rfind(said), 0)) + 1 :]
    return next((driver for pattern, driver in WORDS if re.search(pattern, line)), "")
