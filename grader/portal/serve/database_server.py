"""The portal's own PostgreSQL: a container with a named volume, on this machine's loopback only."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from grader.errors import PlatformError
from grader.portal.secret_files import drawn_once
from grader.sandbox import images
from grader.sandbox.engine import Engine, translated
from grader.settings import Settings
from grader.waiting import wait_until

LABEL = "practical-exam-grader.portal"
"""Marks what a portal has; `grader clean` leaves it alone."""
IMAGE = "postgres:17"
DATA = "/var/lib/postgresql/data"
DATABASE = USER = "portal"
READY_SECONDS = 60.0
ATTEMPT_SECONDS = 2
STOP_SECONDS = 20


@dataclass(frozen=True, kw_only=True)
class PortalServer:
    """A running PostgreSQL of a portal's."""

    container: str
    url: str


def start_database(
    engine: Engine,
    settings: Settings,
    folder: Path,
    name: str,
    progress: Callable[[str], None] = lambda said: None,
) -> PortalServer:
    """Start the PostgreSQL of the portal `name`, or find it running; return when it answers.

    `folder` holds its password. Raises `PlatformError`.
    """
    password = kept_password(folder / "database-password")
    container = _container(engine, name)
    if container is None:
        server = images.postgres_server(IMAGE)
        found = server.obtain(engine, settings=settings, progress=progress)
        container = _create(engine, found.image, name, password)
    with translated():
        container.start()
        container.reload()
    ports = container.attrs["NetworkSettings"]["Ports"]["5432/tcp"]
    url = f"postgresql://{USER}:{password}@127.0.0.1:{ports[0]['HostPort']}/{DATABASE}"
    if failure := _await(url):
        with translated():
            said = container.logs(tail=8).decode("utf-8", "replace")
        msg = (
            f"The portal's PostgreSQL does not answer ({failure}). Where it refuses the password, "
            f"{folder} is not the folder that it was made with: name that with --folder. Its last "
            f"lines:\n{said}"
        )
        raise PlatformError(msg)
    return PortalServer(container=str(container.id), url=url)


def stop_database(engine: Engine, server: PortalServer) -> None:
    """End it in order; its container and volume stay for the next start."""
    with translated():
        engine.client.api.stop(server.container, timeout=STOP_SECONDS)


def remove_database(engine: Engine, name: str) -> None:
    """Remove the container and the volume of the portal `name`, with all that it kept."""
    with translated():
        for one in engine.client.containers.list(all=True, filters={"label": f"{LABEL}={name}"}):
            one.remove(force=True, v=True)
        for volume in engine.client.volumes.list(filters={"label": f"{LABEL}={name}"}):
            volume.remove(force=True)


def _container(engine: Engine, name: str) -> Any:
    with translated():
        found = engine.client.containers.list(all=True, filters={"label": f"{LABEL}={name}"})
    return found[0] if found else None


def _create(engine: Engine, image: str, name: str, password: str) -> Any:
    from docker.types import LogConfig

    labels = {LABEL: name}
    with translated():
        volume = engine.client.volumes.create(f"grader-portal-{name}", labels=labels)
        return engine.client.containers.create(
            image,
            name=f"grader-portal-{name}-database",
            labels=labels,
            environment={
                "POSTGRES_USER": USER, "POSTGRES_DB": DATABASE, "POSTGRES_PASSWORD": password,
            },
            volumes={volume.name: {"bind": DATA, "mode": "rw"}},
            ports={"5432/tcp": ("127.0.0.1", 0)},
            mem_limit=1 << 30,
            pids_limit=512,
            security_opt=["no-new-privileges"],
            log_config=LogConfig(type="json-file", config={"max-size": "5m", "max-file": "2"}),
        )  # fmt: skip


def kept_password(file: Path) -> str:
    """Return the password in `file`; a new one is drawn where there is none."""
    return drawn_once(file, lambda: secrets.token_urlsafe(24).encode()).decode().strip()


def _await(url: str) -> str:
    """Return an empty text once the server answers, else why it does not."""
    failure = "it did not answer"

    def answers() -> bool:
        nonlocal failure
        try:
            psycopg.connect(url, connect_timeout=ATTEMPT_SECONDS).close()
        except psycopg.Error as error:
            failure = str(error).strip()
            return False
        return True

    return "" if wait_until(answers, within=READY_SECONDS) else failure
