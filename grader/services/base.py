"""The seam for services: what makes a server of one, and what a server can do.

A service is a folder: `service.json` says what it is (`grader.service_catalogue`), the class named
there makes its servers, and another one is the suite's fixture. Nothing else names a service.
"""

from __future__ import annotations

import secrets
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from grader.errors import PlatformError
from grader.model import BaseImage, ServiceSpec, Substitution
from grader.sandbox.engine import Engine
from grader.sandbox.images import WantedImage
from grader.settings import Settings

Address = tuple[str, int]
"""Where on this machine something is reached."""
Operations = Mapping[str, Callable[..., Any]]
"""What a suite may have a server do, by name."""


class ServerEnded(PlatformError):
    """The server's process ended by itself before it answered; the message has its last lines."""


class NotAnswering(PlatformError):
    """The server's process runs, and does not answer as a server of its service in time."""


class NotClean(PlatformError):
    """A server that is not as it was; the message says in what."""


class OutOfTime(PlatformError):
    """What the grader asked of a server ran out of its time, for what the submission does there."""


class Unobservable(PlatformError):
    """What the submission does with a server keeps the grader from seeing what was asked for.

    The message is a sentence for the student.
    """


@dataclass(frozen=True, kw_only=True)
class Account:
    """A user of a server, from any host."""

    user: str
    password: str

    @classmethod
    def draw(cls, kind: str) -> Account:
        """Return a new one whose name begins with `kind`."""
        return cls(user=f"{kind}_{secrets.token_hex(4)}", password=secrets.token_urlsafe(24))


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """What one app has of a server."""

    user: str
    """Its account; empty where the service knows none."""
    values: Mapping[str, str]
    """What is filled in for the service's placeholders, by their names."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A log-in that a server has refused, as its log tells."""

    user: str
    host: str
    """Where it came from."""
    guessed: bool
    """Whether a password was given, and it was wrong."""
    line: str
    """The log's line."""


@dataclass(frozen=True, kw_only=True)
class ServiceImage:
    """What a server is made of."""

    image: str
    """The local image."""
    wanted: str
    """The one that the challenge names."""
    substitution: Substitution | None = None
    base: BaseImage | None = None


@dataclass(frozen=True, kw_only=True)
class ServerPlacement:
    """What a server is made with."""

    engine: Engine
    network: str
    """Where it is reached under its service's name."""
    labels: Mapping[str, str] = field(default_factory=dict)
    app: str = ""
    """Where the app is reached from there (`host:port`); empty where it serves nothing."""


class Server(ABC):
    """A server of one service, in a container of its own."""

    title: ClassVar[str] = ""
    """What sentences call it."""
    guests: tuple[Tenant, ...] = ()
    """What apps alongside the examined one have of it."""

    @property
    @abstractmethod
    def id(self) -> str:
        """The container's id, once it is started."""

    @property
    @abstractmethod
    def tenant(self) -> Tenant:
        """What the examined app has of it."""

    @abstractmethod
    def await_ready(self, address: Address, cancel: threading.Event) -> None:
        """Wait until it answers at `address`, which leads to it.

        Raises `NotAnswering`, `ServerEnded`, `Cancelled`.
        """

    @abstractmethod
    def stop(self) -> None:
        """End its process at once; what it has kept stays. Raises `PlatformError`."""

    @abstractmethod
    def start_again(self, address: Address, cancel: threading.Event) -> None:
        """Start it after a stop and wait until it answers. Raises as `await_ready` does."""

    def restart(self, address: Address, cancel: threading.Event) -> None:
        """End and start it; return when it answers again."""
        self.stop()
        self.start_again(address, cancel)

    @abstractmethod
    def told(self, address: Address) -> dict[str, Any]:
        """Return what the suite's fixture is given: address, account, and the like."""

    def prepare(self, address: Address) -> None:  # noqa: B027 - most have nothing to do
        """Do for a server that was made for one run what `Reusable.admit` does.

        Raises `PlatformError`.
        """

    def secrets(self) -> dict[str, str]:
        """Return its passwords by names: none may appear in a report."""
        return {}

    def admit_guest(self, address: Address) -> Tenant:
        """Make room for an app alongside the examined one, which sees nothing of the other's.

        `guests` names it. Raises `PlatformError`.
        """
        return self.tenant

    def refusals(self) -> tuple[Refusal, ...]:
        """Return the log-ins that it has refused in this run; none where the service knows none."""
        return ()

    def operations(self, address: Address, hide: Hide) -> Operations:
        """Return what a suite may ask for beyond stop, start and restart, by name."""
        return {}

    def notes(self, address: Address) -> tuple[str, ...]:
        """Return sentences on what it holds at the end that counts for nothing.

        Raises `PlatformError`.
        """
        return ()

    def reusable(self, address: Address) -> Reusable | None:
        """Return what lends it to one run after another; None where each run gets a new one.

        Called while it is new. Raises `PlatformError`.
        """
        return None


Hide = Callable[[Mapping[str, str]], None]
"""Blots out passwords, by name, from then on."""


class Reusable(ABC):
    """A server that is kept between runs, with what it was like when it was new."""

    @abstractmethod
    def admit(self) -> None:
        """Make what the next run has of it, with new names. Raises `NotClean`."""

    @abstractmethod
    def clean(self) -> None:
        """Remove what `admit` and guests made. Raises `NotClean` where it is not as it was new."""


class Service(ABC):
    """What a challenge can ask for by a name."""

    @abstractmethod
    def wanted(self, spec: ServiceSpec) -> WantedImage:
        """Name the image for what a challenge asks for; nothing is got or made."""

    def image(
        self, engine: Engine, spec: ServiceSpec, settings: Settings, progress: Callable[[str], None]
    ) -> ServiceImage:
        """Return the image for what a challenge asks for. Raises `PlatformError`."""
        found = self.wanted(spec).obtain(engine, settings=settings, progress=progress)
        return ServiceImage(
            image=found.image,
            wanted=found.reference,
            substitution=found.substitution,
            base=found.base,
        )

    @abstractmethod
    def start(self, image: ServiceImage, spec: ServiceSpec, within: ServerPlacement) -> Server:
        """Make a server's container and start it; its `await_ready` tells when it answers."""


def refused_users(refusals: Collection[Refusal], hosts: Collection[str] = ()) -> list[str]:
    """Return the accounts of `refusals`, each once; with `hosts`, of those from there alone."""
    return list(dict.fromkeys(one.user for one in refusals if not hosts or one.host in hosts))
