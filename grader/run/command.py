"""A submission whose answer is a command: an image is built, and nothing of it serves."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from grader.criteria import DOCKER_NON_ROOT
from grader.exam.protocol import InjectedValues
from grader.model import CheckResult, Outcome, Submission
from grader.run.build import build_image, runs_as_root
from grader.run.commands import CommandRunner
from grader.run.context import RunContext
from grader.run.deployment import Deployment, DeploymentOperations, ServiceEndpoint
from grader.run.environment.layout import Environment
from grader.run.environment.provision import provision
from grader.run.environment.variables import app_variables, fill
from grader.run.static_checks import inspect
from grader.sandbox.command import NO_NETWORK, CommandSpec

AS_ROOT = (
    "Its command runs as root (user id 0). Make a user in the Dockerfile and switch to it with "
    "USER."
)


def bring_up(context: RunContext, submission: Submission, pool: ThreadPoolExecutor) -> Deployment:
    """Inspect; build, and start the services of the exam meanwhile. Raises as the phases do."""
    with context.phase("inspect"):
        dockerfile = inspect(context, submission)
    if dockerfile is None:
        return Deployment(dockerfile=None)
    asked = context.challenge.services
    provisioning: Future[Environment] | None = pool.submit(provision, context) if asked else None
    with context.phase("build"):
        image = build_image(context, submission, dockerfile)
    environment = provisioning.result() if provisioning else None
    if image is None:
        return Deployment(dockerfile=dockerfile.path)
    as_root = runs_as_root(context, image.image)
    context.recorder.record(
        CheckResult(
            criterion=DOCKER_NON_ROOT,
            outcome=Outcome.FAILED if as_root else Outcome.PASSED,
            rationale=AS_ROOT if as_root else "",
        )
    )
    env, shown = app_variables(context, environment) if environment else fill(context, {})
    network = environment.networks.inside[0] if environment else NO_NETWORK
    platform = context.resources.platform

    def confirm() -> None:
        platform.require_sound(network if environment else "", [image.image])

    return Deployment(
        dockerfile=dockerfile.path,
        services=tuple(map(ServiceEndpoint.of, environment.services)) if environment else (),
        injected=InjectedValues.of(env, shown),
        operations=DeploymentOperations(
            commands=CommandRunner(
                context=context,
                spec=CommandSpec(
                    image=image.image, env=env, limits=context.challenge.limits,
                    labels=context.resources.labels, network=network,
                ),
                confirm=confirm,
            )
        ),
        essential=environment.essential if environment else {},
    )  # fmt: skip
