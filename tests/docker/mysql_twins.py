"""Containers of the pre-initialised MySQL, and what asks, kills and starts them."""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pymysql

from grader.sandbox.engine import Engine
from grader.sandbox.images import mysql_server
from grader.settings import Settings

POLL = 0.02
PATIENCE = 60.0
SCRIPTS = "/docker-entrypoint-initdb.d"
ROOT = {"MYSQL_ROOT_PASSWORD": "root pass"}
ACCOUNT = {
    **ROOT,
    "MYSQL_DATABASE": "my_exam",
    "MYSQL_USER": "student",
    "MYSQL_PASSWORD": "p'\\\" %",
}


@dataclass(frozen=True, kw_only=True)
class Server:
    """A container of the twin."""

    api: Any
    id: str

    def start(self) -> None:
        self.api.start(self.id)

    def kill(self) -> None:
        self.api.kill(self.id)
        self.api.wait(self.id)

    def log(self) -> str:
        return str(self.api.logs(self.id).decode("utf-8", "replace"))

    def running(self) -> bool:
        return bool(self.api.inspect_container(self.id)["State"]["Running"])

    def connect(self, user: str = "root", password: str = "root pass", **more: Any) -> Any:
        """A connection, once the server takes it; a container that ends fails the test."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                ports = self.api.inspect_container(self.id)["NetworkSettings"]["Ports"]
                port = int(ports["3306/tcp"][0]["HostPort"])
                return pymysql.connect(
                    host="127.0.0.1", port=port, user=user, password=password, **more
                )
            except (pymysql.err.OperationalError, KeyError, IndexError):
                assert self.running(), self.log()
                assert time.monotonic() < end, self.log()
                time.sleep(POLL)

    def ask(self, *statements: str, **account: Any) -> Any:
        """The rows of the last of `statements`."""
        with closing(self.connect(**account)) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()
            return cursor.fetchall()

    def wait(self) -> int:
        """The status that it ends with."""
        return int(self.api.wait(self.id, timeout=PATIENCE)["StatusCode"])


Launch = Callable[..., Server]


@contextmanager
def launching(engine: Engine, settings: Settings) -> Iterator[Launch]:
    """What makes containers of the twin; all are removed with their volumes after the block."""
    image = mysql_server().obtain(engine, settings=settings).image
    api = engine.client.api
    made: list[str] = []
    volumes: set[str] = set()

    def run(
        environment: Mapping[str, str] = ROOT,
        command: Sequence[str] = (),
        files: Mapping[str, bytes] | None = None,
        volume: str = "",
        user: str = "",
        start: bool = True,
    ) -> Server:
        host = api.create_host_config(
            port_bindings={3306: ("127.0.0.1", None)},
            binds=[f"{volume}:/var/lib/mysql"] if volume else [],
        )
        created = api.create_container(
            image,
            command=list(command) or None,
            environment=dict(environment),
            ports=[3306],
            host_config=host,
            user=user or None,
        )["Id"]
        made.append(created)
        volumes.update({volume} - {""})
        if files:
            api.put_archive(created, "/", archive(files))
        server = Server(api=api, id=created)
        if start:
            server.start()
        return server

    try:
        yield run
    finally:
        for container in made:
            api.remove_container(container, force=True, v=True)
        for name in volumes:
            api.remove_volume(name)


def archive(files: Mapping[str, bytes]) -> bytes:
    """A tar of `files`, readable by all."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name.lstrip("/"))
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
