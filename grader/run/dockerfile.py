"""A submission of one image: built, and started alongside the services that the challenge names."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from grader.exam.protocol import InjectedValues
from grader.inspect.appfiles import AppFiles
from grader.inspect.compose.find import other_name
from grader.inspect.dockerfile import Dockerfile, exposed_port
from grader.model import Submission
from grader.run.app import DeployedApp, launch
from grader.run.build import build_image
from grader.run.commands import CommandRunner
from grader.run.context import RunContext
from grader.run.deployment import Deployment, DeploymentOperations, ServiceEndpoint
from grader.run.environment.layout import PROBES, Environment, probe_ports
from grader.run.environment.provision import provision
from grader.run.environment.variables import app_variables
from grader.run.missing_variables import fallbacks_of, unset_of
from grader.run.probes.environment import AppEnvironment
from grader.run.probes.parallel import ParallelProbes, ProbeSlot
from grader.run.probes.sequential import SecretProbe
from grader.run.static_checks import inspect
from grader.run.tls import issue
from grader.run.volumes import AppVolumes, start_volumes
from grader.sandbox.app_settings import AppSettings, LiteralAdvice
from grader.sandbox.command import CommandSpec
from grader.sandbox.container import ALIAS, PROBE, AppContainer, ContainerSpec
from grader.sandbox.mounts import FileMount
from grader.sandbox.volumes import VolumeHelper, VolumeMount, create_volumes
from grader.spec.starting import LOOKED, given_by, is_plain, offered

HELPER = "what keeps the app's volumes"
"""What a sentence calls the helper of the volumes."""

DATABASE_FIXTURE = "db"
"""What the fixtures of databases are called."""


def bring_up(context: RunContext, submission: Submission, pool: ThreadPoolExecutor) -> Deployment:
    """Inspect, then provision and build side by side, then launch. Raises as the phases do."""
    with context.phase("inspect"):
        dockerfile = inspect(context, submission)
        if is_plain(context.challenge) and (other := other_name(submission.root)):
            context.recorder.notes.append(
                f"{other} was not used, as Docker does not look for that name: take it with "
                f"`--compose {other}`."
            )
    if dockerfile is None:
        return Deployment(dockerfile=None)
    provisioning = pool.submit(provision, context)
    making = pool.submit(start_volumes, context)
    issuing = pool.submit(issue, context, [ALIAS])
    with context.phase("build"):
        image = build_image(context, submission, dockerfile)
    if image is None:
        provisioning.result()
        making.result()
        return Deployment(dockerfile=dockerfile.path)
    if is_plain(context.challenge):
        context.recorder.notes += offered(context.challenge)
    environment, helper = provisioning.result(), making.result()
    servers = [one.server for one in environment.services]
    variables, shown = app_variables(context, environment)
    tls = issuing.result()
    starter = _AppStarter(
        context, submission, dockerfile, image.image, environment, variables, helper,
        files=tls.mounts(context.folder / "tls"),
    )  # fmt: skip
    with context.phase("launch"):
        app = starter.app()
        started = launch(context, app, image.image, dockerfile.images)
    slots = [partial(starter.slot, number) for number in range(PROBES)]
    return Deployment(
        dockerfile=dockerfile.path,
        app=app if started else None,
        services=tuple(map(ServiceEndpoint.of, environment.services)),
        probe=SecretProbe(
            context,
            AppEnvironment(variables, shown),
            starter.probe,
            servers,
            app,
            ParallelProbes(context, slots, servers),
        ),
        injected=InjectedValues.of(variables, shown, tls.authority),
        operations=DeploymentOperations(commands=starter.commands(), volumes=starter.volumes(app)),
        essential=environment.essential | ({HELPER: helper.container} if helper else {}),
    )


@dataclass(frozen=True)
class _AppStarter:
    """Makes containers of the image: of the app that is examined, and of the probes."""

    context: RunContext
    submission: Submission
    dockerfile: Dockerfile
    image: str
    environment: Environment
    variables: Mapping[str, str]
    """What the app is given, by variable name."""
    helper: VolumeHelper | None = None
    """What has the app's volumes; None where the exam has none."""
    files: tuple[FileMount, ...] = ()
    """What the exam gives each container of the image."""

    def app(self) -> DeployedApp:
        """Return the app that is examined, not started yet."""
        port = self.context.challenge.app.port
        services = [one.manifest for one in self.environment.services]
        databases = [one.title for one in services if one.fixture == DATABASE_FIXTURE]
        plain = is_plain(self.context.challenge)
        surroundings = AppSettings(
            port=port,
            asked_by=_asked_by(self.dockerfile, port) if plain else AppSettings.asked_by,
            product=next(iter(databases), AppSettings.product),
            volumes=tuple(one.path for one in self.context.challenge.app.volumes),
            unset=lambda: unset_of(self.submission.root, self.variables, self.dockerfile),
            sources=lambda: AppFiles(root=self.submission.root, dockerfile=self.dockerfile),
            literals=LiteralAdvice(
                fallbacks=lambda: fallbacks_of(
                    self.submission.root, self.variables, self.dockerfile
                ),
                given=given_by(self.context.challenge) if plain else "",
            ),
        )
        address = self.environment.address(port)
        app = self._deployed(self._spec(), address, surroundings)
        if self.context.challenge.app.tls:
            app.secure = self.environment.address(self.context.challenge.app.tls)
        return app

    def probe(self, variables: Mapping[str, str], number: int = 0) -> DeployedApp:
        """Return one more app, not started yet, that gets other variables."""
        port = self.context.challenge.app.port
        secure = self.context.challenge.app.tls_ports
        taken = {*secure, *(one.manifest.port for one in self.environment.services)}
        address = self.environment.address(probe_ports(port, taken)[number])
        spec = replace(
            self._spec(), env=variables, alias=f"{PROBE}-{number}",
            volumes=self._volumes_of_a_probe(number),
        )  # fmt: skip
        return self._deployed(spec, address, AppSettings(port=port))

    def slot(self, number: int) -> ProbeSlot:
        """Return the place of a probe, with accounts of its own on each service."""
        services = self.environment.services
        guests = [one.server.admit_guest(one.address) for one in services]
        return ProbeSlot(
            given=AppEnvironment(*app_variables(self.context, self.environment, guests)),
            make=partial(self.probe, number=number),
            users=frozenset(one.user for one in guests if one.user),
        )

    def commands(self) -> CommandRunner:
        """Return what runs commands of the image with the app's variables and services."""
        spec = CommandSpec(
            image=self.image, network=self.environment.networks.inside[0], env=self.variables,
            limits=self.context.challenge.limits, labels=self.context.resources.labels,
            volumes=self._mounts, files=self.files,
        )  # fmt: skip
        return CommandRunner(context=self.context, spec=spec, confirm=self._confirm)

    def _spec(self) -> ContainerSpec:
        return ContainerSpec(
            image=self.image, network=self.environment.networks.inside[0], env=self.variables,
            limits=self.context.challenge.limits, labels=self.context.resources.labels,
            volumes=self._mounts, files=self.files,
        )  # fmt: skip

    def volumes(self, app: DeployedApp) -> AppVolumes | None:
        """Return what a suite may ask of the volumes of `app`, which `app()` gave."""
        if self.helper is None:
            return None
        assert isinstance(app.container, AppContainer)
        return AppVolumes(self.helper, app, app.container)

    @property
    def _mounts(self) -> tuple[VolumeMount, ...]:
        return self.helper.mounts if self.helper else ()

    def _volumes_of_a_probe(self, number: int) -> tuple[VolumeMount, ...]:
        """Return volumes of its own: they last as long as its container."""
        context, specs = self.context, self.context.challenge.app.volumes
        return create_volumes(
            context.resources.engine, context.run, specs, context.resources.labels,
            kind=f"probe-{number}",
        )  # fmt: skip

    def _deployed(
        self, spec: ContainerSpec, address: tuple[str, int], surroundings: AppSettings
    ) -> DeployedApp:
        container = AppContainer(self.context.resources.engine, spec, self._confirm)
        return DeployedApp(self.context, container, address, surroundings=surroundings)

    def _confirm(self) -> None:
        self.context.resources.platform.require_sound(
            self.environment.networks.inside[0], [self.image]
        )


def _asked_by(dockerfile: Dockerfile, port: int) -> str:
    """Return who says, where there is no exam, that the app listens on `port`."""
    return "your Dockerfile exposes" if exposed_port(dockerfile) == port else LOOKED
