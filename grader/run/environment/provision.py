"""What an app runs in: networks, gateway and services, made while its image builds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from grader.model import ServiceSpec
from grader.run.context import RunContext
from grader.run.environment.layout import Environment, EnvironmentSpec, RunningService
from grader.sandbox import images
from grader.sandbox.engine import Engine, image_id, translated
from grader.sandbox.gateway import Gateway, start_gateway
from grader.sandbox.labels import run_labels
from grader.sandbox.network import create_networks
from grader.services.base import ServerPlacement, ServiceImage
from grader.services.registry import manifest_of, service_of
from grader.settings import Settings


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
