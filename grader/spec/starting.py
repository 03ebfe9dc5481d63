"""Exams that ask for nothing but that a submission builds and starts (`grader diagnose`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from grader.app_spec import AppSpec, Limits, Readiness
from grader.criteria import APP_STARTS, COMPOSE_COMPLETE, COMPOSE_VALID, DOCKER_BUILDS
from grader.model import Challenge, Criterion, ServiceSpec
from grader.service_offers import (
    OTHERWISE,
    ServiceOffer,
    named,
    shared_by,
    usages,
    variables_of,
)
from grader.spec.base_images import BASE_IMAGES

VALID = Criterion(
    id=COMPOSE_VALID, title="The Compose file is valid, with an app and its database", points=1
)
VALID_AS_IT_IS = replace(VALID, title="The Compose file is valid, and one of its services the app")
"""Where no exam asks for a database."""
COMPLETE = Criterion(
    id=COMPOSE_COMPLETE,
    title="The repository gives what its Compose file asks for",
    points=1,
    needs=(APP_STARTS,),
)
BUILDS = Criterion(id=DOCKER_BUILDS, title="The image builds", points=1)
STARTS = Criterion(id=APP_STARTS, title="The app starts and answers", points=1)
LOOKED = "`grader diagnose` supposes; name its port with --port, or by EXPOSE in the Dockerfile"
"""Who says where the app listens if nothing does."""
LOOKED_COMPOSE = "`grader diagnose` supposes; name its port under `ports` of the service"
"""The same for one of a Compose file."""
SLUG = "starting"
NO_TESTS = Path(__file__).parent


def starting(
    mode: str, *, port: int, path: str, offers: Sequence[ServiceOffer] = OTHERWISE
) -> Challenge:
    """Return an exam of no particular subject: the app listens on `port` and answers GET `path`.

    Any answer will do that is no error of the server. It gets what `offers` names, by variables
    that apps usually read, and `SECRET_KEY`; a Compose file has services of its own.
    """
    compose = mode == "compose"
    offers = () if compose else offers
    challenge = Challenge(
        slug=SLUG,
        title="It builds and starts",
        version="1",
        summary="",
        level="intro",
        topics=(),
        duration=0,
        pass_mark=100,
        mode=mode,
        required_files=(),
        base_images=BASE_IMAGES,
        app=AppSpec(
            port=port,
            ready=Readiness(path=path, status=None, within=Limits().start),
            env={**variables_of(offers), "SECRET_KEY": "${secret.SECRET_KEY}"},
        ),
        services=tuple(
            ServiceSpec(name=one.name, image=usages()[one.name].image, reason=one.reason)
            for one in offers
        ),
        limits=Limits(),
        criteria=(),
        root=NO_TESTS,
        contract=None,
        digest="",
    )
    return only_starting(challenge)


def given_by(challenge: Challenge) -> str:
    """Return what sets an app's variables where there is no exam, in words."""
    names = [name for name in challenge.app.env if name != "SECRET_KEY"]
    return f"`grader diagnose` sets ({named(names)})" if names else "`grader diagnose` sets"


def offered(challenge: Challenge) -> list[str]:
    """Return sentences on what the app is offered where there is no exam, and why."""
    env = challenge.app.env
    offers = [ServiceOffer(name=one.name, reason=one.reason) for one in challenge.services]
    said = []
    for one in offers:
        usage = usages()[one.name]
        names = named(name for name in usage.variables if name in env)
        said.append(
            f"{usage.manifest.title} was offered, as {one.reason}"
            + (f". The app gets its values by {names}." if names else ".")
        )
    shared: dict[tuple[str, ...], list[str]] = {}
    for name, titles in shared_by(offers).items():
        shared.setdefault(titles, []).append(name)
    said += [
        f"{' and '.join(titles)} each fit {named(names)}, so these have no value. Remove the "
        "packages that the app does not use, or read variables that one of the services alone has."
        for titles, names in shared.items()
    ]
    return said


def is_plain(challenge: Challenge) -> bool:
    """Return whether `challenge` is no exam of an author's, but what `grader diagnose` asks for."""
    return challenge.slug == SLUG and challenge.root == NO_TESTS


def asked_at(challenge: Challenge, port: int) -> Challenge:
    """Return `challenge` as it is asked where the app turns out to listen on `port`.

    An exam of an author's has titles of its own.
    """
    if challenge.root != NO_TESTS or port == challenge.app.port:
        return challenge
    return only_starting(replace(challenge, app=replace(challenge.app, port=port)))


def only_starting(challenge: Challenge) -> Challenge:
    """`challenge` without all that it asks of an app that has started."""
    ready = challenge.app.ready
    answer = "" if ready.status is None else f" {ready.status}"
    title = f"The app starts: GET {ready.path} on port {challenge.app.port} answers{answer}"
    valid = VALID_AS_IT_IS if challenge.slug == SLUG else VALID
    first = (valid, COMPLETE) if challenge.mode == "compose" else ()
    return replace(
        challenge, criteria=(*first, BUILDS, replace(STARTS, title=title)), root=NO_TESTS
    )
