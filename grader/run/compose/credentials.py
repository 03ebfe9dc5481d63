"""Whether an app takes the credentials of this run, or only those that were handed in."""

from __future__ import annotations

from grader.criteria import COMPOSE_COMPLETE, COMPOSE_FRESH_CREDENTIALS
from grader.exam.contract.document import plain_reads
from grader.inspect.compose.missing import missing_locations, missing_sentence
from grader.inspect.compose.project import Reading
from grader.inspect.locations import locations_of
from grader.model import CheckResult, Outcome, SourceLocation
from grader.run.compose.left_out import left_out_faults
from grader.run.compose.project import ComposeProject
from grader.run.compose.project_roles import ComposeRoles
from grader.run.context import RunContext
from grader.sandbox.diagnosis import CERTAIN
from grader.sandbox.launch import NotReady, get
from grader.services.base import refused_users
from grader.text import LocatedSentence
from grader.waiting import wait_until

PASSWORDS = (
    "MYSQL_PASSWORD", "MYSQL_ROOT_PASSWORD", "MARIADB_PASSWORD", "MARIADB_ROOT_PASSWORD",
    "POSTGRES_PASSWORD",
)  # fmt: skip

SERVER_ERROR = 500
REFUSAL_SECONDS = 2.0
"""How much later than the app's failed answer the engine may show the refusal behind it."""


def differ(roles: ComposeRoles) -> bool:
    """Return whether the values that were handed in are others than those of this run."""
    return roles.project(roles.fresh) != roles.project(roles.submitted)


def refusal(context: RunContext, project: ComposeProject, failure: NotReady | None) -> str:
    """Return why the run's own credentials may be what is wrong; empty where they are not.

    An app that connects at its first request starts with any password: it is asked for its
    plain pages, and the database says whom it has refused.
    """
    if failure:
        return "" if failure.cause in CERTAIN else failure.rationale
    if not project.environment.roles.database:
        return ""
    address = project.environment.address
    answers = [get(address, path) for path in plain_reads(context.challenge.contract)]
    failed = any(status is None or status >= SERVER_ERROR for status in answers)
    names = wait_until(lambda: refused_names(project), within=REFUSAL_SECONDS if failed else 0.0)
    if not names:
        return ""
    return (
        f"{project.environment.database.title} refused the user {names[0]!r} with the credentials "
        "of this run: the app does not take them from the environment."
    )


def refused_names(project: ComposeProject) -> list[str]:
    """Return the users that the project's database has refused."""
    if not project.environment.roles.database:
        return []
    return list(refused_users(project.environment.database.refusals()))


def record(
    context: RunContext,
    roles: ComposeRoles,
    reading: Reading,
    refused: str,
    failure: NotReady | None,
) -> None:
    """Record `compose.fresh_credentials` and `compose.complete`, once it is known how it starts.

    `reading` is the one that it was brought up with, `refused` what `refusal` gave.
    """
    if failure:
        return  # both need app.starts
    if literal := literal_password(roles):
        record_lost(context, COMPOSE_FRESH_CREDENTIALS, literal)
    elif refused or (reading is roles.submitted and differ(roles)):
        record_lost(
            context,
            COMPOSE_FRESH_CREDENTIALS,
            "The app works only with the credentials as you handed them in, not with those "
            f"that were drawn for this run. {refused}",
        )
    else:
        _record_passed(context, COMPOSE_FRESH_CREDENTIALS)
    missing, faults = missing_sentence(roles.fresh), left_out_faults(context.snapshot, roles)
    if missing or faults:
        places = (*missing_locations(roles.fresh), *locations_of(faults))
        said = " ".join(filter(None, (missing, *faults)))
        record_lost(context, COMPOSE_COMPLETE, said, places)
    else:
        _record_passed(context, COMPOSE_COMPLETE)


def literal_password(roles: ComposeRoles) -> str:
    """Return a sentence where the database's password stands in the file: none can be drawn."""
    service = roles.database
    if service is None:
        return ""
    drawn = set(roles.fresh.secrets.values())
    for name in PASSWORDS:
        written, value = service.environment.written.get(name), service.environment.values.get(name)
        if written and value and "$" not in written and value not in drawn:
            line = service.lines.of("environment")
            return LocatedSentence(
                roles.fresh.path, line,
                f"{name} of `{service.name}` is a literal, so that no other password can be "
                "given to it: write a variable in its place.",
            )  # fmt: skip
    return ""


def record_lost(
    context: RunContext,
    criterion: str,
    rationale: str,
    locations: tuple[SourceLocation, ...] = (),
) -> None:
    """Record that a criterion is lost, at `locations` or at those that its `rationale` names."""
    context.recorder.record(
        CheckResult(
            criterion=criterion, outcome=Outcome.FAILED, rationale=rationale,
            locations=locations or locations_of([rationale]),
        )
    )  # fmt: skip


def _record_passed(context: RunContext, criterion: str) -> None:
    context.recorder.record(CheckResult(criterion=criterion, outcome=Outcome.PASSED))
