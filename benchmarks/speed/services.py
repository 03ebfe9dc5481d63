"""The services of an exam as the naive way starts them, stops them and tells the suite of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from testcontainers.core.network import Network

from benchmarks.speed.stock import STOCK
from benchmarks.speed.tools import Bases, address_of, docker, free_port, wait_until
from grader.exam.protocol import ServiceDescription
from grader.model import ServiceSpec
from grader.service_catalogue import ServiceManifest
from grader.services.base import Address, Server, ServerPlacement
from grader.services.container import AwaitedServer, ContainerServer
from grader.services.registry import manifest_of, service_of


@dataclass(frozen=True, kw_only=True)
class NaiveService:
    """A server of one service, and where on this machine it is reached."""

    manifest: ServiceManifest
    server: AwaitedServer
    address: Address

    def described(self) -> ServiceDescription:
        """Return what the suite is told of it."""
        manifest = self.manifest
        return ServiceDescription(
            name=manifest.name, fixture=manifest.fixture,
            target=manifest.target(manifest.fixture_class),
            access={"title": manifest.title, **self.server.told(self.address)},
        )  # fmt: skip

    def operations(self) -> Mapping[str, Callable[..., Any]]:
        """Return what a suite may ask of it, by name: nothing else uses it meanwhile."""
        return {
            "alone": nothing,
            "require_running": nothing,
            "require_answering": nothing,
            "restart": self.restart,
            "stop": self.stop,
            "start": self.start,
            **self.server.operations(self.address, lambda passwords: None),
        }

    def restart(self) -> None:
        """Restart its container and wait until it answers."""
        if isinstance(self.server, ContainerServer):
            self.server.restart(self.address, threading.Event())
        else:
            docker("restart", self.server.id)
            self._await_answer()

    def stop(self) -> None:
        """Stop its container; of a server of the grader's own, the process within it."""
        if isinstance(self.server, ContainerServer):
            self.server.stop()
        else:
            docker("stop", self.server.id)

    def start(self) -> None:
        """Start its container again and wait until it answers."""
        if isinstance(self.server, ContainerServer):
            self.server.start_again(self.address, threading.Event())
        else:
            docker("start", self.server.id)
            self._await_answer()

    def _await_answer(self) -> None:
        wait_until(lambda: not self.server.attempt(self.address))


def nothing() -> None:
    """Return at once."""


def start_service(
    spec: ServiceSpec, bases: Bases, network: Network, app: str, stack: ExitStack
) -> NaiveService:
    """Start what an exam asks for, ready for a run; `stack` removes it.

    `app` is where the app is reached from there (`host:port`). What has no usual image is the
    grader's own server, reached by the address of its container.
    """
    manifest = manifest_of(spec)
    kind = STOCK.get(manifest.name)
    if kind and spec.image:
        stock, port = kind(bases.engine), free_port()
        stack.callback(stock.remove)
        stock.start(bases.stock[spec.image], network, manifest.name, port)
        service = NaiveService(manifest=manifest, server=stock, address=("127.0.0.1", port))
    else:
        server = _own(spec, bases, str(network.name), app)
        stack.callback(docker, "rm", "-f", "-v", server.id)
        address = (address_of(server.id), manifest.port)
        service = NaiveService(manifest=manifest, server=server, address=address)
    service.server.await_ready(service.address, threading.Event())
    service.server.prepare(service.address)
    return service


def _own(spec: ServiceSpec, bases: Bases, network: str, app: str) -> AwaitedServer:
    """Start the grader's own server of a service."""
    service = service_of(manifest_of(spec).folder)
    image = service.image(bases.engine, spec, bases.settings, lambda text: None)
    placed = ServerPlacement(engine=bases.engine, network=network, app=app)
    server: Server = service.start(image, spec, placed)
    assert isinstance(server, AwaitedServer)
    return server
