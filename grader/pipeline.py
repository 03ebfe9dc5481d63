"""grade(): the one module that knows every phase of a run, and what overlaps with what."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from grader.errors import Cancelled, GraderError, PlatformError, SpecError, SubmissionRejected
from grader.events import Listener, RunFinished, RunStarted, ignore
from grader.exam.runner import ExamProcess
from grader.inspect.dockerfile import Dockerfile
from grader.model import (
    Challenge,
    CheckResult,
    GradeReport,
    Outcome,
    Submission,
)
from grader.phases.building import build_image
from grader.phases.conclusion import Ending, unforeseen
from grader.phases.context import Context, new_run_id
from grader.phases.examining import calls, describe, examine
from grader.phases.inspection import inspect
from grader.phases.launching import App, launch
from grader.phases.place import Place, environment, provision
from grader.phases.workspace import sweep, workspace
from grader.sandbox.build import Built
from grader.sandbox.reaper import reap, remove_run
from grader.services.mysql import PORT as MYSQL_PORT
from grader.settings import Settings
from grader.submission import take_directory

log = logging.getLogger("grader.pipeline")


@dataclass(frozen=True, kw_only=True)
class Options:
    """How one run differs from another."""

    seed: int | None = None
    """None: a new one is drawn."""
    only: tuple[str, ...] = ()
    """Criteria to examine; those that they need are examined too. Empty: all."""
    keep: bool = False
    """Leave containers and networks for a look; `grader clean` removes them."""
    use_cache: bool = True


def grade(
    challenge: Challenge,
    source: Path,
    settings: Settings,
    *,
    options: Options = Options(),
    listener: Listener = ignore,
    cancel: threading.Event | None = None,
) -> GradeReport:
    """Grade the submission in the folder `source`.

    A fault of the student's is in the report, as is a failure of the platform (`Ungradable`).
    Raises `SourceError` where `source` is no submission, `SpecError` where the suite is broken,
    `Cancelled` once `cancel` is set; whatever was made is removed in each case.
    """
    run, started = new_run_id(), datetime.now(UTC)
    with workspace(settings.state, run) as folder:
        context = Context(
            run=run,
            challenge=challenge,
            settings=settings,
            folder=folder,
            seed=secrets.randbelow(2**32) if options.seed is None else options.seed,
            listener=listener,
            cancel=cancel or threading.Event(),
            use_cache=options.use_cache,
        )
        listener(RunStarted(run=run, challenge=challenge, origin=str(source), seed=context.seed))
        report = _Run(context, options, started).report(source)
    listener(RunFinished(report=report))
    return report


class _Run:
    """One run, from source to report."""

    def __init__(self, context: Context, options: Options, started: datetime) -> None:
        self._context = context
        self._options = options
        self._started = started
        self._submission: Submission | None = None
        self._only = closure(context.challenge, options.only)

    def report(self, source: Path) -> GradeReport:
        context, reason = self._context, ""
        try:
            with self._everything_removed():
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

    def _ending(self, source: Path) -> Ending:
        return Ending(
            context=self._context,
            origin=str(source),
            submission=self._submission,
            started=self._started,
            only=self._only,
        )

    def _supervise(self, source: Path) -> None:
        """Run the phases in a thread of their own, so that Ctrl-C hits no half-done step.

        A signal raises in the main thread wherever that is; here it only waits. The phases see
        the cancellation, come to an end, and only then is there nothing more to be made.
        """
        raised: list[BaseException] = []
        done = threading.Event()  # an interrupted join may take a thread for ended: bpo-45274

        def work() -> None:
            try:
                self._phases(source)
            except BaseException as error:  # noqa: BLE001 - raised again by the one who waits
                raised.append(error)
            finally:
                done.set()

        worker = threading.Thread(target=work, name="run")
        try:
            worker.start()
            done.wait()
        except BaseException:
            self._context.cancel.set()
            if worker.ident is not None:
                done.wait()
            raise
        if raised:
            raise raised[0]

    # -- the phases ------------------------------------------------------------------------

    def _phases(self, source: Path) -> None:
        """Intake and inspection; place, image and suite's process side by side; the rest."""
        context = self._context
        with ExitStack() as stack:
            process = ExamProcess()
            stack.callback(process.close)
            with context.phase("intake"):
                self._submission = take_directory(source, context.folder / "submission")
                context.notes.extend(self._submission.notes)
            with context.phase("inspect"):
                dockerfile = inspect(context, self._submission)
            image: Built | None = None
            place: Future[Place] | None = None
            app: App | None = None
            if dockerfile:
                pool = stack.enter_context(self._pool())
                place = pool.submit(self._provision)
                image = self._build(dockerfile)
            secrets_shown: dict[str, str] = {}
            if image and place:
                env, secrets_shown = environment(context, place.result())
                app = self._launch(place.result(), image, env)
            ready = place.result() if place and app else None
            self._examine(process, dockerfile, app, ready, secrets_shown)

    @contextmanager
    def _pool(self) -> Iterator[ThreadPoolExecutor]:
        """Threads that are told to give up where the main one fails."""
        pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="phase")
        try:
            yield pool
        except BaseException:
            self._context.cancel.set()
            raise
        finally:
            pool.shutdown(wait=True)

    def _provision(self) -> Place:
        with self._context.phase("provision"):
            return provision(self._context)

    def _build(self, dockerfile: Dockerfile) -> Built | None:
        assert self._submission is not None
        with self._context.phase("build"):
            return build_image(self._context, self._submission, dockerfile)

    def _launch(self, place: Place, image: Built, env: dict[str, str]) -> App | None:
        with self._context.phase("launch"):
            app = App(self._context, place, image.image, env)
            return app if launch(self._context, app, image.image) else None

    def _examine(
        self,
        process: ExamProcess,
        dockerfile: Dockerfile | None,
        app: App | None,
        place: Place | None,
        secrets_shown: dict[str, str],
    ) -> None:
        context, submission = self._context, self._submission
        assert submission is not None
        mysql = (place.mysql, place.address(MYSQL_PORT)) if place and place.mysql else None
        with context.phase("examine"):
            self._block()
            exam = describe(
                context,
                submission,
                dockerfile=dockerfile.path if dockerfile else None,
                only=self._only,
                secrets=secrets_shown,
                app=app,
                mysql=mysql,
            )
            examine(context, process, exam, calls(context, submission, app, place))
            if app and place:
                self._require_place(place)
                context.log_tail = "\n".join(app.logs().splitlines()[-40:])

    def _block(self) -> None:
        """What rests on an image that does not build was not reached."""
        results = self._context.results
        built = results.get("docker.builds")
        if built and built.outcome is not Outcome.PASSED:
            for name in ("app.starts", "docker.non_root"):
                self._context.record(not_reached(name, "docker.builds"))

    def _require_place(self, place: Place) -> None:
        """Services that died under the suite make its results worthless, whoever is to blame."""
        api = self._context.engine.client.api
        names = {"the gateway": place.gateway.container}
        if place.mysql:
            names["MySQL"] = place.mysql.id
        from grader.sandbox.engine import translated

        for what, container in names.items():
            with translated():
                running = api.inspect_container(container)["State"]["Running"]
            if not running:
                msg = f"{what} ended during the examination, so its results say nothing; retry."
                raise PlatformError(msg)

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
            if not self._options.keep:
                with context.phase("teardown"):
                    self._remove()
            sweeper.join(timeout=5)

    def _sweep(self) -> None:
        try:
            sweep(self._context.settings.state)
            reap(self._context.engine)
        except GraderError as error:
            log.debug("could not sweep: %s", error)

    def _remove(self) -> None:
        if not self._context.engine_version:
            return  # no engine was reached, so nothing was made
        try:
            remove_run(self._context.engine, self._context.run)
        except PlatformError as error:
            log.debug("could not tear down: %s", error)
            self._context.notes.append(
                "Some containers could not be removed; the next run or `grader clean` does it."
            )


def closure(challenge: Challenge, only: tuple[str, ...]) -> frozenset[str]:
    """The ids of `only` with all that they need; every criterion's where `only` is empty.

    Raises `SpecError` for an id that the challenge does not have.
    """
    known = {criterion.id: criterion for criterion in challenge.criteria}
    if unknown := [name for name in only if name not in known]:
        problems = [f"it has no criterion {name!r}" for name in unknown]
        where = f"The challenge {challenge.slug}"
        raise SpecError(where, problems)
    wanted, waiting = set(only), list(only)
    while waiting:
        for need in known[waiting.pop()].needs:
            if need in known and need not in wanted:
                wanted.add(need)
                waiting.append(need)
    return frozenset(wanted or known)


def not_reached(criterion: str, need: str) -> CheckResult:
    """The result of a criterion whose need did not hold."""
    return CheckResult(
        criterion=criterion,
        outcome=Outcome.NOT_REACHED,
        rationale=f"It needs {need}, which did not hold.",
    )
