"""What an app keeps its data in, by the packages that it names, its code and its variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.inspect.files import list_files, read_text
from grader.inspect.near_files import SKIPPED
from grader.requirement_files import RequiredPackage
from grader.service_offers import usages

NOT_OFFERED: Mapping[str, str] = {
    "pymongo": "MongoDB", "flask-pymongo": "MongoDB", "mongoengine": "MongoDB",
    "flask-mongoengine": "MongoDB", "motor": "MongoDB",
    "pyodbc": "Microsoft SQL Server", "pymssql": "Microsoft SQL Server",
    "oracledb": "Oracle Database", "cx-oracle": "Oracle Database",
}  # fmt: skip
"""Drivers of databases that are no service of the grader's, to what they connect to."""
WRITTEN: tuple[tuple[str, str], ...] = (
    (r"\bimport sqlite3\b|\bfrom sqlite3\b|\bsqlite(?:\+\w+)?:/{2,4}", "SQLite"),
    (r"\bpostgres(?:ql)?(?:\+\w+)?://", "PostgreSQL"),
    (r"\bmongodb(?:\+srv)?://", "MongoDB"),
    (r"\b(?:mysql|mariadb)(?:\+\w+)?://", "MySQL"),
)
"""How code and addresses name it."""
MAX_FILES, MAX_CHARACTERS = 200, 200_000


@dataclass(frozen=True, kw_only=True)
class AppStore:
    """A database that an app works with."""

    name: str
    where: str
    """What shows it: a file with its line, or a variable."""


def app_stores(
    root: Path, folder: str, packages: Iterable[RequiredPackage], environment: Mapping[str, str]
) -> tuple[AppStore, ...]:
    """Return the databases of the app that is built from `folder`, each with what shows it first.

    Its variables come first, then its code; a package alone may be left over.
    """
    found: dict[str, str] = {}
    for variable, value in environment.items():
        _note(found, value, f"the variable {variable}")
    start = f"{folder}/" if folder not in {"", "."} else ""
    paths = [
        one for one in list_files(root)
        if one.startswith(start) and one.endswith(".py")
        and SKIPPED.isdisjoint(PurePosixPath(one).parts) and "test" not in one
    ]  # fmt: skip
    for path in paths[:MAX_FILES]:
        for number, line in enumerate(read_text(root, path)[:MAX_CHARACTERS].splitlines(), 1):
            _note(found, line.partition("#")[0], f"{path}, line {number}")
    drivers = _drivers()
    for one in packages:
        if name := drivers.get(one.name):
            found.setdefault(name, one.where)
    return tuple(AppStore(name=name, where=where) for name, where in found.items())


def _drivers() -> dict[str, str]:
    """Return the drivers of databases, to what they connect to."""
    offered = {
        package: usage.manifest.title
        for usage in usages().values()
        if usage.is_database
        for package in usage.packages
    }
    return {**NOT_OFFERED, **offered}


def _note(found: dict[str, str], text: str, where: str) -> None:
    for pattern, name in WRITTEN:
        if re.search(pattern, text):
            found.setdefault(name, where)


def stores_sentence(stores: Iterable[AppStore]) -> str:
    """Return what the app works with, in a sentence."""
    listed = [f"{one.name} ({one.where})" for one in stores]
    if not listed:
        return "Nothing of it names a database: it keeps its data in memory or in files."
    several = f"{', '.join(listed[:-1])} and {listed[-1]}" if listed[1:] else listed[0]
    return f"The app itself works with {several}."
