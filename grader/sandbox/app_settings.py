"""What is known of an app's surroundings, by which its log and its sockets are judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from grader.sandbox.app_sources import AppSources
from grader.sandbox.missing_variables import Fallback, Unset


def _no_sources() -> AppSources | None:
    return None


@dataclass(frozen=True, kw_only=True)
class LiteralAdvice:
    """What is known of values that stand in the submission, for an app that gets at nothing."""

    quoted: tuple[str, ...] = ()
    """Sentences on values of the Compose file that hold quotes as a part of them."""
    refused: Callable[[str], str] = lambda user: ""
    """Says of a user that the database refused which literals differ; empty where none tell."""
    unknown_database: Callable[[str], str] = lambda name: ""
    """Says of a database that is not there which one is made instead; empty where none tells."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """The static addresses of the Compose file, each with its service."""
    services: Mapping[str, str] = field(default_factory=dict)
    """The names by which its other services are reached, each with the image of one that is not
    started here; empty for one that is."""
    fallbacks: Callable[[], tuple[Fallback, ...]] = tuple
    """Looks for texts that the app takes in the place of variables which nothing gives it."""
    given: str = ""
    """What sets the app's variables where neither a Compose file nor a brief does, in words."""


@dataclass(frozen=True, kw_only=True)
class AppSettings:
    """Where an app runs, as far as its log or its sockets can be judged by it."""

    port: int = 5000
    """The port it should listen on, in its container."""
    asked_by: str = "the brief asks"
    """Who says so."""
    database: str = ""
    """What the database's service is called in the student's Compose file; empty without one."""
    database_hosts: tuple[str, ...] = ()
    """All names under which the database is reached there."""
    product: str = "MySQL"
    """What a database is called whose driver is one for MySQL."""
    service: str = ""
    """What the app is called there; empty without one."""
    unset: Callable[[], tuple[Unset, ...]] = tuple
    """Looks for variables that the app reads and nothing gives it, once it has failed."""
    sources: Callable[[], AppSources | None] = _no_sources
    """Gives the files that it was built from, once something has failed."""
    volumes: tuple[str, ...] = ()
    """Folders of it that are volumes of the exam's."""
    literals: LiteralAdvice = field(default_factory=LiteralAdvice)

    @property
    def source(self) -> str:
        """Where the app's settings come from."""
        if self.composed:
            return "your Compose file sets"
        return self.literals.given or "the brief names"

    @property
    def remedy(self) -> str:
        """What to do where a variable is not set, in a sentence."""
        if self.service:
            return f"Name it under `environment` of the service {self.service!r}."
        return f"Read the variables that {self.source}."

    @property
    def composed(self) -> bool:
        """Whether it is a service of a Compose file of the student's."""
        return bool(self.service or self.database_hosts)
