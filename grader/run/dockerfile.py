"""A submission of one image: built, and started alongside the services that the challenge names."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from grader.inspect.appfiles import AppFiles
from grader.model import Submission
from grader.run.app import DeployedApp, launch
from grader.run.build import build_image
from grader.run.commands import CommandRunner
from grader.run.context import RunContext
from grader.run.deployment import Deployment, ServiceEndpoint
from grader.run.environment.provision import (
    PROBES,
    Environment,
    probe_ports,
    provision,
)
from grader.run.environment.variables import app_variables
from grader.run.missing_variables import unset_of
from grader.run.probes.environment import AppEnvironment
from grader.run.probes.parallel import ParallelProbes, ProbeSlot
from grader.run.probes.sequential import SecretProbe
from grader.run.static_checks import inspect
from grader.sandbox.command import CommandSpec
from grader.sandbox.container import PROBE, AppContainer, ContainerSpec
from grader.sandbox.diagnosis import AppSettings


def bring_up(context: RunContext, submission: Submission, pool: ThreadPoolExecutor) -> Deployment:
    """Inspect, then provision and build side by side, then launch. Raises as the phases do."""
    with context.phase("inspect"):
        dockerfile = inspect(context, submission)
    if dockerfile is None:
        return Deployment(dockerfile=None)
    placing = pool.submit(_provision, context)
    with context.phase("build"):
        image = build_image(context, submission, dockerfile)
    if image is None:
        placing.result()
        return Deployment(dockerfile=dockerfile.path)
    environment = placing.result()
    servers = [one.server for one in environment.services]
    taken = {one.manifest.port for one in environment.services}
    env, shown = app_variables(context, environment)
    platform = context.resources.platform

    def confirm() -> None:
        platform.require_sound(environment.networks.inside[0], [image.image])

    with context.phase("launch"):
        recipe = ContainerSpec(
            image=image.image, network=environment.networks.inside[0], env=env,
            limits=context.challenge.limits, labels=context.resources.labels,
        )  # fmt: skip
        port = context.challenge.app.port
        container = AppContainer(context.resources.engine, recipe, confirm)
        surroundings = AppSettings(
            port=port,
            unset=lambda: unset_of(submission.root, env, dockerfile),
            sources=lambda: AppFiles(root=submission.root, dockerfile=dockerfile),
        )
        app = DeployedApp(context, container, environment.address(port), surroundings=surroundings)
        started = launch(context, app, image.image, dockerfile.images)

    def probe(variables: Mapping[str, str], number: int = 0) -> DeployedApp:
        other = replace(recipe, env=variables, alias=f"{PROBE}-{number}")
        address = environment.address(probe_ports(port, taken)[number])
        surroundings = AppSettings(port=port)
        container = AppContainer(context.resources.engine, other, confirm)
        return DeployedApp(context, container, address, surroundings=surroundings)

    def slot(number: int) -> ProbeSlot:
        guests = [one.server.admit_guest(one.address) for one in environment.services]
        return ProbeSlot(
            given=AppEnvironment(*app_variables(context, environment, guests)),
            make=partial(probe, number=number),
            users=frozenset(one.user for one in guests if one.user),
        )

    return Deployment(
        dockerfile=dockerfile.path,
        app=app if started else None,
        services=tuple(map(ServiceEndpoint.of, environment.services)),
        probe=SecretProbe(
            context,
            AppEnvironment(env, shown),
            probe,
            servers,
            app,
            ParallelProbes(context, [partial(slot, number) for number in range(PROBES)], servers),
        ),
        secrets=shown,
        environment={name: value for name, value in env.items() if name not in shown},
        commands=CommandRunner(
            context=context,
            spec=CommandSpec(
                image=image.image,
                env=env,
                limits=context.challenge.limits,
                labels=context.resources.labels,
                network=environment.networks.inside[0],
            ),
            confirm=confirm,
        ),
        essential=environment.essential,
    )


def _provision(context: RunContext) -> Environment:
    with context.phase("provision"):
        return provision(context)
