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
from grader.run.context import RunContext
from grader.run.deployment import DatabaseEndpoint, Deployment
from grader.run.environment.provision import (
    PROBES,
    Environment,
    environment,
    probe_ports,
    provision,
)
from grader.run.missing_variables import unset_of
from grader.run.probes.environment import AppEnvironment
from grader.run.probes.parallel import ParallelProbes, ProbeSlot
from grader.run.probes.sequential import SecretProbe
from grader.run.static_checks import inspect
from grader.sandbox.container import PROBE, AppContainer, ContainerSpec
from grader.sandbox.diagnosis import AppSettings
from grader.services.accounts import admit_guest
from grader.services.mysql import PORT as MYSQL_PORT


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
    place = placing.result()
    env, shown = environment(context, place)
    platform = context.platform

    def confirm() -> None:
        platform.require_sound(place.networks.inside[0], [image.image])

    with context.phase("launch"):
        recipe = ContainerSpec(
            image=image.image, network=place.networks.inside[0], env=env,
            limits=context.challenge.limits, labels=context.labels,
        )  # fmt: skip
        port = context.challenge.app.port
        container = AppContainer(context.engine, recipe, confirm)
        surroundings = AppSettings(
            port=port,
            unset=lambda: unset_of(submission.root, env, dockerfile),
            sources=lambda: AppFiles(root=submission.root, dockerfile=dockerfile),
        )
        app = DeployedApp(context, container, place.address(port), surroundings=surroundings)
        started = launch(context, app, image.image, dockerfile.images)

    def probe(environment: Mapping[str, str], number: int = 0) -> DeployedApp:
        other = replace(recipe, env=environment, alias=f"{PROBE}-{number}")
        address = place.address(probe_ports(port)[number])
        surroundings = AppSettings(port=port)
        container = AppContainer(context.engine, other, confirm)
        return DeployedApp(context, container, address, surroundings=surroundings)

    def slot(number: int) -> ProbeSlot:
        guest = admit_guest(place.mysql, place.address(MYSQL_PORT)) if place.mysql else None
        return ProbeSlot(
            given=AppEnvironment(*environment(context, place, guest)),
            make=partial(probe, number=number),
            user=guest.user if guest else "",
        )

    return Deployment(
        dockerfile=dockerfile.path,
        app=app if started else None,
        database=_database(place),
        probe=SecretProbe(
            context,
            AppEnvironment(env, shown),
            probe,
            place.mysql,
            app,
            ParallelProbes(
                context, [partial(slot, number) for number in range(PROBES)], place.mysql
            ),
        ),
        secrets=shown,
        environment={name: value for name, value in env.items() if name not in shown},
        essential=_essential(place),
    )


def _provision(context: RunContext) -> Environment:
    with context.phase("provision"):
        return provision(context)


def _database(place: Environment) -> DatabaseEndpoint | None:
    if place.mysql is None:
        return None
    return DatabaseEndpoint(
        server=place.mysql, address=place.address(MYSQL_PORT), name=place.mysql.access.database
    )


def _essential(place: Environment) -> dict[str, str]:
    names = {"the gateway": place.gateway.container}
    if place.mysql:
        names["MySQL"] = place.mysql.id
    return names
