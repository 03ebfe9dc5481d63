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
from typing import Any, ParamSpec, TypeVar

from grader.errors import PlatformError
from grader.exam.faults import Mismatch
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


def database_calls(
    context: RunContext, found: DatabaseEndpoint, settle: Callable[[], None]
) -> dict[str, Callable[..., Any]]:
    """Return what a suite may ask for, by name; `settle` ends what else uses the server."""
    server, address = found.server, found.address
    observer = Observer(server, address)

    def restart() -> None:
        settle()
        server.restart(address, context.cancel)

    def stop() -> None:
        settle()
        server.stop()

    def writer() -> dict[str, str]:
        account = admit_writer(server, address)
        context.hide({"WRITER_PASSWORD": account.password})
        return {"user": account.user, "password": account.password}

    def restricted(rights: Sequence[str]) -> None:
        restrict(server, address, rights)

    def require_running() -> None:
        end = time.monotonic() + ENDING_SECONDS
        while not (reason := ended_by_the_app(context, server.id)):
            if time.monotonic() > end:
                return
            time.sleep(POLL)
        raise Mismatch(reason)

    table: dict[str, Callable[..., Any]] = {
        "db.alone": settle,
        "db.begin_count": observer.begin_count,
        "db.end_count": observer.end_count,
        "db.begin_logins": observer.begin_logins,
        "db.end_logins": observer.end_logins,
        "db.restart": restart,
        "db.stop": stop,
        "db.start": lambda: server.start_again(address, context.cancel),
    }
    if not found.own:
        table |= {
            "db.writer": writer,
            "db.restrict": restricted,
            "db.require_running": require_running,
        }
    return {name: _judged(context, call, found) for name, call in table.items()}


def _judged(context: RunContext, call: Callable[P, T], found: DatabaseEndpoint) -> Callable[P, T]:
    """`call`, with `Mismatch` for what a student's database or server holds up."""

    @wraps(call)
    def judged(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(*args, **kwargs)
        except OutOfTime as error:
            msg = f"Your database holds up what the grader asks of its server. {error}"
            raise Mismatch(msg) from error
        except PlatformError as error:
            if not found.own:
                if reason := ended_by_the_app(context, found.server.id):
                    raise Mismatch(reason) from error
                raise
            msg = f"The MySQL service of your Compose file failed: {error}"
            raise Mismatch(msg) from error

    return judged


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
