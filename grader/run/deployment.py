"""What a run has brought up for its examination, whichever way the submission is started."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from grader.errors import PlatformError
from grader.exam.compose_view import ComposeView
from grader.exam.operations import (
    CommandOperations,
    ComposedOperations,
    ComposeOperations,
    ServiceOperations,
    VolumeOperations,
)
from grader.exam.protocol import InjectedValues
from grader.model import CheckResult, Outcome
from grader.run.app import DeployedApp
from grader.run.context import RunContext
from grader.run.environment.layout import RunningService
from grader.run.probes.sequential import SecretProbe
from grader.sandbox.container import Container
from grader.sandbox.ending import final_state
from grader.sandbox.engine import translated
from grader.service_catalogue import ServiceManifest
from grader.services.base import Server


def do_nothing() -> None:
    """Nothing goes on alongside the examination."""


@dataclass(frozen=True, kw_only=True)
class ServiceEndpoint:
    """A server of a service, and where on this machine the grader reaches it."""

    manifest: ServiceManifest
    server: Server
    address: tuple[str, int]
    own: bool = False
    """Whether the submission brought the server itself."""
    control: ServiceOperations | None = None
    """What stops and starts a server of the submission's own; None for one of ours."""

    @classmethod
    def of(cls, service: RunningService) -> ServiceEndpoint:
        """Return that of a service of ours."""
        return cls(manifest=service.manifest, server=service.server, address=service.address)


@dataclass(frozen=True, kw_only=True)
class DeploymentOperations:
    """What a suite may ask for beyond its app and its services."""

    compose: ComposeOperations | None = None
    """Of a whole Compose project."""
    composed: ComposedOperations | None = None
    """Of the services of one."""
    commands: CommandOperations | None = None
    """What runs commands of the image; None where there is none."""
    volumes: VolumeOperations | None = None
    """What looks into the app's volumes; None where it has none."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The app with what it stands on; `app` is None where it did not start."""

    dockerfile: str | None
    """Its path in the submission."""
    app: DeployedApp | None = None
    services: tuple[ServiceEndpoint, ...] = ()
    """What a suite can look into."""
    probe: SecretProbe | None = None
    """What starts one more app without some of its variables."""
    injected: InjectedValues = field(default_factory=InjectedValues)
    """What the app was given, for a suite to look for."""
    compose: ComposeView | None = None
    """The Compose file, for the fixture of that name."""
    port: int = 0
    """The app's port in its container, where that is found out; 0: the challenge's."""
    operations: DeploymentOperations = DeploymentOperations()
    essential: Mapping[str, str] = field(default_factory=dict)
    """Containers of ours that must outlive the examination, by what they are called."""
    finish: Callable[[], None] = do_nothing
    """Waits for what goes on alongside the examination and records it."""


def ended_by_the_app(context: RunContext, container: str, what: str) -> str:
    """Return why a service of ours has ended for what the app asked of it; empty where not.

    The engine says that it ended for its memory, the guard that it was stopped for what it wrote:
    nobody but the app makes a service of the run need much of either. Raises `PlatformError`.
    """
    if reason := context.resources.stopped(container):
        return f"{what} was stopped for what your app had it do. {reason}"
    service = Container(context.resources.engine)
    service.id = container
    if final_state(service.state).oom_killed:
        return (
            f"{what} was killed because what your app asked of it takes more memory than it "
            "has. Read and write less at a time."
        )
    return ""


def spent(context: RunContext, deployment: Deployment) -> str:
    """Return how the app has used up what a service of ours may use; empty where none has ended.

    Raises `PlatformError` where a service has ended otherwise: the results say nothing then.
    """
    for what, container in deployment.essential.items():
        if reason := ended_by_the_app(context, container, what):
            return reason
        with translated():
            state = context.resources.engine.client.api.inspect_container(container)["State"]
        if not state["Running"]:
            msg = f"{what} ended during the examination, so its results say nothing; retry."
            raise PlatformError(msg)
    return ""


def lose_rest(context: RunContext, wanted: Iterable[str], said: str) -> None:
    """Record that what is left of `wanted` is lost, for the reason `said`."""
    context.recorder.spent = said
    for name in wanted:
        context.recorder.record(CheckResult(criterion=name, outcome=Outcome.FAILED, rationale=said))
