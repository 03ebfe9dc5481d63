"""grade(): the one module that knows every phase of a run, and what overlaps with what.

The phases' modules are imported when they begin: the engine is at work meanwhile.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from grader.criteria import DATABASE_LATE, DOCKER_BUILDS, SECRETS_NO_FALLBACK, lost_with
from grader.deadline.ending import time_left
from grader.errors import Cancelled, GraderError, PlatformError, SubmissionRejected
from grader.events import Concluded, Listener, RunFinished, RunStarted, ignore
from grader.exam.children import Spawned
from grader.exam.runner import ExamProcess
from grader.model import Challenge, Graded, GradeReport, Outcome, Submission
from grader.run.context import LinkedEvent, RunContext, new_run_id
from grader.run.deployment import Deployment, lose_rest, spent
from grader.run.limits import limit_of, limit_of_run
from grader.run.service_operations import note_contents
from grader.run.suite import describe, examine, operations, suite_of
from grader.run.verdict import VerdictBuilder, unforeseen
from grader.run.workspace import sweep, workspace
from grader.sandbox.reaper import reap, remove_run
from grader.scoring import not_reached, selected
from grader.settings import Settings
from grader.submission import reads_history, shown, take
from grader.supervision import Abandoned, Overdue, supervised

if TYPE_CHECKING:
    from grader.run.environment.pool import EnvironmentPool

log = logging.getLogger(__name__)

LEFT = "Some containers could not be removed; the next run or `grader clean` does it."


@dataclass(frozen=True, kw_only=True)
class Options:
    """How one run differs from another."""

    seed: int | None = None
    """None: a new one is drawn."""
    only: tuple[str, ...] = ()
    """Criteria to examine; those that they need are examined too. Empty: all."""
    order: tuple[tuple[str, ...], ...] = ()
    """Groups of criteria to examine one after the other, as far as what they need allows."""
    keep: bool = False
    """Leave containers and networks for a look; `grader clean` removes them."""
    use_cache: bool = True
    compose: str | None = None
    """The Compose file to take, relative to the submission; None: the usual one."""
    service: str | None = None
    """The service of it that is the app; None: found out."""
    roles: tuple[tuple[str, str], ...] = ()
    """Services of it that play roles of the exam, each after the role's name."""
    ref: str = ""
    """The branch, tag or commit of a git repository that is named by its address."""
    needs_database: bool = True
    """Whether a Compose file has to have a MySQL; without an exam it is started as it is."""


def grade(
    challenge: Challenge,
    source: str | Path,
    settings: Settings,
    *,
    options: Options = Options(),
    listener: Listener = ignore,
    cancel: threading.Event | None = None,
    environments: EnvironmentPool | None = None,
) -> GradeReport:
    """Grade the submission `source`: a folder, an archive or the address of a git repository.

    `environments` is what many runs share.

    A fault of the student's is in the report, as is a failure of the platform (`Ungradable`).
    Raises `SourceError` where `source` is no submission, `SpecError` where the suite is broken,
    `Cancelled` once `cancel` is set; whatever was made is removed in each case.
    """
    run, started = new_run_id(), datetime.now(UTC)
    with workspace(settings.state, run) as folder:
        context = RunContext.begin(
            run=run,
            challenge=challenge,
            settings=settings,
            folder=folder,
            seed=secrets.randbelow(2**32) if options.seed is None else options.seed,
            listener=listener,
            cancel=LinkedEvent(cancel or threading.Event()),
            use_cache=options.use_cache,
            keep=options.keep,
            pool=environments,
        )
        origin = shown(source, options.ref)
        listener(RunStarted(run=run, challenge=challenge, origin=origin, seed=context.seed))
        try:
            report = _Run(context, options, started).report(source)
        finally:
            context.resources.close()
    listener(RunFinished(report=report))
    return report


class _Run:
    """One run, from source to report."""

    def __init__(self, context: RunContext, options: Options, started: datetime) -> None:
        self._context = context
        self._options = options
        self._started = started
        self._submission: Submission | None = None
        self._port = 0
        self._left = False
        """Whether something of the run may still be there once it is over."""
        self._only = selected(context.challenge, options.only)
        self._order = [selected(context.challenge, group) for group in options.order if group]

    def report(self, source: str | Path) -> GradeReport:
        """Return the result; the listener is told of it before the run's things are removed."""
        context, sound = self._context, False
        try:
            with self._everything_removed():
                report = self._verdict(source)
                sound = isinstance(report, Graded) and not context.resources.overwrote
                context.recorder.listener(Concluded(report=report))
        except Cancelled as error:
            # where nothing of it goes on, the server is looked at and may be used again
            sound = not context.resources.overwrote and not isinstance(error, Abandoned)
            raise
        finally:
            context.resources.give_back(sound=sound and not self._left)
        return replace(report, provenance=self._ending(source).provenance())

    def _verdict(self, source: str | Path) -> GradeReport:
        context, reason = self._context, ""
        try:
            self._supervise(source)
        except SubmissionRejected as error:
            return self._ending(source).rejected(str(error))
        except PlatformError as error:
            log.debug("the platform failed", exc_info=True)
            reason = str(error)
        except GraderError:
            raise
        except Exception as error:
            log.debug("the grader failed", exc_info=True)
            reason = unforeseen(error, context.folder)
        return self._ending(source).verdict(reason)

    def _ending(self, source: str | Path) -> VerdictBuilder:
        return VerdictBuilder(
            context=self._context,
            origin=shown(source, self._options.ref),
            submission=self._submission,
            started=self._started,
            only=self._only,
            port=self._port,
        )

    def _supervise(self, source: str | Path) -> None:
        """Run the phases; at Ctrl-C they see the cancellation and come to an end.

        Only then is there nothing more to be made. Raises `Overdue` where one does not end, whose
        programs are ended then; what it has made is removed with the rest.
        """
        context = self._context
        limit = limit_of_run(context.challenge.limits, context.settings.phase_seconds)
        try:
            supervised(
                lambda: self._phases(source), supervisor=context.supervisor, limit=limit,
                cancel=context.cancel, interrupted=context.cancel.set,
            )  # fmt: skip
        except (Overdue, Cancelled, KeyboardInterrupt):
            context.cancel.set()
            context.resources.end_programs()
            raise

    # -- the phases ------------------------------------------------------------------------

    def _phases(self, source: str | Path) -> None:
        """Intake; all that brings the app up, alongside the suite's process; the examination."""
        context = self._context
        with ExitStack() as stack:
            start = context.resources.pool.start if context.resources.pool else Spawned
            process = ExamProcess(start, context.folder)
            stack.callback(process.close)
            context.resources.closing.append(process.close)
            process.collect(suite_of(context.challenge))
            with context.phase("intake"):
                self._submission = self._take(source)
                context.recorder.notes.extend(self._submission.notes)
            pool = stack.enter_context(self._pool())
            scanning = pool.submit(self._scan, self._submission)
            deployment = self._bring_up(self._submission, pool)
            self._port = deployment.port
            if deployment.probe:
                stack.callback(deployment.probe.close)
            self._examine(process, self._submission, deployment)
            scanning.result()

    def _take(self, source: str | Path) -> Submission:
        context = self._context
        return take(
            source,
            context.folder,
            ref=self._options.ref,
            allow_file=context.settings.git_file,
            history=reads_history(context.challenge),
            mode=context.challenge.mode,
            cancel=context.cancel,
        )

    @contextmanager
    def _pool(self) -> Iterator[ThreadPoolExecutor]:
        """Threads that are told to give up where the main one fails."""
        pool = ThreadPoolExecutor(max_workers=6, thread_name_prefix="phase")
        try:
            yield pool
        except BaseException:
            self._context.cancel.set()
            raise
        finally:
            pool.shutdown(wait=True)

    def _scan(self, submission: Submission) -> None:
        from grader.run.secret_scan import scan_submission

        scan_submission(self._context, submission)

    def _bring_up(self, submission: Submission, pool: ThreadPoolExecutor) -> Deployment:
        context, options = self._context, self._options
        if context.challenge.mode == "compose":
            from grader.run.compose import deploy
            from grader.run.compose.project_roles import ComposeChoice

            chosen = ComposeChoice(
                file=options.compose, service=options.service,
                needs_database=options.needs_database, roles=dict(options.roles),
            )  # fmt: skip
            late = DATABASE_LATE in self._only
            return deploy.bring_up(context, submission, pool, chosen=chosen, late=late)
        if context.challenge.mode == "command":
            from grader.run import command

            return command.bring_up(context, submission, pool)
        from grader.run import dockerfile

        return dockerfile.bring_up(context, submission, pool)

    def _examine(
        self, process: ExamProcess, submission: Submission, deployment: Deployment
    ) -> None:
        context, app = self._context, deployment.app
        with context.phase("examine"):
            self._block()
            exam = describe(context, submission, deployment, self._only, self._order)
            if app and deployment.probe and SECRETS_NO_FALLBACK in exam.criteria.only:
                deployment.probe.begin(sorted(deployment.injected.secrets))
            if exam.criteria.only:
                try:
                    examine(context, process, exam, operations(context, submission, deployment))
                except PlatformError:
                    if not (said := spent(context, deployment)):
                        raise
                    lose_rest(context, exam.criteria.only, said)
                note_contents(context, deployment)
            context.recorder.spent = context.recorder.spent or spent(context, deployment)
            if app:
                app.keep_tail()
        deployment.finish()
        context.end_watch()

    def _block(self) -> None:
        """Record as not reached what rests on an image that does not build."""
        results = self._context.recorder.results
        built = results.get(DOCKER_BUILDS)
        if built and built.outcome is not Outcome.PASSED:
            for name, need in lost_with(DOCKER_BUILDS).items():
                self._context.recorder.record(not_reached(name, need))

    # -- the end ---------------------------------------------------------------------------

    @contextmanager
    def _everything_removed(self) -> Iterator[None]:
        """Sweep up after killed runs meanwhile, and at the end after this one."""
        context = self._context
        sweeper = threading.Thread(target=self._sweep, daemon=True, name="sweeper")
        sweeper.start()
        try:
            yield
        except KeyboardInterrupt:
            context.cancel.set()
            msg = "Stopped by Ctrl-C; everything that the run had made is removed."
            raise Cancelled(msg) from None
        finally:
            context.end_watch()
            if self._options.keep:
                self._left = True
            else:
                self._tear_down()
            sweeper.join(timeout=time_left(context.settings.phase_seconds or 5))

    def _sweep(self) -> None:
        try:
            sweep(self._context.settings.state)
            reap(self._context.resources.engine)
        except GraderError as error:
            log.debug("could not sweep: %s", error)

    def _tear_down(self) -> None:
        context = self._context
        limit = limit_of("teardown", context.challenge.limits, context.settings.phase_seconds)
        with context.phase("teardown"):
            try:
                supervised(self._remove, limit=limit, name="teardown")
            except Overdue as error:
                log.debug("%s", error)
                self._note_left()

    def _remove(self) -> None:
        if not self._context.resources.engine_version:
            return  # no engine was reached, so nothing was made
        try:
            left = remove_run(self._context.resources.engine, self._context.run).left
        except PlatformError as error:
            log.debug("could not tear down: %s", error)
            left = 1
        if left:
            self._note_left()

    def _note_left(self) -> None:
        self._left = True
        self._context.recorder.notes.append(LEFT)
