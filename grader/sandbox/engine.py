"""The one door to Docker. Nothing else in the grader opens a connection to the engine."""

from __future__ import annotations

import errno
import logging
import os
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import DiskFull, EngineUnavailable, PlatformError
from grader.image_names import ImageFacts
from grader.text import clip

if TYPE_CHECKING:
    from docker import DockerClient

log = logging.getLogger(__name__)

MINIMUM_VERSION = (26, 0)
"""Oldest engine that is used: the first whose internal networks forward no DNS query."""
DEFAULT_HOST = "unix:///var/run/docker.sock"
CALL_TIMEOUT = 60
"""Seconds that one call to the engine may take."""


class Engine:
    """A Docker engine that answers. Make one with `Engine.connect`."""

    def __init__(self, client: DockerClient, version: str, *, is_local: bool = False) -> None:
        self.client = client
        self.version = version
        self.is_local = is_local
        """Whether it is reached over a socket of this machine."""
        self.bridges_here: bool | None = None
        """Whether containers are reached by their own addresses; None: not known yet."""

    @classmethod
    def connect(cls, host: str | None = None) -> Engine:
        """Connect to the engine at `host` (a URL), else to the one that DOCKER_HOST names.

        Raises `EngineUnavailable` with a remedy where none answers or it is too old.
        """
        import docker

        address = host or os.environ.get("DOCKER_HOST") or DEFAULT_HOST
        with translated():
            _require_listening(address)
            if host:
                client = docker.DockerClient(base_url=host, version="auto", timeout=CALL_TIMEOUT)
            else:
                client = docker.from_env(version="auto", timeout=CALL_TIMEOUT)
            # else the environment is searched for a proxy before each request
            is_local = address.startswith("unix://")
            client.api.trust_env = not is_local
            if is_local:
                from grader.sandbox import transport

                transport.install(client.api)
            version = str(client.version()["Version"])
        client.api.hooks["response"].append(_log_call)
        _require(version)
        return cls(client, version, is_local=is_local)

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What the engine says of itself and its machine, asked once."""
        with translated():
            return dict(self.client.api.info())

    @property
    def data_root(self) -> Path:
        """The folder on its machine that holds all that is its own."""
        return Path(str(self.facts["DockerRootDir"]))

    def close(self) -> None:
        """Close the connection."""
        self.client.close()

    def ping(self) -> bool:
        """Return whether the engine still answers."""
        try:
            with translated():
                return bool(self.client.ping())
        except PlatformError:
            return False


def _require_listening(host: str) -> None:
    """Raise OSError where `host` is a local socket that nobody listens on.

    docker-py would find out as well, but leaves the socket open that it tried.
    """
    if host.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(host.removeprefix("unix://"))


def _log_call(response: Any, *_: Any, **__: Any) -> None:
    """One line for each request to the engine (`--verbose`)."""
    request = response.request
    log.debug(
        "%s %s: %s after %.0f ms",
        request.method,
        request.path_url,
        response.status_code,
        response.elapsed.total_seconds() * 1000,
    )


@contextmanager
def translated() -> Iterator[None]:
    """Turn what docker-py raises into the grader's own errors.

    Raises `EngineUnavailable` where the engine does not answer, `DiskFull` where a file of our own
    finds no space, `PlatformError` for anything that the engine refuses.
    """
    import requests
    from docker import errors

    try:
        yield
    except (errors.APIError, errors.DockerException, requests.RequestException, OSError) as error:
        raise _translate(error) from error


def _translate(error: Exception) -> PlatformError:
    """Return the error's meaning by its kind alone.

    Its text may quote what a student has written.
    """
    import requests
    from docker import errors

    text = str(getattr(error, "explanation", None) or error)
    log.debug("the engine answered: %s", text)
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        msg = "The disk is full; free some space (`grader clean`, `docker system prune`) and retry."
        return DiskFull(msg)
    said = clip(text.strip(), 300)
    if isinstance(error, requests.Timeout):
        msg = f"The Docker engine did not answer a request in time ({said}); retry."
        return EngineUnavailable(msg)
    if isinstance(error, errors.APIError | errors.ContainerError):
        return PlatformError(f"The Docker engine refused a request: {text.strip()}")
    msg = (
        "No Docker engine answers. Start it (`systemctl start docker`, or Docker Desktop), "
        "or run `make setup` as root on Debian or Ubuntu to install one. "
        f"({said})"
    )
    return EngineUnavailable(msg)


def _require(version: str) -> None:
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if numbers < MINIMUM_VERSION:
        oldest = ".".join(map(str, MINIMUM_VERSION))
        msg = (
            f"The Docker engine is version {version}; the grader needs {oldest} or newer. "
            "Upgrade it, or run `make setup` as root on Debian or Ubuntu."
        )
        raise EngineUnavailable(msg)


def image_config(engine: Engine, image: str) -> dict[str, Any]:
    """Return the configuration (user, command, environment) of a local image."""
    with translated():
        return dict(engine.client.api.inspect_image(image)["Config"] or {})  # type: ignore[no-untyped-call]


def image_id(engine: Engine, image: str) -> str:
    """Return the id, `sha256:…`, of a local image."""
    with translated():
        return str(engine.client.api.inspect_image(image)["Id"])  # type: ignore[no-untyped-call]


def describe_image(engine: Engine, image: str) -> ImageFacts:
    """Return what the engine knows of a local image and how it was built."""
    config = image_config(engine, image)
    with translated():
        history = engine.client.api.history(image)  # type: ignore[no-untyped-call]
    return ImageFacts(
        environment=tuple(config.get("Env") or ()),
        history=tuple(str(step.get("CreatedBy", "")) for step in history),
    )
