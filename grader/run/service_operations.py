"""What a suite may have the services do while it examines, and whose fault it is where they fail.

What takes an administrator is done here, and touches nothing that a student made. Where the
submission brings the server itself, that is the student's own, and whatever it fails at is the
student's loss.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

from grader.errors import PlatformError
from grader.exam.faults import Mismatch
from grader.run.context import RunContext
from grader.run.deployment import Deployment, ServiceEndpoint, ended_by_the_app
from grader.run.holding import require_answering
from grader.services.base import OutOfTime, Unobservable
from grader.text import clip
from grader.waiting import wait_until

ENDING_SECONDS = 1.0
"""How long it takes at most until the engine says why a server that is gone has ended."""
POLL = 0.02

P = ParamSpec("P")
T = TypeVar("T")


def service_operations(
    context: RunContext, found: ServiceEndpoint, settle: Callable[[], None],
    ours: Collection[str] = (),
) -> dict[str, Callable[..., Any]]:  # fmt: skip
    """Return what a suite may ask of one server, by name; `settle` ends what else uses it.

    `ours` are containers that are none of the submission's.
    """
    server, address = found.server, found.address

    def restart() -> None:
        settle()
        server.restart(address, context.cancel)

    def stop() -> None:
        settle()
        server.stop()

    def start() -> None:
        server.start_again(address, context.cancel)

    table: dict[str, Callable[..., Any]] = {
        "alone": settle, "restart": restart, "stop": stop, "start": start,
        **server.operations(address, context.redactor.hide),
    }  # fmt: skip
    if not found.own:
        table["require_running"] = partial(_require_running, context, found)
        table["require_answering"] = partial(require_answering, context, found, ours)
    judged = {name: _judged(context, call, found) for name, call in table.items()}
    if control := found.control:
        judged |= {"restart": control.restart, "stop": control.stop, "start": control.start}
    return judged


def _require_running(context: RunContext, found: ServiceEndpoint) -> None:
    """Raise `Mismatch` where the server has ended for what the app had it do."""
    reason = wait_until(
        lambda: ended_by_the_app(context, found.server.id, found.manifest.title),
        within=ENDING_SECONDS, poll=POLL,
    )  # fmt: skip
    if reason:
        raise Mismatch(reason)


def _judged(context: RunContext, call: Callable[P, T], found: ServiceEndpoint) -> Callable[P, T]:
    """`call`, with `Mismatch` for what a student's data or server holds up, or hides."""
    title = found.manifest.title

    @wraps(call)
    def judged(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(*args, **kwargs)
        except Unobservable as error:
            raise Mismatch(str(error)) from error
        except OutOfTime as error:
            msg = f"Your app holds up what the grader asks of {title}. {error}"
            raise Mismatch(msg) from error
        except PlatformError as error:
            if not found.own:
                if reason := ended_by_the_app(context, found.server.id, title):
                    raise Mismatch(reason) from error
                raise
            msg = f"The {title} service of your Compose file failed: {error}"
            raise Mismatch(msg) from error

    return judged


def note_contents(context: RunContext, deployment: Deployment) -> None:
    """Note what the submission's services hold that counts for nothing."""
    for found in deployment.services:
        try:
            context.recorder.notes.extend(found.server.notes(found.address))
        except PlatformError as error:
            said = clip(str(error), 200)
            context.recorder.notes.append(
                f"What {found.manifest.title} holds for the app could not be listed: {said}"
            )
