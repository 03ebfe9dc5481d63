"""A submission of one image: built, and started alongside the services that the challenge names."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from grader.inspect.appfiles import AppFiles
from grader.model import Submission
from grader.phases.ahead import Ahead, Seat
from grader.phases.beside import Beside
from grader.phases.building import build_image
from grader.phases.context import Context
from grader.phases.inspection import inspect
from grader.phases.launching import App, launch
from grader.phases.place import BESIDES, Place, beside_ports, environment, provision
from grader.phases.standing import DatabaseAt, Standing
from grader.phases.unset import unset_of
from grader.phases.withheld import Given
from grader.sandbox.container import BESIDE, AppContainer, Recipe
from grader.sandbox.diagnosis import Surroundings
from grader.services.accounts import admit_guest
from grader.services.mysql import PORT as MYSQL_PORT


def bring_up(context: Context, submission: Submission, pool: ThreadPoolExecutor) -> Standing:
    """Inspect, then provision and build side by side, then launch. Raises as the phases do."""
    with context.phase("inspect"):
        dockerfile = inspect(context, submission)
    if dockerfile is None:
        return Standing(dockerfile=None)
    placing = pool.submit(_provision, context)
    with context.phase("build"):
        image = build_image(context, submission, dockerfile)
    if image is None:
        placing.result()
        return Standing(dockerfile=dockerfile.path)
    place = placing.result()
    env, shown = environment(context, place)
    platform = context.platform

    def confirm() -> None:
        platform.require_sound(place.networks.inside[0], [image.image])

    with context.phase("launch"):
        recipe = Recipe(
            image=image.image, network=place.networks.inside[0], env=env,
            limits=context.challenge.limits, labels=context.labels,
        )  # fmt: skip
        port = context.challenge.app.port
        container = AppContainer(context.engine, recipe, confirm)
        surroundings = Surroundings(
            port=port,
            unset=lambda: unset_of(submission.root, env, dockerfile),
            sources=lambda: AppFiles(root=submission.root, dockerfile=dockerfile),
        )
        app = App(context, container, place.address(port), surroundings=surroundings)
        started = launch(context, app, image.image, dockerfile.images)

    def beside(environment: Mapping[str, str], number: int = 0) -> App:
        other = replace(recipe, env=environment, alias=f"{BESIDE}-{number}")
        address = place.address(beside_ports(port)[number])
        surroundings = Surroundings(port=port)
        container = AppContainer(context.engine, other, confirm)
        return App(context, container, address, surroundings=surroundings)

    def seat(number: int) -> Seat:
        guest = admit_guest(place.mysql, place.address(MYSQL_PORT)) if place.mysql else None
        return Seat(
            given=Given(*environment(context, place, guest)),
            make=partial(beside, number=number),
            user=guest.user if guest else "",
        )

    return Standing(
        dockerfile=dockerfile.path,
        app=app if started else None,
        database=_database(place),
        beside=Beside(
            context,
            Given(env, shown),
            beside,
            place.mysql,
            app,
            Ahead(context, [partial(seat, number) for number in range(BESIDES)], place.mysql),
        ),
        secrets=shown,
        environment={name: value for name, value in env.items() if name not in shown},
        essential=_essential(place),
    )


def _provision(context: Context) -> Place:
    with context.phase("provision"):
        return provision(context)


def _database(place: Place) -> DatabaseAt | None:
    if place.mysql is None:
        return None
    return DatabaseAt(
        server=place.mysql, address=place.address(MYSQL_PORT), name=place.mysql.access.database
    )


def _essential(place: Place) -> dict[str, str]:
    names = {"the gateway": place.gateway.container}
    if place.mysql:
        names["MySQL"] = place.mysql.id
    return names
