"""A submission with a Compose file: read, judged, built, and brought up from a file of our own."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from grader.criteria import (
    COMPOSE_COMPLETE,
    COMPOSE_FRESH_CREDENTIALS,
    COMPOSE_HEALTHY,
    COMPOSE_VALID,
    DOCKER_BUILDS,
    lost_with,
)
from grader.errors import ImageUnavailable, SubmissionRejected
from grader.exam.contract.document import plain_reads
from grader.inspect.compose.missing import missing_locations, missing_sentence
from grader.inspect.compose.project import ComposeService, Reading
from grader.inspect.dockerfile_policy import violations
from grader.inspect.dockerignore import check_ignore
from grader.inspect.locations import locations_of
from grader.inspect.structure import check_files
from grader.model import CheckResult, Outcome, SourceLocation, Submission
from grader.run.app import DeployedApp, record_start
from grader.run.build import build_image
from grader.run.compose.first_said import said_first
from grader.run.compose.operations import ProjectDatabase, ProjectOperations
from grader.run.compose.project import ComposeProject
from grader.run.compose.resolve import ComposeChoice, ComposeRoles, resolve_roles
from grader.run.compose.view import view
from grader.run.context import LinkedEvent, RunContext
from grader.run.deployment import Deployment, ServiceEndpoint
from grader.run.environment.provision import PROBES
from grader.run.environment.variables import fill
from grader.run.probes.environment import AppEnvironment
from grader.run.probes.late_database import BackgroundProbe, LateDatabaseProbe
from grader.run.probes.parallel import ParallelProbes, ProbeSlot
from grader.run.probes.sequential import SecretProbe
from grader.run.static_checks import near
from grader.sandbox.diagnosis import CERTAIN
from grader.sandbox.launch import NotReady, get
from grader.scoring import not_reached
from grader.service_catalogue import built_in
from grader.services.base import refused_users
from grader.text import LocatedSentence

PASSWORDS = ("MYSQL_PASSWORD", "MYSQL_ROOT_PASSWORD")


def bring_up(
    context: RunContext,
    submission: Submission,
    pool: ThreadPoolExecutor,
    *,
    chosen: ComposeChoice,
    late: bool,
) -> Deployment:
    """Inspect; build alongside networks, gateway and MySQL; up; and the late trial, if `late`.

    Raises `SubmissionRejected`, and as the phases do.
    """
    with context.phase("inspect"):
        injected, shown = fill(context, {})
        found = resolve_roles(context, submission, chosen, injected)
        _inspect_files(context, submission, found)
    if found is None:
        for name, need in lost_with(COMPOSE_VALID).items():
            context.recorder.record(not_reached(name, need))
        return Deployment(dockerfile=None)
    plain = {name: value for name, value in injected.items() if name not in shown}
    run = _Run(context, submission, found, pool, {**found.fresh.secrets, **shown}, plain)
    return run.bring_up(late=late)


def _inspect_files(context: RunContext, submission: Submission, found: ComposeRoles | None) -> None:
    """The criteria that need the files alone. Raises `SubmissionRejected`."""
    root, required = submission.root, context.challenge.required_files
    folder = root
    if found and found.app.build:
        folder = root / found.app.build.context
        own = check_files(folder, required)
        if own.outcome is Outcome.PASSED:
            root = folder  # all of it lies with the app
        required = tuple(
            name for name in required
            if folder == submission.root or not (folder / name).is_file()
        )  # fmt: skip
        if any(path.path != "Dockerfile" for path in found.dockerfiles.values()):
            required = tuple(name for name in required if name != "Dockerfile")
    context.recorder.record(check_files(root, required))
    context.recorder.record(check_ignore(folder))
    if found:
        broken = [line for one in found.dockerfiles.values() for line in violations(one)]
        if broken:
            raise SubmissionRejected("\n".join(broken))


@dataclass
class _Run:
    """The bring-up of one submission."""

    context: RunContext
    submission: Submission
    cast: ComposeRoles
    pool: ThreadPoolExecutor
    secrets: dict[str, str]
    environment: dict[str, str]
    """What was injected and is no secret."""

    def bring_up(self, *, late: bool) -> Deployment:
        project = ComposeProject(self.context, self.cast, self.cast.fresh)
        placing = self.pool.submit(self._provision, project)
        built: Future[dict[str, str]] = Future()
        reading = self.cast.fresh
        trial = self._start_trial(built, reading) if late else None
        images = self._build()
        if images is None:
            if trial:
                trial.give_up()
            placing.result()
            self._note_missing()
            return Deployment(dockerfile=self._dockerfile, compose=view(self.cast))
        built.set_result(images)
        placing.result()
        with self.context.phase("up"):
            project.use(images)
            project.write()
            app = project.app()
            failure = project.up(app)
            refusal = self._refusal(project, failure)
            if refusal and self._differs():
                project, app, failure, reading = self._as_submitted(project, images, app, failure)
            said = self._said_first(project, failure)
            record_start(self.context, app, said, images[self.cast.app.name], self.cast.app.user)
            self._record(reading, refusal, failure)
        if failure is None and trial and reading is not self.cast.fresh:
            trial.give_up()
            trial = self._start_trial(built, reading)
        if failure and trial:
            trial.give_up()
        if failure:
            return Deployment(
                dockerfile=self._dockerfile, compose=view(self.cast),
                essential={"the gateway": project.gateway.container},
            )  # fmt: skip
        self._note_missing()
        self._record_health(project)
        return self._standing(project, app, trial)

    # -- before it is up ------------------------------------------------------------------

    def _provision(self, project: ComposeProject) -> None:
        """Networks, gateway and, where it is not built from the submission, MySQL itself."""
        with self.context.phase("provision"):
            project.provision(database=self.cast.database.build is None)

    def _build(self) -> dict[str, str] | None:
        """The image of each service that is built; None where one does not."""
        built: dict[str, str] = {}
        with self.context.phase("build"):
            for name in self.cast.started:
                service = self.cast.project(self.cast.fresh).services[name]
                if service.build is None:
                    continue
                try:
                    image = self._build_one(service)
                except ImageUnavailable as error:
                    if not self.cast.may_be_left_out(name):
                        raise
                    self._leave_out(name, error)
                    continue
                if image is None:
                    return None
                built[name] = image
        self.cast = self.cast.with_built(built)
        return built

    def _leave_out(self, name: str, error: ImageUnavailable) -> None:
        """Note that a service is not started whose base is not to be had, and that none needs."""
        images = ", ".join(self.cast.dockerfiles[name].images)
        self.context.recorder.notes.append(
            f"The service {name!r} ({images}) is not started: nothing depends on it, and its base "
            f"image cannot be had here. {error}"
        )

    def _build_one(self, service: ComposeService) -> str | None:
        assert service.build is not None
        dockerfile = self.cast.dockerfiles.get(service.name)
        if dockerfile is None:
            where = service.build.dockerfile or f"a Dockerfile in {service.build.context!r}"
            self.context.recorder.record(
                CheckResult(
                    criterion=DOCKER_BUILDS, outcome=Outcome.FAILED,
                    rationale=f"The service {service.name!r} is built from {where}, which is not "
                    f"in your repository{near(self.submission.root, service.build.context)}.",
                )
            )  # fmt: skip
            return None
        done = build_image(
            self.context, self.submission, dockerfile, folder=service.build.context,
            name="app" if service.name == self.cast.app.name else service.name,
            args=service.build.args, target=service.build.target,
        )  # fmt: skip
        return done.image if done else None

    @property
    def _dockerfile(self) -> str | None:
        found = self.cast.dockerfiles.get(self.cast.app.name)
        return found.path if found else None

    def _said_first(self, project: ComposeProject, failure: NotReady | None) -> NotReady | None:
        if failure is None:
            return None
        return said_first(self.context, self.cast, project.files(self.cast.app.name), failure)

    def _note_missing(self) -> None:
        """Note what the repository lacks where no criterion of the exam is about that."""
        said = missing_sentence(self.cast.fresh)
        if said and COMPOSE_COMPLETE not in {one.id for one in self.context.challenge.criteria}:
            self.context.recorder.notes.append(said)

    # -- credentials ----------------------------------------------------------------------

    def _differs(self) -> bool:
        """Whether the values that were handed in are others than those of this run."""
        return self.cast.project(self.cast.fresh) != self.cast.project(self.cast.submitted)

    def _refusal(self, project: ComposeProject, failure: NotReady | None) -> str:
        """Why the run's own credentials may be what is wrong; empty where they are not.

        An app that connects at its first request starts with any password: it is asked for its
        plain pages, and MySQL says whom it has refused.
        """
        if failure:
            return "" if failure.cause in CERTAIN else failure.rationale
        for path in plain_reads(self.context.challenge.contract):
            get(project.address, path)
        names = refused_users(project.mysql.refusals())
        if not names:
            return ""
        return (
            f"MySQL refused the user {names[0]!r} with the credentials of this run: the app does "
            "not take them from the environment."
        )

    def _as_submitted(
        self,
        project: ComposeProject,
        images: dict[str, str],
        app: DeployedApp,
        failure: NotReady | None,
    ) -> tuple[ComposeProject, DeployedApp, NotReady | None, Reading]:
        """Bring it up with the values that were handed in; the first one stays if that fails."""
        second = ComposeProject(self.context, self.cast, self.cast.submitted, suffix="b")
        second.provision()
        second.use(images)
        second.write()
        again = second.app()
        worse = second.up(again)
        if worse is None or failure is not None:
            project.remove()
            return second, again, worse, self.cast.submitted
        second.remove()
        return project, app, failure, self.cast.fresh

    def _record(self, reading: Reading, refusal: str, failure: NotReady | None) -> None:
        """`compose.fresh_credentials` and `compose.complete`, once it is known how it starts."""
        if failure:
            return  # both need app.starts
        fell_back = reading is self.cast.submitted and self._differs()
        fresh = COMPOSE_FRESH_CREDENTIALS
        if literal := self._literal():
            self._lost(fresh, literal)
        elif fell_back or refusal:
            self._lost(
                fresh,
                "The app works only with the credentials as you handed them in, not with those "
                f"that were drawn for this run. {refusal}",
            )
        else:
            self.context.recorder.record(CheckResult(criterion=fresh, outcome=Outcome.PASSED))
        if missing := missing_sentence(self.cast.fresh):
            self._lost(COMPOSE_COMPLETE, missing, missing_locations(self.cast.fresh))
        else:
            self.context.recorder.record(
                CheckResult(criterion=COMPOSE_COMPLETE, outcome=Outcome.PASSED)
            )

    def _passed(self, criterion: str) -> None:
        self.context.recorder.record(CheckResult(criterion=criterion, outcome=Outcome.PASSED))

    def _literal(self) -> str:
        """A sentence where a password of MySQL stands in the file, so that none can be drawn."""
        service = self.cast.database
        drawn = set(self.cast.fresh.secrets.values())
        for name in PASSWORDS:
            written, value = service.written_environment.get(name), service.environment.get(name)
            if written and value and "$" not in written and value not in drawn:
                line = service.key_lines.get("environment", service.line)
                return LocatedSentence(
                    self.cast.fresh.path, line,
                    f"{name} of `{service.name}` is a literal, so that no other password can be "
                    "given to it: write a variable in its place.",
                )  # fmt: skip
        return ""

    def _lost(
        self, criterion: str, rationale: str, locations: tuple[SourceLocation, ...] = ()
    ) -> None:
        self.context.recorder.record(
            CheckResult(
                criterion=criterion, outcome=Outcome.FAILED, rationale=rationale,
                locations=locations or locations_of([rationale]),
            )
        )  # fmt: skip

    def _record_health(self, project: ComposeProject) -> None:
        """`compose.healthy`: every health check of the file passes."""
        failure = project.await_health()
        if not failure:
            self.context.recorder.record(
                CheckResult(criterion=COMPOSE_HEALTHY, outcome=Outcome.PASSED)
            )
        else:
            self._lost(COMPOSE_HEALTHY, failure)

    # -- alongside the examination -----------------------------------------------------------

    def _start_trial(self, images: Future[dict[str, str]], reading: Reading) -> BackgroundProbe:
        suffix = "late" if reading is self.cast.fresh else "lateb"
        return BackgroundProbe(
            self.pool,
            LateDatabaseProbe(
                self.context,
                self.cast,
                reading,
                images,
                suffix,
                given_up=LinkedEvent(self.context.cancel),
            ),
        )

    def _standing(
        self, project: ComposeProject, app: DeployedApp, trial: BackgroundProbe | None
    ) -> Deployment:
        context = self.context

        given = AppEnvironment(project.app_environment, self.secrets)

        def slot(number: int) -> ProbeSlot:
            return ProbeSlot(given=given, make=partial(project.probe, number=number))

        def finish() -> None:
            if trial:
                if not context.keep and not trial.over:
                    project.remove()  # while the trial goes on
                context.recorder.record(trial.result())

        server = project.mysql
        return Deployment(
            dockerfile=self._dockerfile,
            app=app,
            services=(
                ServiceEndpoint(
                    manifest=built_in()["mysql"],
                    server=server,
                    address=project.mysql_address,
                    own=True,
                    control=ProjectDatabase(project),
                ),
            ),
            probe=SecretProbe(
                context,
                given,
                project.probe,
                (server,),
                parallel=ParallelProbes(
                    context, [partial(slot, number) for number in range(PROBES)]
                ),
                shared=True,  # the server is the student's, with accounts of its own
            ),
            secrets=self.secrets,
            environment=self.environment,
            compose=view(self.cast),
            compose_operations=ProjectOperations(project, app),
            essential={"the gateway": project.gateway.container},
            finish=finish,
        )
