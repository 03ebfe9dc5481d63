"""What the services of an exam will give a Compose project, before they are started.

A Compose file is read while the services start, which draw their passwords: a text of its own
stands for each value until the project is brought up.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from grader.model import ServiceSpec
from grader.run.environment.layout import RunningService
from grader.services.registry import manifest_of

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class StandIns:
    """The texts that stand for what services give."""

    values: Mapping[str, str] = field(default_factory=dict)
    """By the name of the placeholder, such as `SERVICE.password`."""
    hidden: frozenset[str] = frozenset()
    """The placeholders that are secret."""
    files: Mapping[str, str] = field(default_factory=dict)
    """What the exam puts in the place of files of the submission, by their paths from its top."""
    authority: str = ""
    """The authority that issued the certificate among them, in PEM; empty where there is none."""

    @classmethod
    def draw(cls, services: Iterable[ServiceSpec]) -> StandIns:
        """Return those for `services`: their names and ports are known, all else is drawn."""
        values: dict[str, str] = {}
        hidden: set[str] = set()
        for manifest in map(manifest_of, services):
            known = {
                f"{manifest.name}.host": manifest.name,
                f"{manifest.name}.port": str(manifest.port),
            }
            values |= {one: known.get(one) or secrets.token_hex(16) for one in manifest.values}
            hidden |= manifest.secret_values
        return cls(values=values, hidden=frozenset(hidden))

    def real(self, services: Iterable[RunningService]) -> dict[str, str]:
        """Return what each text stands for, now that the services run."""
        found = {
            f"{one.manifest.name}.{name}": value
            for one in services
            for name, value in one.server.tenant.values.items()
        }
        return {
            text: found[name]
            for name, text in self.values.items()
            if name in found and found[name] != text
        }


def filled(value: T, real: Mapping[str, str]) -> T:
    """`value`, of texts, lists and mappings, with what stands in for a value replaced by it."""
    return cast("T", _filled(value, real)) if real else value


def _filled(value: object, real: Mapping[str, str]) -> object:
    match value:
        case str():
            for text, stands_for in real.items():
                value = value.replace(text, stands_for)
            return value
        case dict():
            return {key: _filled(item, real) for key, item in value.items()}
        case list() | tuple():
            return type(value)(_filled(item, real) for item in value)
        case _:
            return value
