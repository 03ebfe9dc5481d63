"""What an app runs in: networks, gateway and services, made while its image builds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from grader.model import Challenge, ServiceSpec
from grader.run.context import RunContext
from grader.run.tls import tls_ports
from grader.sandbox import images
from grader.sandbox.container import ALIAS as APP
from grader.sandbox.container import PROBE, PROJECT_ALIAS
from grader.sandbox.engine import Engine, image_id, translated
from grader.sandbox.gateway import Gateway, start_gateway
from grader.sandbox.labels import run_labels
from grader.sandbox.network import Networks, create_networks, members
from grader.service_catalogue import ServiceManifest
from grader.services.base import NotClean, Server, ServerPlacement, ServiceImage
from grader.services.registry import manifest_of, service_of
from grader.settings import Settings

PROBES = 2
"""How many apps can be alongside the running one at a time."""


@dataclass(frozen=True, kw_only=True)
class EnvironmentSpec:
    """What an environment is made for. Runs with equal ones can use one after the other."""

    routes: tuple[tuple[int, str], ...]
    """Each port of the gateway, and where it leads."""
    services: tuple[ServiceSpec, ...] = ()
    """What the challenge asks for."""
    inside: int = 1
    """How many networks there are for the app and what belongs to it."""

    @classmethod
    def of(cls, challenge: Challenge) -> EnvironmentSpec:
        """Return what `challenge` asks for, where one image is built."""
        port = challenge.app.port
        manifests = [manifest_of(spec) for spec in challenge.services]
        routes = list[tuple[int, str]]()
        if challenge.mode != "command":  # whose image serves nothing
            routes.append((port, f"{APP}:{port}"))
            secure = tls_ports(challenge.app)
            routes += [(one, f"{APP}:{one}") for one in secure]
            taken = {*secure, *(one.port for one in manifests)}
            for number, other in enumerate(probe_ports(port, taken)):
                routes.append((other, f"{PROBE}-{number}:{port}"))
        routes += [(one.port, f"{one.name}:{one.port}") for one in manifests]
        return cls(routes=tuple(routes), services=challenge.services)

    @property
    def app(self) -> str:
        """Where the app is reached from inside (`host:port`); empty where it serves nothing."""
        names = {APP, PROJECT_ALIAS}
        return next((to for _, to in self.routes if to.partition(":")[0] in names), "")


@dataclass(frozen=True, kw_only=True)
class RunningService:
    """A server that an environment has, and what it was made of."""

    manifest: ServiceManifest
    server: Server
    address: tuple[str, int]
    """Where on this machine it is reached."""
    image: ServiceImage
    image_id: str


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A run's networks with what stands on them."""

    networks: Networks
    gateway: Gateway
    services: tuple[RunningService, ...] = ()

    def address(self, port: int) -> tuple[str, int]:
        """Where, on this machine, the port of that number inside is reached."""
        return self.gateway.addresses[port]

    @property
    def essential(self) -> dict[str, str]:
        """Containers of ours that must outlive an examination, by what they are called."""
        named = {one.manifest.title: one.server.id for one in self.services}
        return {"the gateway": self.gateway.container} | named

    def require_empty(self, engine: Engine) -> None:
        """Raise `NotClean` where a container of a run that is over is still in it.

        It would be taken for one of the next run: names lead to it. Raises `PlatformError`, too.
        """
        if others := members(engine, self.networks) - set(self.essential.values()):
            msg = f"a run has left containers behind: {', '.join(sorted(others))}"
            raise NotClean(msg)

    def service(self, name: str) -> RunningService:
        """Return the service of that name. Raises `StopIteration` where it has none."""
        return next(one for one in self.services if one.manifest.name == name)


@dataclass(frozen=True, kw_only=True)
class EnvironmentBuilder:
    """Makes environments."""

    engine: Engine
    settings: Settings
    run: str
    """The id that labels carry."""
    cancel: threading.Event
    progress: Callable[[str], None] = lambda text: None
    name: str = ""
    """What the names of networks carry; empty: the id of the run."""

    def make(self, spec: EnvironmentSpec) -> Environment:
        """Make the networks, the gateway and the services; give them ready.

        Raises `PlatformError` where any of it fails.
        """
        engine, labels = self.engine, run_labels(self.run)
        tools = images.tools_image(engine, settings=self.settings)
        with ThreadPoolExecutor(max_workers=2 + 2 * len(spec.services)) as pool:
            found = [pool.submit(self._image, one) for one in spec.services]
            networks = create_networks(engine, self.name or self.run, labels, inside=spec.inside)
            gateway = pool.submit(start_gateway, engine, tools, networks, dict(spec.routes), labels)
            placed = ServerPlacement(
                engine=engine, network=networks.inside[0], labels=labels, app=spec.app
            )
            started = [
                pool.submit(self._start, one, image, placed, networks.inside[1:], gateway)
                for one, image in zip(spec.services, found, strict=True)
            ]
            services = tuple(one.result() for one in started)
            return Environment(networks=networks, gateway=gateway.result(), services=services)

    def _image(self, spec: ServiceSpec) -> ServiceImage:
        service = service_of(manifest_of(spec).folder)
        return service.image(self.engine, spec, self.settings, self.progress)

    def _start(
        self, spec: ServiceSpec, found: Future[ServiceImage], placed: ServerPlacement,
        more: Sequence[str], gateway: Future[Gateway],
    ) -> RunningService:  # fmt: skip
        """Start a server, and wait until it answers; `more` are networks that it is on as well."""
        manifest, image = manifest_of(spec), found.result()
        server = service_of(manifest.folder).start(image, spec, placed)
        with translated():
            for network in more:
                self.engine.client.api.connect_container_to_network(
                    server.id, network, aliases=[manifest.name]
                )
        address = gateway.result().addresses[manifest.port]
        server.await_ready(address, self.cancel)
        return RunningService(
            manifest=manifest, server=server, address=address, image=image,
            image_id=image_id(self.engine, image.image),
        )  # fmt: skip


def provision(context: RunContext) -> Environment:
    """Return an environment for a run: one that is kept ready, else one that goes with the run.

    A phase of its own. Raises `PlatformError` where it cannot be had.
    """
    with context.phase("provision"):
        return _provided(context)


def _provided(context: RunContext) -> Environment:
    spec = EnvironmentSpec.of(context.challenge)
    environment = context.resources.take(spec)
    if environment is None:
        environment = make_environment(context, spec)
    note_services(context, environment.services)
    return environment


def make_environment(
    context: RunContext, spec: EnvironmentSpec, *, name: str = "",
    cancel: threading.Event | None = None,
) -> Environment:  # fmt: skip
    """Make what `spec` says for one run alone. Raises `PlatformError`."""
    environment = EnvironmentBuilder(
        engine=context.resources.engine, settings=context.settings, run=context.run, name=name,
        cancel=cancel or context.cancel,
        progress=lambda text: context.recorder.progress("provision", text),
    ).make(spec)  # fmt: skip
    for one in environment.services:
        one.server.prepare(one.address)
    return environment


def note_services(context: RunContext, services: Iterable[RunningService]) -> None:
    """Note what services are made of, and blot out their passwords from now on."""
    for one in services:
        context.recorder.substitute(one.image.substitution)
        context.recorder.start_from(one.image.base)
        context.recorder.materials.images[one.image.wanted] = one.image_id
        context.redactor.hide(one.server.secrets())


def probe_ports(port: int, taken: Collection[int]) -> list[int]:
    """Return the ports of the gateway that lead to apps alongside the one on `port`."""
    free = (one for one in range(port + 1, port + 2 + PROBES + len(taken)) if one not in taken)
    return list(islice(free, PROBES))
