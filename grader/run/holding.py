"""Whether the submission keeps a service of ours from answering: asked of the service itself.

Its containers are paused for a moment. What answers then, and did not before, was held up by them;
what does not answer even then is the platform's to explain.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

from grader.errors import PlatformError
from grader.exam.faults import Mismatch
from grader.run.context import RunContext
from grader.run.deployment import ServiceEndpoint
from grader.sandbox.engine import translated
from grader.sandbox.labels import RUN
from grader.services.container import AwaitedServer
from grader.waiting import wait_until

ANSWER_SECONDS = 5.0
"""How long it may take to answer once it is left alone."""
POLL = 0.05


def require_answering(
    context: RunContext, found: ServiceEndpoint, ours: Collection[str]
) -> None:  # fmt: skip
    """Raise `Mismatch` where the service answers once the submission's containers are paused.

    `ours` are containers that are none of the submission's. Raises `PlatformError`.
    """
    server, title = found.server, found.manifest.title
    if not isinstance(server, AwaitedServer) or server.is_starved(context.cancel):
        return
    with _paused(context, ours):
        answers = wait_until(
            lambda: not server.attempt(found.address),
            within=ANSWER_SECONDS, poll=POLL, cancel=context.cancel,
        )  # fmt: skip
    if answers:
        msg = (
            f"{title} answers the exam only while your app is paused: your app keeps it busy. Send "
            "less at a time, and close connections that it no longer needs."
        )
        raise Mismatch(msg)


@contextmanager
def _paused(context: RunContext, ours: Collection[str]) -> Iterator[None]:
    """Pause the submission's containers for the block."""
    api = context.resources.engine.client.api
    stopped: list[str] = []
    try:
        with translated():
            only = {"label": f"{RUN}={context.run}", "status": "running"}
            for one in api.containers(filters=only):
                if one["Id"] not in ours:
                    api.pause(one["Id"])
                    stopped.append(one["Id"])
        yield
    finally:
        for container in stopped:
            with suppress(PlatformError), translated():  # one that has ended, or was removed
                api.unpause(container)
