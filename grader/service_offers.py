"""What `grader diagnose` offers an app where no exam names services, and how apps read it.

A service says so in its `service.json`, under `usual`: the packages that ask for it, and the
variables that apps read its values from. One without it needs what only an exam can say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from grader.service_catalogue import MANIFEST, ServiceManifest, built_in

DATABASES = "db"
"""The fixture of services that an app has one of."""
PREFIX = re.compile(r"[A-Z0-9]+_|PG")
"""What the names of one service's variables begin with."""
FEW = 2
"""So many variables of a prefix are named one by one."""


@dataclass(frozen=True, kw_only=True)
class ServiceUsage:
    """How apps use a service."""

    manifest: ServiceManifest
    image: str
    """The one to offer; empty where it has none to choose."""
    packages: Mapping[str, str]
    """Packages that ask for it, to what SQLAlchemy's addresses begin with for each; or nothing."""
    variables: Mapping[str, str]
    """The names by which apps read its values, with its placeholders."""

    @property
    def is_database(self) -> bool:
        """Whether it is a database that an app keeps its rows in."""
        return self.manifest.fixture == DATABASES


@dataclass(frozen=True, kw_only=True)
class ServiceOffer:
    """A service that an app gets, and why."""

    name: str
    reason: str
    """`requirements.txt, line 3 names redis`."""
    scheme: str = ""
    """What the address of a database begins with; empty: as usual."""


OTHERWISE = (ServiceOffer(name="mysql", reason="nothing in the repository asks for another"),)
"""What is offered to an app that asks for nothing."""


@cache
def usages() -> Mapping[str, ServiceUsage]:
    """Return how apps use the services that can be offered without an exam, by name."""
    found = {}
    for name, manifest in built_in().items():
        usual = json.loads((manifest.folder / MANIFEST).read_text("utf-8")).get("usual")
        if usual:
            found[name] = ServiceUsage(
                manifest=manifest, image=usual.get("image", ""), packages=usual["packages"],
                variables=usual["variables"],
            )  # fmt: skip
    return found


def variables_of(offers: Sequence[ServiceOffer]) -> dict[str, str]:
    """Return the variables of what is offered: of those that several fit, none."""
    taken = shared_by(offers)
    return {
        name: _address(text, one.scheme)
        for one in offers
        for name, text in usages()[one.name].variables.items()
        if name not in taken
    }


def _address(text: str, scheme: str) -> str:
    """Return an address with `scheme` in the place of its own; else `text` as it is."""
    _, colon, rest = text.partition("://")
    return f"{scheme}{colon}{rest}" if scheme and colon else text


def shared_by(offers: Sequence[ServiceOffer]) -> dict[str, tuple[str, ...]]:
    """Return the variables that several of `offers` fit, each with the titles of these."""
    fitting: dict[str, list[str]] = {}
    for one in offers:
        usage = usages()[one.name]
        for name in usage.variables:
            fitting.setdefault(name, []).append(usage.manifest.title)
    return {name: tuple(titles) for name, titles in fitting.items() if titles[1:]}


def named(variables: Iterable[str]) -> str:
    """Return variables in words: those of the first prefix, and of others the prefix alone.

    `DB_HOST, DB_PORT, DB_USER, MYSQL_… and DATABASE_URL`.
    """
    groups: dict[str, list[str]] = {}
    for name in variables:
        found = PREFIX.match(name)
        groups.setdefault(found[0] if found else name, []).append(name)
    words: list[str] = []
    for prefix, names in groups.items():
        words += names if not words or len(names) <= FEW else [f"{prefix}…"]
    return f"{', '.join(words[:-1])} and {words[-1]}" if words[1:] else "".join(words)
