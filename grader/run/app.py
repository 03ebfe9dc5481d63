"""The app: started in its container, watched until it answers, and its user looked at."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import replace

from grader.criteria import APP_STARTS, DOCKER_NON_ROOT
from grader.errors import PlatformError
from grader.exam.faults import Mismatch
from grader.exam.leaks import Leak, Leaks
from grader.exam.operations import RequestLog, TerminatedApp
from grader.model import CheckResult, Outcome
from grader.run.build import runs_as_root
from grader.run.context import RunContext
from grader.run.own_processes import own_processes
from grader.run.stand_ins import with_differences
from grader.sandbox import images
from grader.sandbox.causes import from_log
from grader.sandbox.container import CannotStart, Startable
from grader.sandbox.cpu_share import is_starved
from grader.sandbox.diagnosis import AppSettings, cannot_start
from grader.sandbox.launch import POLL, NotReady, SeenAnswers, await_ready, explain, is_ready
from grader.sandbox.sockets import Listener, listening
from grader.sandbox.tracebacks import last_raised, log_tail
from grader.text import clean, clip, last_lines
from grader.waiting import wait_until

log = logging.getLogger(__name__)

SETTLE_SECONDS = 1.0
"""How long an app that broke a connection has to answer again before it is started again."""
WHOLE_LOG = 200_000
"""Lines; the engine keeps fewer, as logs are bounded in bytes."""
LOG_CHARACTERS = 1_000_000
"""How much of its log a suite is given: more would fit into no message to its process."""
TAIL_LINES = 40
"""How many of its log's last lines a report shows."""
REQUEST_LINES = 25
"""How many of them are shown of one request that it failed over."""
FOLDERS = frozenset({"app", "etc", "home", "opt", "root", "run", "srv", "tmp", "usr", "var"})
LONGEST_END = 60.0
"""Seconds that a suite may give an app to end."""
OWED_SECONDS = 1.0
"""What an answer gets at a time while the machine is overloaded; then that is looked at again."""
OWED_STARTS = 2
"""How often an app gets its time to start once more while the machine is overloaded."""
REVIVALS = 5
"""How often an app that crashed or hangs under a test is started again for the next one."""


class DeployedApp:
    """The running app, and what a suite may do to it."""

    def __init__(
        self,
        context: RunContext,
        container: Startable,
        address: tuple[str, int],
        *,
        surroundings: AppSettings,
    ) -> None:
        """`address` is where on this machine the gateway leads to it."""
        self._context = context
        self.container = container
        self.address = address
        self.secure: tuple[str, int] | None = None
        """Where it leads to its TLS; None where the exam asks for none."""
        self._surroundings = surroundings
        self._revivals = 0

    def start(self, *, within: float | None = None) -> NotReady | None:
        """Start it and wait for its first good answer; the reason where none comes in time."""
        self._context.watch_disk()
        try:
            self.container.start()
        except CannotStart as error:
            return NotReady(
                rationale=cannot_start(str(error), self._surroundings),
                evidence=str(error),
                cause="command",
            )
        return self.ready(within=within)

    def ready(self, *, within: float | None = None) -> NotReady | None:
        """Wait until it answers as the challenge says; the reason where it does not.

        `within` takes the place of the challenge's seconds.
        """
        readiness = self._context.challenge.app.ready
        readiness = replace(readiness, within=within or readiness.within)
        seen = SeenAnswers()

        def wait() -> NotReady | None:
            return await_ready(
                self.container, self.address, readiness, self._surroundings,
                cancel=self._context.cancel, listening=self._listening, seen=seen,
            )  # fmt: skip

        failure, longer = wait(), 0
        while failure and longer < OWED_STARTS and self.container.state().running and self.owed():
            failure, longer = wait(), longer + 1
        if failure is None:
            self.container.state()  # notes the address that it has now
        if failure and (reason := self._context.resources.stopped(self.container.id)):
            return NotReady(rationale=reason, evidence=failure.evidence, cause="disk")
        return failure

    def explain(self) -> NotReady:
        """Return why it does not answer, as it is now."""
        return explain(
            self.container, self.address, self._context.challenge.app.ready, self._surroundings,
            listening=self._listening,
        )  # fmt: skip

    def _listening(self, container: str) -> tuple[Listener, ...]:
        engine, labels = self._context.resources.engine, self._context.resources.labels
        tools = images.tools_image(engine, settings=self._context.settings)
        before = self.container.state()
        try:
            return listening(engine, tools, container, labels)
        except PlatformError:
            now = self.container.state()
            gone = before.waiting or not now.running or now.waiting
            if gone or now.restarts > before.restarts:
                return ()  # it ended between the two looks; there is no namespace to look into
            raise

    # -- what a suite may ask for ----------------------------------------------------------

    def restart(self) -> None:
        """Restart the container; raises `Mismatch` where the app does not come back."""
        self._again(self.container.restart, "restarted")

    def recreate(self) -> None:
        """Replace the container by a new one; raises `Mismatch` where it does not come back."""
        self._again(self.container.recreate, "made again")

    def recreate_with(self, change: str) -> None:
        """Do the same; `change` says what is different about it, where it does not come back."""
        self._again(self.container.recreate, f"made again with {change}")

    def kill(self) -> None:
        """Kill the container and start it; raises `Mismatch` where it does not come back."""
        self._again(self.container.kill, "killed and started")

    def terminate(self, *, within: float) -> TerminatedApp:
        """Tell the container to end, look how it does, and start it again.

        Raises `Mismatch` where the app does not come back.
        """
        ended = self.container.terminate(min(within, LONGEST_END))
        self._again(self.container.kill, "stopped and started")
        return TerminatedApp(exit_code=ended.exit_code, seconds=ended.seconds, killed=ended.killed)

    def revive(self, *, hung: bool) -> None:
        """Start an app that has crashed, or kill and start one that hangs; a few times at most.

        One that was stopped for what it wrote begins with an empty disk: it would be stopped again.
        """
        if self._revivals >= REVIVALS or (not hung and self._lives()):
            return
        self._revivals += 1
        if self._context.resources.stopped(self.container.id):
            self.recreate()
        else:
            self.kill()

    def _lives(self) -> bool:
        """Return whether it still answers, asked until it does or the engine has seen it end.

        An app that has just crashed counts as running for some milliseconds more.
        """
        readiness = self._context.challenge.app.ready
        answers = False

        def is_settled() -> bool:
            nonlocal answers
            if not self.container.state().running:
                return True
            answers = is_ready(self.address, readiness)
            return answers

        wait_until(is_settled, within=SETTLE_SECONDS, poll=POLL)
        return answers

    def owed(self) -> float:
        """Return the seconds that an answer may come later; 0 where the app has its processors."""
        cpus, cancel = self._context.challenge.limits.cpus, self._context.cancel
        if not (pid := self.container.state().pid):
            return 0.0
        own = own_processes(self._context.resources, self.container.id)
        if not is_starved(pid, cpus, cancel, own):
            return 0.0
        log.info("the machine is overloaded: the app gets %.1f s more for an answer", OWED_SECONDS)
        return OWED_SECONDS

    def commands(self) -> list[str]:
        """Return the command lines of the processes in its container."""
        return list(self.container.commands())

    def logs(self) -> str:
        """Return the last lines that it printed."""
        return self.container.logs()[-LOG_CHARACTERS:]

    def printed(self, since: float, until: float) -> RequestLog:
        """Return the last lines of what it printed from `since` to `until` (seconds since 1970).

        Up to then it may print what it raised, and the engine keep that: both are waited for.
        """
        logs, raised = "", None

        def is_told() -> bool:
            nonlocal logs, raised
            logs = self.container.logs_between(since, until)
            raised = last_raised(logs)
            return raised is not None

        try:
            wait_until(is_told, within=max(until - time.time(), 0.0), poll=POLL)
        except PlatformError as error:  # it is shown alongside a loss, and decides nothing
            log.debug("no log of a request: %s", error)
        frame = raised.own_frame if raised else None
        at = f" ({frame.file}, line {frame.line})" if frame else ""
        return RequestLog(
            lines=log_tail(logs, REQUEST_LINES),
            raised=f"{clip(raised.text, 300)}{at}{self._meaning(logs)}" if raised else "",
        )

    def _meaning(self, logs: str) -> str:
        """Return what the known cause that `logs` show means, after a full stop.

        Empty where none.
        """
        sentence = from_log(logs, self._surroundings)[1]
        return f". {sentence}" if sentence else ""

    def keep_tail(self) -> None:
        """Keep the log's last lines for the report, if they are not kept already.

        Called before the app meets the first hidden criterion: whatever it prints later may tell of
        that, at whichever time and in whichever form.
        """
        context = self._context
        if not context.recorder.log.kept:
            context.recorder.log.text, context.recorder.log.kept = (
                last_lines(self.logs(), TAIL_LINES),
                True,
            )

    def leaks(self) -> list[Leak]:
        """Return the run's secrets in its log and files.

        A file's own name is left out once hidden criteria are examined: it could tell of them.
        """
        leaks = Leaks(self._context.redactor.secrets)
        raw = self.container.raw_logs(WHOLE_LOG)
        for seen in (raw, clean(raw.decode("utf-8", "replace")).encode()):
            leaks.look(seen, "the app's log")  # an escape may stand around a secret, or within it
        for path, content in self.container.written_files():
            named = (
                f"a file in {_folder(path)}"
                if self._context.recorder.log.kept
                else f"the file {path}"
            )
            leaks.look(content, named)
        return leaks.found

    def _again(self, start: Callable[[], None], what: str) -> None:
        try:
            start()
        except CannotStart as error:
            why = cannot_start(str(error), self._surroundings)
        else:
            failure = self.ready()
            if failure is None:
                return
            why = failure.rationale
        msg = f"After the container was {what}, the app did not come back. {why}"
        raise Mismatch(msg)


def _folder(path: str) -> str:
    """Return the outermost folder of `path`, where that is one of those that every image has."""
    first = path.strip("/").partition("/")[0]
    return f"/{first}" if first in FOLDERS else "its container"


def launch(context: RunContext, app: DeployedApp, image: str, bases: Collection[str] = ()) -> bool:
    """Start the app and record `app.starts` and `docker.non_root`; whether it started.

    `bases` are the images that it builds on, as its Dockerfile names them. Raises
    `ImageUnavailable` where it fails since another version stands in for one of them.
    """
    failure = app.start()
    if failure:
        said = with_differences(context, bases, failure.rationale, failure.evidence)
        failure = replace(failure, rationale=said)
    record_start(context, app, failure, image)
    return failure is None


def record_start(
    context: RunContext, app: DeployedApp, failure: NotReady | None, image: str, user: str = ""
) -> None:
    """Record what came of a start: `app.starts`, `docker.non_root`, and the log's last lines.

    `user`: the one that the Compose file names for the app, if any.
    """
    if failure is None:
        context.recorder.record(CheckResult(criterion=APP_STARTS, outcome=Outcome.PASSED))
    else:
        context.recorder.record(
            CheckResult(
                criterion=APP_STARTS,
                outcome=Outcome.FAILED,
                rationale=failure.rationale,
                evidence=failure.evidence,
                hinted=False,  # the sentence says what to do about the cause that was found
            )
        )
        context.recorder.log.text = last_lines(app.logs()) if app.container.id else ""
    _record_user(context, app, image, user)


def _record_user(context: RunContext, app: DeployedApp, image: str, user: str) -> None:
    users = app.container.user_ids() if app.container.id else set()
    as_root = 0 in users if users else runs_as_root(context, image)
    asked = user.partition(":")[0] in {"0", "root"}
    if not as_root:
        context.recorder.record(CheckResult(criterion=DOCKER_NON_ROOT, outcome=Outcome.PASSED))
        return
    context.recorder.record(
        CheckResult(
            criterion=DOCKER_NON_ROOT,
            outcome=Outcome.FAILED,
            rationale=(
                f"Its processes run as root (user id 0), as the Compose file has user: {user!r} "
                "for it. Leave `user` out, or name one that may do less."
                if asked
                else "Its processes run as root (user id 0). Make a user in the Dockerfile and "
                "switch to it with USER."
            ),
        )
    )
