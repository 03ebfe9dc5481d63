"""Which services an app asks for where no exam names them, by its packages and its variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.inspect.reads import DefaultRead, Read, all_reads
from grader.requirement_files import RequiredPackage, normalised
from grader.service_offers import OTHERWISE, ServiceOffer, ServiceUsage, usages

EXTRAS = re.compile(r"\[([\w\s,.-]*)\]")
"""What stands in brackets after a package's name: `celery[redis]`."""
SQLALCHEMY = frozenset({"sqlalchemy", "flask-sqlalchemy", "flask-migrate", "sqlmodel"})
"""Packages whose addresses of databases name the driver, too."""


def asked_services(root: Path, packages: Sequence[RequiredPackage]) -> tuple[ServiceOffer, ...]:
    """Return what the app under `root` asks for; a MySQL where nothing of it asks for anything.

    A package counts before a variable: one that several databases fit says nothing of which it is.
    """
    found = {one.name: one for one in _by_packages(packages)}
    reads = tuple(all_reads(root))
    for one in _by_variables(reads, has_database=any(map(_is_database, found))):
        found.setdefault(one.name, one)
    if found and not any(map(_is_database, found)):
        found |= {one.name: one for one in _any_database(reads)}
    return tuple(found.values()) or OTHERWISE


def _is_database(name: str) -> bool:
    return usages()[name].is_database


def _by_packages(packages: Sequence[RequiredPackage]) -> Iterator[ServiceOffer]:
    """Yield the services that packages ask for, each by the first of these."""
    whole = any(one.name in SQLALCHEMY for one in packages)
    for name, usage in usages().items():
        for one in packages:
            asking = next((each for each in _names(one) if each in usage.packages), None)
            if asking is not None:
                yield ServiceOffer(
                    name=name, reason=f"{one.where} names {asking}",
                    scheme=usage.packages[asking] if whole else "",
                )  # fmt: skip
                break


def _names(package: RequiredPackage) -> list[str]:
    extras = [one for found in EXTRAS.findall(package.written) for one in found.split(",")]
    return [package.name, *(normalised(one.strip()) for one in extras)]


def _by_variables(
    reads: Sequence[Read | DefaultRead], *, has_database: bool
) -> Iterator[ServiceOffer]:
    """Yield the services whose variables the app reads; no database where it has one by package."""
    for name, usage in usages().items():
        if usage.is_database and has_database:
            continue
        own = usage.variables.keys() - _of_others(usage)
        for one in reads:
            if one.name in own:
                yield ServiceOffer(name=name, reason=_reason(one))
                break


def _of_others(usage: ServiceUsage) -> set[str]:
    return {name for one in usages().values() if one is not usage for name in one.variables}


def _any_database(reads: Sequence[Read | DefaultRead]) -> Iterator[ServiceOffer]:
    """Yield the usual database where the app cannot do without a variable of some database."""
    needed = {name for one in usages().values() if one.is_database for name in one.variables}
    for one in reads:
        if isinstance(one, Read) and one.name in needed:
            yield ServiceOffer(name=OTHERWISE[0].name, reason=_reason(one))
            return


def _reason(read: Read | DefaultRead) -> str:
    return f"{read.path}, line {read.line} reads {read.name}"
