"""The submission's database while it is examined: what the suite is told of it, and may ask for.

The suite's process gets accounts that may read, or change rows of, the submission's schema. What
takes an administrator is done here, and touches nothing that a student made. Where the submission
brings the server itself, that is the student's own: its administrator's account, which the grader
gave it, is what the suite uses, and whatever the server fails at is the student's loss.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from grader.errors import PlatformError
from grader.exam.dispatch import OperationGroup
from grader.exam.faults import Mismatch
from grader.exam.operations import (
    DatabaseOperations,
    Login,
    ServiceOperations,
    WatchedDatabaseOperations,
)
from grader.run.context import RunContext
from grader.run.deployment import DatabaseEndpoint, Deployment, ended_by_the_app
from grader.services.accounts import admit_writer, restrict
from grader.services.connection import OutOfTime
from grader.services.mysql import Account
from grader.services.observe import Observer, objects
from grader.text import clip

NAMED = 8
"""Objects of a database that a note names."""
ENDING_SECONDS = 1.0
"""How long it takes at most until the engine says why a server that is gone has ended."""
POLL = 0.02
NAME = 40
"""Characters of each name that it shows."""

P = ParamSpec("P")
T = TypeVar("T")


def access_of(found: DatabaseEndpoint) -> dict[str, Any]:
    """Return what the suite's process is told: address, account, schema and the app's account."""
    access = found.server.access
    used = access.reader or Account(user=access.admin, password=access.root_password)
    return {
        "host": found.address[0], "port": found.address[1], "user": used.user,
        "password": used.password, "database": found.name, "account": access.user,
        "own": found.own,
    }  # fmt: skip


def database_operations(
    context: RunContext, found: DatabaseEndpoint, settle: Callable[[], None]
) -> OperationGroup:
    """Return what a suite may ask for; `settle` ends what else uses the server."""
    if found.control:
        theirs = StudentMySqlOperations(context, found, settle, found.control)
        return OperationGroup(WatchedDatabaseOperations, theirs)
    return OperationGroup(DatabaseOperations, MySqlOperations(context, found, settle))


S = TypeVar("S", bound="_Watched")


def _judged(operation: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """`operation`, with `Mismatch` for what a student's database or server holds up."""

    @wraps(operation)
    def judged(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        found = self.found
        try:
            return operation(self, *args, **kwargs)
        except OutOfTime as error:
            msg = f"Your database holds up what the grader asks of its server. {error}"
            raise Mismatch(msg) from error
        except PlatformError as error:
            if not found.own:
                if reason := ended_by_the_app(self.context, found.server.id):
                    raise Mismatch(reason) from error
                raise
            msg = f"The MySQL service of your Compose file failed: {error}"
            raise Mismatch(msg) from error

    return judged


class _Watched:
    """What is asked of any MySQL server in the same way."""

    def __init__(
        self, context: RunContext, found: DatabaseEndpoint, settle: Callable[[], None]
    ) -> None:
        self.context = context
        self.found = found
        self.settle = settle
        self._observer = Observer(found.server, found.address)

    @_judged
    def alone(self) -> None:
        """Return once nothing else of the grader's uses the server."""
        self.settle()

    @_judged
    def begin_count(self) -> None:
        """Count the statements that the server runs from now on."""
        self._observer.begin_count()

    @_judged
    def end_count(self) -> int:
        """Return how many there were since `begin_count`, the grader's own left out."""
        return self._observer.end_count()

    @_judged
    def begin_logins(self) -> None:
        """Note from now on who logs in."""
        self._observer.begin_logins()

    @_judged
    def end_logins(self) -> list[str]:
        """Return the accounts that were used since `begin_logins`."""
        return self._observer.end_logins()


class StudentMySqlOperations(_Watched):
    """`WatchedDatabaseOperations` on a server that the submission brings itself."""

    def __init__(
        self,
        context: RunContext,
        found: DatabaseEndpoint,
        settle: Callable[[], None],
        control: ServiceOperations,
    ) -> None:
        """`control` stops and starts the server."""
        super().__init__(context, found, settle)
        self.restart = control.restart
        self.stop = control.stop
        self.start = control.start


class MySqlOperations(_Watched):
    """`DatabaseOperations` on a server of ours."""

    @_judged
    def restart(self) -> None:
        """Kill the server, start it and wait until it is ready."""
        self.settle()
        self.found.server.restart(self.found.address, self.context.cancel)

    @_judged
    def stop(self) -> None:
        """Stop the server."""
        self.settle()
        self.found.server.stop()

    @_judged
    def start(self) -> None:
        """Start the server after `stop` and wait until it is ready."""
        self.found.server.start_again(self.found.address, self.context.cancel)

    @_judged
    def writer(self) -> Login:
        """Return an account that may change rows of the submission's database."""
        account = admit_writer(self.found.server, self.found.address)
        self.context.hide({"WRITER_PASSWORD": account.password})
        return Login(user=account.user, password=account.password)

    @_judged
    def restrict(self, rights: Sequence[str]) -> None:
        """Leave the app's account no other rights on its database than these."""
        restrict(self.found.server, self.found.address, rights)

    @_judged
    def require_running(self) -> None:
        """Raise `Mismatch` where the server has ended over what the app asked of it."""
        end = time.monotonic() + ENDING_SECONDS
        while not (reason := ended_by_the_app(self.context, self.found.server.id)):
            if time.monotonic() > end:
                return
            time.sleep(POLL)
        raise Mismatch(reason)


def note_objects(context: RunContext, deployment: Deployment) -> None:
    """Note what the submission's database holds alongside tables, as none of it counts as data."""
    found = deployment.database
    if found is None:
        return
    try:
        held = objects(found.server, found.address, found.name)
    except PlatformError as error:
        said = clip(str(error), 200)
        context.notes.append(
            f"What the database holds alongside tables could not be listed: {said}"
        )
        return
    if held:
        shown = [f"{kind} {clip(name, NAME)}" for kind, name in held[:NAMED]]
        more = [f"{len(held) - NAMED} more"] * (len(held) > NAMED)
        context.notes.append(
            f"The database holds more than tables: {', '.join([*shown, *more])}. "
            "None of it counts as data that the app keeps."
        )
