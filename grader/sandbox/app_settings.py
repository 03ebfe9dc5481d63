"""What is known of an app's surroundings, by which its log and its sockets are judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.sandbox.app_sources import AppSources
from grader.sandbox.missing_variables import Unset


def _no_sources() -> AppSources | None:
    return None


@dataclass(frozen=True, kw_only=True)
class LiteralAdvice:
    """What is known of values that stand in the submission, for an app that is refused."""

    quoted: tuple[str, ...] = ()
    """Sentences on values of the Compose file that hold quotes as a part of them."""
    refused: Callable[[str], str] = lambda user: ""
    """Says of a user that the database refused which literals differ; empty where none tell."""


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
    literals: LiteralAdvice = LiteralAdvice()

    @property
    def source(self) -> str:
        """Where the app's settings come from."""
        return "your Compose file sets" if self.database_hosts else "the brief names"
