"""A submission with a Compose file: read, judged, built, and brought up from a file of our own."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from grader.criteria import (
    COMPOSE_COMPLETE,
    COMPOSE_HEALTHY,
    COMPOSE_VALID,
    DOCKER_BUILDS,
    lost_with,
)
from grader.errors import ImageUnavailable, SubmissionRejected
from grader.exam.compose_view import ComposeView
from grader.exam.protocol import InjectedValues
from grader.inspect.compose.missing import missing_sentence
from grader.inspect.compose.project import ComposeService, Reading
from grader.inspect.dockerfile_policy import not_allowed, violations
from grader.inspect.dockerignore import check_ignore
from grader.inspect.structure import check_files
from grader.model import CheckResult, Outcome, Submission
from grader.run.app import DeployedApp, record_start
from grader.run.build import build_image
from grader.run.compose import credentials
from grader.run.compose.bring_up import as_submitted, started
from grader.run.compose.credentials import record_lost
from grader.run.compose.endpoints import service_endpoints
from grader.run.compose.first_said import said_first
from grader.run.compose.left_out import left_out_faults
from grader.run.compose.operations import ProjectOperations
from grader.run.compose.project import ComposeProject
from grader.run.compose.project_roles import ComposeChoice, ComposeRoles
from grader.run.compose.resolve import resolve_roles
from grader.run.compose.services import ProjectServices
from grader.run.compose.stand_ins import StandIns
from grader.run.compose.view import view
from grader.run.context import LinkedEvent, RunContext
from grader.run.deployment import Deployment, DeploymentOperations
from grader.run.environment.layout import PROBES
from grader.run.environment.variables import fill
from grader.run.probes.environment import AppEnvironment
from grader.run.probes.late_database import BackgroundProbe, LateDatabaseProbe
from grader.run.probes.parallel import ParallelProbes, ProbeSlot
from grader.run.probes.sequential import SecretProbe
from grader.run.static_checks import near
from grader.sandbox.launch import NotReady
from grader.scoring import not_reached
from grader.spec.starting import is_plain


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
        stand_ins = StandIns.draw(context.challenge.services)
        injected, shown = fill(context, stand_ins.values, stand_ins.hidden)
        found = resolve_roles(context, submission, chosen, injected, stand_ins)
        _inspect_files(context, submission, found)
    if found is None:
        for name, need in lost_with(COMPOSE_VALID).items():
            context.recorder.record(not_reached(name, need))
        return Deployment(dockerfile=None)
    plain = {name: value for name, value in injected.items() if name not in shown}
    run = _Run(context, submission, found, pool, {**found.fresh.secrets, **shown}, plain)
    try:
        return run.bring_up(late=late)
    except ImageUnavailable:
        run.note_missing(reached=False)
        raise


def _inspect_files(context: RunContext, submission: Submission, found: ComposeRoles | None) -> None:
    """Record the criteria that need the files alone. Raises `SubmissionRejected`."""
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
    roles: ComposeRoles
    pool: ThreadPoolExecutor
    secrets: dict[str, str]
    environment: dict[str, str]
    """What was injected and is no secret."""

    def bring_up(self, *, late: bool) -> Deployment:
        project = ComposeProject(self.context, self.roles, self.roles.fresh)
        provisioning = self.pool.submit(self._provision, project)
        built: Future[dict[str, str]] = Future()
        trial = self._start_trial(built, self.roles.fresh) if late else None
        images = self._build()
        if images is None:
            if trial:
                trial.give_up()
            provisioning.result()
            self.note_missing(reached=False)
            return Deployment(dockerfile=self._dockerfile, compose=self._view, port=self.roles.port)
        built.set_result(images)
        provisioning.result()
        with self.context.phase("up"):
            found = started(project, images, self.roles.fresh)
            refusal = credentials.refusal(self.context, project, found.failure)
            if refusal and credentials.differ(self.roles):
                found, refusal = as_submitted(self.context, self.roles, found, images, refusal)
            project, app, failure, reading = found
            said = self._said_first(project, failure)
            record_start(
                self.context, app, said, images[self.roles.app.name], self.roles.app.process.user
            )
            credentials.record(self.context, self.roles, reading, refusal, failure)
        if failure is None and trial and reading is not self.roles.fresh:
            trial.give_up()
            trial = self._start_trial(built, reading)
        if failure and trial:
            trial.give_up()
        if failure:
            return Deployment(
                dockerfile=self._dockerfile, compose=self._view, port=self.roles.port,
                essential=project.environment.essential,
            )  # fmt: skip
        self.note_missing()
        self._record_health(project)
        return self._deployed(project, app, trial)

    # -- before it is up ------------------------------------------------------------------

    def _provision(self, project: ComposeProject) -> None:
        """Networks, gateway and, where it is not built from the submission, MySQL itself."""
        with self.context.phase("provision"):
            database = self.roles.database
            project.provision(database=database is not None and database.build is None)

    def _build(self) -> dict[str, str] | None:
        """Return the image of each service that is built; None where one does not."""
        built: dict[str, str] = {}
        with self.context.phase("build"):
            # the app comes last: its success is recorded, and a failure elsewhere would be lost
            for name in sorted(self.roles.started, key=lambda name: name == self.roles.app.name):
                service = self.roles.project(self.roles.fresh).services[name]
                if service.build is None:
                    continue
                if self._passed_by(name):
                    self._leave_out(name, "its base image is none that exams usually allow.")
                    continue
                try:
                    image = self._build_one(service)
                except ImageUnavailable as error:
                    if not self.roles.may_be_left_out(name):
                        raise
                    self._leave_out(name, f"its base image cannot be had here. {error}")
                    continue
                if image is None:
                    return None
                built[name] = image
        self.roles = self.roles.with_built(built)
        return built

    def _passed_by(self, name: str) -> bool:
        """Whether there is no exam, and none needs a service whose base image few exams allow."""
        challenge, dockerfile = self.context.challenge, self.roles.dockerfiles.get(name)
        if not is_plain(challenge) or dockerfile is None or not self.roles.may_be_left_out(name):
            return False
        return any(not_allowed(one, challenge.base_images) for one in dockerfile.images)

    def _leave_out(self, name: str, why: str) -> None:
        """Note that a service is not started whose base is not to be had, and that none needs."""
        images = ", ".join(self.roles.dockerfiles[name].images)
        self.context.recorder.notes.append(
            f"The service {name!r} ({images}) is not started: the app does not need it, and {why}"
        )

    def _build_one(self, service: ComposeService) -> str | None:
        assert service.build is not None
        dockerfile = self.roles.dockerfiles.get(service.name)
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
            name="app" if service.name == self.roles.app.name else service.name,
            args=service.build.args, target=service.build.target,
        )  # fmt: skip
        return done.image if done else None

    @property
    def _dockerfile(self) -> str | None:
        found = self.roles.dockerfiles.get(self.roles.app.name)
        return found.path if found else None

    @property
    def _view(self) -> ComposeView:
        return view(self.roles, self.context.challenge.roles)

    def _said_first(self, project: ComposeProject, failure: NotReady | None) -> NotReady | None:
        if failure is None:
            return None
        files = project.environment.settings.files(self.roles.app.name)
        return said_first(self.context, self.roles, files, failure)

    def note_missing(self, *, reached: bool = True) -> None:
        """Note what the repository lacks where no criterion is about that, or is not `reached`."""
        priced = {one.id for one in self.context.challenge.criteria}
        if not reached or COMPOSE_COMPLETE not in priced:
            faults = left_out_faults(self.submission.root, self.roles)
            said = (missing_sentence(self.roles.fresh), *faults)
            self.context.recorder.notes.extend(filter(None, said))

    def _record_health(self, project: ComposeProject) -> None:
        """`compose.healthy`: every health check of the file passes."""
        failure = project.await_health()
        if not failure:
            self.context.recorder.record(
                CheckResult(criterion=COMPOSE_HEALTHY, outcome=Outcome.PASSED)
            )
        else:
            record_lost(self.context, COMPOSE_HEALTHY, failure)

    # -- alongside the examination -----------------------------------------------------------

    def _start_trial(self, images: Future[dict[str, str]], reading: Reading) -> BackgroundProbe:
        suffix = "late" if reading is self.roles.fresh else "lateb"
        return BackgroundProbe(
            self.pool,
            LateDatabaseProbe(
                self.context,
                self.roles,
                reading,
                images,
                suffix,
                given_up=LinkedEvent(self.context.cancel),
            ),
        )

    def _deployed(
        self, project: ComposeProject, app: DeployedApp, trial: BackgroundProbe | None
    ) -> Deployment:
        context = self.context

        given = AppEnvironment(project.environment.settings.app_environment, self.secrets)

        def slot(number: int) -> ProbeSlot:
            return ProbeSlot(given=given, make=partial(project.environment.probe, number=number))

        def finish() -> None:
            if trial:
                if not context.keep and not trial.over:
                    project.environment.remove()  # while the trial goes on
                context.recorder.record(trial.result())

        services = service_endpoints(project, self.roles)
        return Deployment(
            dockerfile=self._dockerfile,
            app=app,
            services=services,
            probe=SecretProbe(
                context,
                given,
                project.environment.probe,
                tuple(one.server for one in services),
                parallel=ParallelProbes(
                    context, [partial(slot, number) for number in range(PROBES)]
                ),
                shared=True,  # the server is the student's, with accounts of its own
            ),
            injected=InjectedValues(
                secrets=project.environment.filled(self.secrets),
                environment=project.environment.filled(self.environment),
                authority=self.roles.stand_ins.authority,
            ),
            compose=view(self.roles, context.challenge.roles, project.environment.reached),
            port=self.roles.port,
            operations=DeploymentOperations(
                compose=ProjectOperations(project, app),
                composed=ProjectServices(context, project),
            ),
            essential=project.environment.essential,
            finish=finish,
        )
