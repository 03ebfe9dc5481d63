"""Commands of the submission's image, run for a suite: the whole answer, or the app's own."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from grader.commands import MOST_CALLS, CommandCall, CommandResult
from grader.run.context import RunContext
from grader.sandbox.command import CommandContainer, CommandSpec
from grader.sandbox.container import CannotStart
from grader.sandbox.diagnosis import cannot_start


@dataclass(frozen=True, kw_only=True)
class CommandRunner:
    """`CommandOperations` on one image."""

    context: RunContext
    spec: CommandSpec
    confirm: Callable[[], None]
    """Raises `PlatformError` where the platform is what keeps a container from starting."""

    ended: list[CommandContainer] = field(default_factory=list)
    """Containers that are removed while the next commands run, the last ones with the run."""

    def run(self, calls: list[CommandCall]) -> list[CommandResult]:
        """Run each in a container of its own, as many at once as there are processors.

        Raises `PlatformError` where the engine fails, `Cancelled`.
        """
        self.context.watch_disk()
        before = tuple(self.ended)
        self.ended.clear()
        at_once = max(1, min(len(calls), 1 + (os.cpu_count() or 1)))
        with ThreadPoolExecutor(max_workers=at_once + 1) as pool:
            removing = pool.submit(_remove, before)
            results = list(pool.map(self._run, calls[:MOST_CALLS]))
            removing.result()
        return results

    def _run(self, call: CommandCall) -> CommandResult:
        resources = self.context.resources
        container = CommandContainer(
            resources.engine, self.spec, call, self.confirm, self.context.cancel
        )
        try:
            container.start()
            result = container.run()
            return replace(result, stopped=resources.stopped(container.id))
        except CannotStart as error:
            said = cannot_start(str(error))
            return CommandResult(exit_code=None, output="", errors="", seconds=0.0, stopped=said)
        finally:
            self.ended.append(container)


def _remove(containers: Sequence[CommandContainer]) -> None:
    for container in containers:
        container.remove()
