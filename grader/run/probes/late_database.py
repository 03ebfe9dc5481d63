"""`database.late`: the app is started ten seconds before MySQL, and must be there all the same.

It goes on alongside the examination, in networks and containers of its own.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from grader.criteria import DATABASE_LATE
from grader.errors import Cancelled, PlatformError
from grader.exam.client import Client
from grader.exam.contract import Contract
from grader.exam.contract.document import plain_reads
from grader.exam.draw import Draw
from grader.exam.faults import AppTimeout, AppUnreachable, Mismatch
from grader.inspect.compose.project import Reading
from grader.model import CheckResult, Outcome
from grader.run.compose.project import ComposeProject
from grader.run.compose.project_roles import ComposeRoles
from grader.run.context import LinkedEvent, RunContext
from grader.sandbox.container import CannotStart
from grader.sandbox.launch import NotReady, get, is_ready
from grader.services.base import NotAnswering, ServerEnded
from grader.text import last_lines
from grader.waiting import wait_until

log = logging.getLogger(__name__)

DELAY = 10.0
"""Seconds that MySQL is started after the app."""
PATIENCE = 20.0
"""Seconds within which the app must be there once MySQL takes connections."""


@dataclass
class LateDatabaseProbe:
    """One trial; `run` takes as long as `DELAY` and what comes after it."""

    context: RunContext
    roles: ComposeRoles
    reading: Reading
    images: Future[dict[str, str]]
    """The images of the services that are built, once they are."""
    suffix: str
    given_up: LinkedEvent
    _project: ComposeProject | None = None

    def run(self) -> CheckResult:
        """Bring the app up without its database, then that, and see whether the app comes back.

        Raises `PlatformError`, and `Cancelled` once `given_up` is set.
        """
        started = time.monotonic()
        project = self._project = ComposeProject(
            self.context, self.roles, self.reading, suffix=self.suffix, cancel=self.given_up
        )
        project.environment.provide()
        with ThreadPoolExecutor(max_workers=1) as pool:
            gateway = pool.submit(project.environment.start_gateway)
            project.environment.use(self._built())
            project.environment.write()
            container = project.environment.app_container()
            try:
                project.up_stores()
                container.start()
            except CannotStart as error:
                return self._failed(f"The app cannot be started: {error}", "", started)
            finally:
                gateway.result()
        wait_until(lambda: False, within=DELAY, cancel=self.given_up)
        try:
            project.up_database()
            project.up_rest()
        except (ServerEnded, CannotStart, NotAnswering) as error:
            if isinstance(error, NotAnswering) and not project.customised():
                raise  # it is ours, with nothing of the student's that could be at fault
            return self._failed(f"{self.roles.product} did not start: {error}", "", started)
        return self._await(project, started)

    def remove(self) -> None:
        """Remove what it has made, once it is over; where that fails, the run's end does it."""
        if self._project is None or self.context.keep:
            return
        try:
            self._project.environment.remove()
        except PlatformError as error:
            log.debug("the trial with a late database could not be removed: %s", error)

    def _await(self, project: ComposeProject, started: float) -> CheckResult:
        app = project.environment.app()
        app.container.find()
        ready, failing, passed = self.context.challenge.app.ready, "", False

        def is_over() -> bool:
            nonlocal failing, passed
            if not is_ready(project.environment.address, ready):
                return not app.container.state().running
            address = project.environment.address
            failing = self._failing_read(address) or self._failing_write(address)
            passed = not failing
            return passed

        wait_until(is_over, within=PATIENCE, cancel=self.given_up)
        if passed:
            seconds = time.monotonic() - started
            return CheckResult(criterion=DATABASE_LATE, outcome=Outcome.PASSED, duration=seconds)
        reason = (
            NotReady(rationale=failing, evidence=last_lines(app.logs()))
            if failing
            else app.explain()
        )
        sentence = (
            f"{self.roles.product} was started {DELAY:.0f} s after the app, and {PATIENCE:.0f} s "
            f"later the app was not there. {reason.rationale}"
        )
        return self._failed(sentence, reason.evidence, started)

    def _failing_read(self, address: tuple[str, int]) -> str:
        """Return the first page or list that is answered with 5xx; empty where none is."""
        for path in plain_reads(self.context.challenge.contract):
            status = get(address, path)
            if status is None or status >= 500:
                said = "is not answered" if status is None else f"is answered with {status}"
                return f"GET {path} {said} though {self.roles.product} is up."
        return ""

    def _failing_write(self, address: tuple[str, int]) -> str:
        """Return why nothing can be stored.

        Empty where it can, or where there is nothing to store.
        """
        challenge = self.context.challenge
        if challenge.contract is None:
            return ""
        client = Client(
            address, shown="", deadline=challenge.limits.request,
            body_cap=challenge.limits.body,
        )  # fmt: skip
        draw = Draw(f"{self.context.seed}:late:{time.monotonic()}")
        contract = Contract.read(challenge.contract, client, draw)
        if not contract.creates:
            return ""
        try:
            contract.create()
        except (Mismatch, AppTimeout, AppUnreachable) as error:
            return f"Nothing can be stored though {self.roles.product} is up: {error}"
        return ""

    def _failed(self, sentence: str, evidence: str, started: float) -> CheckResult:
        return CheckResult(
            criterion=DATABASE_LATE, outcome=Outcome.FAILED, rationale=sentence, evidence=evidence,
            duration=time.monotonic() - started,
        )  # fmt: skip

    def _built(self) -> dict[str, str]:
        wait_until(self.images.done, within=math.inf, cancel=self.given_up)
        return self.images.result()


class BackgroundProbe:
    """The late trial in a thread of its own; it is removed while the examination goes on."""

    def __init__(self, pool: ThreadPoolExecutor, trial: LateDatabaseProbe) -> None:
        self._trial = trial
        self._result: Future[CheckResult] = Future()
        self._awaited = threading.Event()
        pool.submit(self._run)

    def _run(self) -> None:
        try:
            with self._trial.context.phase("late database"):
                result = self._trial.run()
        except BaseException as error:  # noqa: BLE001 - raised again by the one who waits
            self._result.set_exception(error)
            return
        self._result.set_result(result)
        if not self._awaited.is_set():
            self._trial.remove()

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._result.done()

    def result(self) -> CheckResult:
        """Return what it came to. Raises as the trial does."""
        self._awaited.set()
        return self._result.result()

    def give_up(self) -> None:
        """End it without a result."""
        self._trial.given_up.set()
        try:
            self.result()
        except Cancelled:
            pass  # that is what was asked for
