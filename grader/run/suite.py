"""The suite: what it is told, what it may ask for, and what its end means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from grader.errors import PlatformError, SpecError
from grader.exam.dispatch import Operations
from grader.exam.operations import CommitLog, RepositoryTag
from grader.exam.protocol import (
    AppAddress,
    CriteriaToExamine,
    ExamDescription,
    ExamFiles,
    ServiceDescription,
    SuiteDescription,
)
from grader.exam.runner import PATIENCE, Examined, ExamProcess
from grader.model import Challenge, CheckResult, Outcome, Submission, Visibility
from grader.run.context import RunContext
from grader.run.deployment import Deployment, do_nothing
from grader.run.service_operations import service_operations
from grader.run.tls import tls_address
from grader.service_catalogue import fixture_names
from grader.services.registry import manifest_of
from grader.submission.history import history_of

UNDECLARED_HISTORY = (
    "it reads the git history (submission.log, .branches or .tags), and challenge.yml does not say "
    "that it does; write `submission: {history: true}` there."
)
BUILTIN_SUITE = Path(__file__).parent.parent / "exam" / "builtin"


def describe(
    context: RunContext,
    submission: Submission,
    deployment: Deployment,
    only: frozenset[str],
    order: Sequence[frozenset[str]] = (),
) -> ExamDescription:
    """Return what the suite's process is told: to examine `only`, in groups as `order` has them."""
    challenge = context.challenge
    host, port = deployment.app.address if deployment.app else ("", 0)
    secure = deployment.app.secure if deployment.app else None
    return ExamDescription(
        criteria=_criteria(context, only, order),
        app=AppAddress(
            host=host, port=port, shown=f"http://localhost:{challenge.app.port}",
            request_seconds=challenge.limits.request, body_cap=challenge.limits.body,
            tls=tls_address(secure, challenge.app.tls) if secure else None,
        ),
        seed=context.seed,
        injected=deployment.injected,
        files=ExamFiles(
            snapshot=str(submission.root), dockerfile=deployment.dockerfile,
            contract=str(challenge.contract) if challenge.contract else None,
        ),
        services=service_descriptions(deployment),
        compose=deployment.compose,
    )  # fmt: skip


def _criteria(
    context: RunContext, only: frozenset[str], order: Sequence[frozenset[str]]
) -> CriteriaToExamine:
    criteria = context.challenge.criteria
    return CriteriaToExamine(
        only=tuple(sorted(only - context.recorder.results.keys())),
        order=tuple(tuple(sorted(group)) for group in order),
        needs={one.id: tuple(one.needs) for one in criteria},
        hidden=tuple(
            sorted(one.id for one in criteria if one.visibility is not Visibility.VISIBLE)
        ),
        sealed=tuple(sorted(one.id for one in criteria if one.visibility is Visibility.HIDDEN)),
        parts={one.id: tuple(one.parts) for one in criteria if one.parts},
        known={name: result.outcome for name, result in context.recorder.results.items()},
    )


def service_descriptions(deployment: Deployment) -> tuple[ServiceDescription, ...]:
    """Return what the suite is told of each service, with the class that shows it."""
    return tuple(
        ServiceDescription(
            name=one.manifest.name, fixture=one.manifest.fixture,
            target=one.manifest.target(one.manifest.fixture_class),
            access={"title": one.manifest.title, **one.server.told(one.address)},
        )
        for one in deployment.services
    )  # fmt: skip


def suite_of(challenge: Challenge) -> SuiteDescription:
    """Return what a suite's process has to know to collect the tests of `challenge`."""
    own = [manifest_of(spec).fixture for spec in challenge.services]
    return SuiteDescription(
        root=str(challenge.root), paths=suite_paths(challenge.root),
        fixtures=tuple(sorted({*fixture_names(), *own})),
    )  # fmt: skip


def suite_paths(challenge_root: Path) -> tuple[str, ...]:
    """Return where the tests of a challenge are: its own, and the built-in ones."""
    own = challenge_root / "tests"
    return (str(BUILTIN_SUITE), *([str(own)] if own.is_dir() else []))


def _history(context: RunContext, submission: Submission) -> CommitLog:
    """Return the history for a suite. Raises `SpecError` where its challenge does not say so.

    Without `submission.history` only the newest commit may have been fetched.
    """
    challenge = context.challenge
    if not challenge.history:
        where = f"The suite of {challenge.slug}"
        raise SpecError(where, [UNDECLARED_HISTORY])
    found = history_of(submission.repository, context.folder, context.cancel)
    return CommitLog(
        commits=found.commits, unread=found.unread, branches=found.named.branches,
        tags={name: RepositoryTag(**asdict(tag)) for name, tag in found.named.tags.items()},
        excess=found.named.excess,
    )  # fmt: skip


@dataclass(frozen=True)
class SubmissionHistory:
    """`SubmissionOperations` on what was handed in."""

    context: RunContext
    submission: Submission

    def log(self) -> CommitLog:
        """Return the history of the submission. Raises `SpecError`, see `_history`."""
        return _history(self.context, self.submission)


def operations(context: RunContext, submission: Submission, deployment: Deployment) -> Operations:
    """Return what the suite may ask the grader to do."""
    probe = deployment.probe
    settle = probe.settle if probe else do_nothing
    ours = {*deployment.essential.values(), *(one.server.id for one in deployment.services)}
    return Operations(
        submission=SubmissionHistory(context, submission),
        app=deployment.app,
        probe=probe,
        compose=deployment.operations.compose,
        composed=deployment.operations.composed,
        command=deployment.operations.commands,
        volume=deployment.operations.volumes,
        services={
            one.manifest.fixture: service_operations(context, one, settle, ours)
            for one in deployment.services
        },
    )


def examine(
    context: RunContext, process: ExamProcess, exam: ExamDescription, offered: Operations
) -> None:
    """Run the suite and record its criteria.

    Raises `SpecError` where the suite itself is broken, `PlatformError` where the platform failed
    under it.
    """
    limit = context.challenge.limits.suite
    done = process.examine(
        exam, offered, deadline=limit, cancel=context.cancel, on_result=context.recorder.record
    )
    if done.problems:
        where = f"The suite of {context.challenge.slug}"
        raise SpecError(where, list(done.problems))
    if done.fault:
        raise PlatformError(done.fault)
    if done.crash:
        raise PlatformError(done.crash)
    if done.out_of_time:
        _record_overtime(context, done, frozenset(exam.criteria.only), limit)


def _record_overtime(
    context: RunContext, done: Examined, wanted: frozenset[str], limit: float
) -> None:
    """Record that the exam's time is up: the student's fault only if the app used it.

    Answers within the limit of a request had time of their own, up to `PATIENCE`.
    """
    unanswered = done.waited - done.answered
    request = context.challenge.limits.request
    if done.answered >= PATIENCE:
        why = f"your app took {done.answered:.0f} s for the answers before it"
    elif unanswered >= limit / 2:
        over = [one.criterion for one in done.results if one.outcome is Outcome.TIMED_OUT]
        named = f" (see {', '.join(over[:3])})" if over else ""
        why = (
            f"{unanswered:.0f} s of them went by for requests that your app did not answer within "
            f"{request:g} s{named}"
        )
    else:
        msg = (
            f"The suite did not end in {limit:.0f} s of its own, and the app is not to blame: "
            f"it answered within its limits. {_counted(done)} before. "
            "Grade again on a machine with less to do; where that comes to the same, raise "
            "`limits.suite` in challenge.yml."
        )
        raise PlatformError(msg)
    for name in sorted(wanted - context.recorder.results.keys()):
        context.recorder.record(
            CheckResult(
                criterion=name,
                outcome=Outcome.TIMED_OUT,
                rationale=f"The {limit:.0f} s of the examination were over before it was reached: "
                f"{why}.",
            )
        )


def _counted(done: Examined) -> str:
    """Return how far the suite has come."""
    count = len(done.results)
    return "1 criterion was examined" if count == 1 else f"{count} criteria were examined"
