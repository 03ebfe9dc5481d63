"""What the suite's process is told of a submission's Compose file, a part of `protocol`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.exam.reached import TlsAddress


@dataclass(frozen=True, kw_only=True)
class ReachedAt:
    """Where on the grader's machine a service is reached."""

    host: str
    """Empty where TLS alone is spoken."""
    port: int
    tls: TlsAddress | None = None
    """Where it speaks TLS; None where the exam does not ask for that."""


@dataclass(frozen=True, kw_only=True)
class RoleContainer:
    """One of the containers of a role."""

    name: str
    """What operations call it."""
    service: str
    """The service of the Compose file that it is one of."""


@dataclass(frozen=True, kw_only=True)
class PlayedRoles:
    """Who plays which role of the exam in a Compose file."""

    services: Mapping[str, str] = field(default_factory=dict)
    """The roles that the exam names, to the services that play them."""
    absent: tuple[str, ...] = ()
    """The roles that no service plays."""
    several: Mapping[str, int] = field(default_factory=dict)
    """The roles of which the exam asks for several containers, each with their number."""
    replicas: Mapping[str, tuple[RoleContainer, ...]] = field(default_factory=dict)
    """The containers of these, of those that are played."""
    reached: Mapping[str, ReachedAt] = field(default_factory=dict)
    """Where services and containers of roles are reached, as far as there is a way to them."""


@dataclass(frozen=True, kw_only=True)
class ComposeView:
    """The submission's Compose file as the fixture `compose` shows it."""

    path: str
    """Where the file stands in the submission."""
    app: str
    """The name of the service that is examined."""
    database: str
    """The name of the database's service."""
    services: Mapping[str, Mapping[str, Any]]
    """Each service; `grader.exam.compose` says what is in it."""
    networks: tuple[str, ...]
    volumes: tuple[str, ...]
    missing: tuple[str, ...]
    """What the file asks for and the submission does not hold."""
    roles: PlayedRoles = PlayedRoles()
