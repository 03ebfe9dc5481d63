"""How an exam's app is started and reached, and what a submission may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """When an app counts as started: `path` answers `status` within `within` seconds."""

    path: str
    status: int | None
    """None: any status that is no error of the server."""
    within: float

    def accepts(self, status: int) -> bool:
        """Return whether an answer of that status means that the app has started."""
        return status < 500 if self.status is None else status == self.status


@dataclass(frozen=True, kw_only=True)
class VolumeSpec:
    """A folder of the app that outlives its containers, empty at the start of each run."""

    path: str
    """Absolute, in the container."""
    size: int = 64 * 1024 * 1024
    """Bytes that it holds."""

    @property
    def files(self) -> int:
        """How many files and folders it holds: one for each 4 KiB."""
        return self.size // 4096


@dataclass(frozen=True, kw_only=True)
class AppSpec:
    """How a challenge's app is started and reached."""

    port: int
    """TCP port inside the container."""
    ready: Readiness
    env: Mapping[str, str]
    """Names to templates; `${mysql.host}` and the like are filled in for each run."""
    volumes: tuple[VolumeSpec, ...] = ()
    """Folders that outlive its containers."""
    tls: int = 0
    """The port on which it speaks TLS, with the exam's certificate; 0: on none."""

    @property
    def tls_ports(self) -> tuple[int, ...]:
        """The port on which it speaks TLS, if it has one."""
        return (self.tls,) if self.tls else ()


@dataclass(frozen=True, kw_only=True)
class RoleSpec:
    """A part that a service of the student's Compose file must play, and what such a service is."""

    name: str
    port: int = 0
    """The port that it listens on in its container; 0: none that the exam names."""
    images: tuple[str, ...] = ()
    """The images of which it runs one, or is built on one (`redis`); none: any."""
    built: bool = False
    """Whether it is built from the student's code."""
    tls: int = 0
    """The port on which it speaks TLS, with the exam's certificate; 0: on none."""
    replicas: int = 1
    """How many containers of it there must be; no more are started, whatever the file says."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a submission may use. Times in seconds, `memory` in bytes."""

    build: float = 300.0
    start: float = 30.0
    request: float = 5.0
    suite: float = 120.0
    memory: int = 512 * 1024 * 1024
    cpus: float = 1.0
    pids: int = 256
    body: int = 2 * 1024 * 1024
    """Cap on the decoded bytes of one HTTP answer."""
    disk: int = 512 * 1024 * 1024
    """Bytes that the containers of a submission may write to disk, each and for each volume."""
    files: int = 200_000
    """How many files they may make there."""
