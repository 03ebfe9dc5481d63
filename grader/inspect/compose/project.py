"""What a Compose file means, once it is read: frozen values, and nothing that is not allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class Build:
    """How a service's image is built."""

    context: str
    """The folder, relative to the repository's top, with slashes; `.` is the top itself."""
    dockerfile: str
    """Path from the repository's top; empty where the usual one of the context is meant."""
    inline: bytes | None = None
    """`dockerfile_inline`, where that is given."""
    args: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    line: int = 1


class MountKind(StrEnum):
    """What is mounted."""

    VOLUME = "volume"
    """A named volume of the project."""
    ANONYMOUS = "anonymous"
    BIND = "bind"
    """A file or folder of the repository."""
    TMPFS = "tmpfs"


@dataclass(frozen=True, kw_only=True)
class Mount:
    """One entry of `volumes` or `tmpfs`, or a secret or config that is mounted as a file."""

    kind: MountKind
    target: str
    """Absolute path in the container."""
    source: str = ""
    """A volume's name, or a path from the repository's top; empty for the other two kinds."""
    read_only: bool = False
    content: str | None = None
    """The text of a file that the submission does not hold: a secret that was supplied."""
    line: int = 1


@dataclass(frozen=True, kw_only=True)
class Port:
    """One entry of `ports`."""

    target: int
    """In the container."""
    published: str = ""
    """On the host, as it was written (`5000`, `5000-5010`); empty where the engine picks one."""
    host: str = ""
    """The address of the host that it binds to; empty for all of them."""
    protocol: str = "tcp"
    line: int = 1


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """A service's health check. Times in seconds."""

    test: tuple[str, ...]
    """As the engine takes it: `("CMD", …)`, `("CMD-SHELL", "…")` or `("NONE",)`."""
    interval: float = 30.0
    timeout: float = 30.0
    retries: int = 3
    start_period: float = 0.0
    line: int = 1


class Condition(StrEnum):
    """What a dependency must have come to."""

    STARTED = "service_started"
    HEALTHY = "service_healthy"
    COMPLETED = "service_completed_successfully"


@dataclass(frozen=True, kw_only=True)
class Dependency:
    """One entry of `depends_on`."""

    service: str
    condition: Condition = Condition.STARTED
    required: bool = True
    line: int = 1


@dataclass(frozen=True, kw_only=True)
class ServiceLines:
    """Where a service stands in the file."""

    own: int
    """The line of its name."""
    keys: Mapping[str, int] = field(default_factory=dict)
    """The line of each key that it has."""

    def of(self, key: str) -> int:
        """Return the line of `key`, or of the service's name where it has no such key."""
        return self.keys.get(key, self.own)


@dataclass(frozen=True, kw_only=True)
class ComposeImage:
    """What `image` of a service names."""

    reference: str = ""
    """With variables filled in; empty where the service names none."""
    written: str = ""
    """As it stands in the file, before variables are filled in."""
    lacks: tuple[str, ...] = ()
    """The variables in it that nothing gives; `reference` has something made up in their place."""

    @property
    def shown(self) -> str:
        """The image for a message: as written where a variable in it has no value."""
        return self.written if self.lacks else self.reference

    @property
    def lacking(self) -> str:
        """A clause, after a comma, on the variables in it that nothing gives; or empty."""
        names = " and ".join(self.lacks)
        return f", of which nothing gives {names}" if names else ""


@dataclass(frozen=True, kw_only=True)
class ServiceEnvironment:
    """The variables of a service."""

    values: Mapping[str, str] = field(default_factory=dict)
    """What the container gets: `env_file` first, `environment` over it."""
    written: Mapping[str, str] = field(default_factory=dict)
    """`environment` as it stands in the file, before variables are filled in."""
    files: tuple[str, ...] = ()
    """`env_file`: paths from the repository's top, whether they are there or not."""


@dataclass(frozen=True, kw_only=True)
class ServiceNetworking:
    """What a service is reached by, and what it reaches."""

    networks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the project's networks, each to the aliases of the service on it."""
    hostname: str = ""
    aliases: tuple[str, ...] = ()
    """More names that others may reach it by: `container_name`, `hostname`, others' `links`."""
    addresses: tuple[str, ...] = ()
    """The static addresses that the file gives it; the exam's networks have others."""
    ports: tuple[Port, ...] = ()
    expose: tuple[int, ...] = ()
    reaches: Mapping[str, str] = field(default_factory=dict)
    """What its environment names other services by that is not their name, and the service."""

    @property
    def all_aliases(self) -> tuple[str, ...]:
        """All aliases: those of the service itself, then those on each network."""
        on = (alias for aliases in self.networks.values() for alias in aliases)
        return tuple(dict.fromkeys([*self.aliases, *on]))


@dataclass(frozen=True, kw_only=True)
class ServiceProcess:
    """What a service's container runs, and how."""

    command: tuple[str, ...] | str | None = None
    """None: the image's own. Text is split as a shell would; empty clears it."""
    entrypoint: tuple[str, ...] | str | None = None
    user: str = ""
    working_dir: str = ""
    init: bool = False
    read_only: bool = False
    tty: bool = False
    stdin_open: bool = False
    stop_signal: str = ""


@dataclass(frozen=True, kw_only=True)
class ServiceLifecycle:
    """When a service starts, how often, when it is ready, and whether it starts again."""

    depends_on: tuple[Dependency, ...] = ()
    healthcheck: HealthCheck | None = None
    restart: str = "no"
    """`no`, `always`, `unless-stopped` or `on-failure`, without its count."""
    replicas: int = 1
    """How many containers of it the file asks for, by `scale` or `deploy.replicas`."""


@dataclass(frozen=True, kw_only=True)
class ComposeService:
    """One service, with what is allowed of it; variables are filled in."""

    name: str
    lines: ServiceLines
    image: ComposeImage = field(default_factory=ComposeImage)
    build: Build | None = None
    environment: ServiceEnvironment = field(default_factory=ServiceEnvironment)
    mounts: tuple[Mount, ...] = ()
    networking: ServiceNetworking = field(default_factory=ServiceNetworking)
    process: ServiceProcess = field(default_factory=ServiceProcess)
    lifecycle: ServiceLifecycle = field(default_factory=ServiceLifecycle)
    roles: tuple[str, ...] = ()
    """What `x-role` says that it is for an exam."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """A key that was given another meaning, or none: no fault, but the report says so."""

    line: int
    text: str
    """A sentence: what is done in its place and why."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """A whole Compose file."""

    path: str
    """From the repository's top."""
    services: Mapping[str, ComposeService]
    inactive: Mapping[str, ComposeService] = field(default_factory=dict)
    """Services that their profiles keep from being started, without what connects them."""
    volumes: tuple[str, ...] = ()
    """The names of its volumes."""
    networks: tuple[str, ...] = ()
    """The names of its networks that a service is on; `default` is the one nobody names."""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Lack:
    """What a Compose file asks for and the submission neither holds nor gives an example of."""

    name: str
    """Of a variable (`DB_PASSWORD`), or the path of a file (`secrets/db.txt`)."""
    line: int
    """The first that asks for it."""
    file: bool = False
    value: str = ""
    """What the grader gave in the place of a variable; empty where that is what Compose gives."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What reading a Compose file came to."""

    path: str
    project: Project | None
    """None where the file cannot be used."""
    faults: tuple[str, ...] = ()
    """Why it cannot be: each a sentence with file and line, for the student."""
    lacks: tuple[Lack, ...] = ()
    """What the file asks for and the submission lacks: variables, then files."""
    examples: tuple[str, ...] = ()
    """The paths of the `.env` and of its example that variables were filled in from."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Every value that variables were filled in from, by name."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Those of them that were drawn for this run and may appear in no report."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of what it lacks."""
        return tuple(one.name for one in self.lacks)
