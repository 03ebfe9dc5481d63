"""What is said before a failed start of a Compose project: what is missing, and what stands in."""

from __future__ import annotations

import re
from dataclasses import replace

from grader.inspect.appfiles import AppFiles
from grader.inspect.compose.missing import missing_sentence
from grader.inspect.compose.project import MountKind
from grader.inspect.files import read_text
from grader.run.compose.project_roles import ComposeRoles
from grader.run.context import RunContext
from grader.run.stand_ins import with_differences
from grader.sandbox.drivers import native_only
from grader.sandbox.launch import NotReady

UNEXPLAINED = re.compile(
    r"It ended with exit code|crashes at each start|answered 5\d\d |never listened"
)
"""Failures of which an app's log usually tells why."""
RAISED = re.compile(r"Traceback|\w(?:Error|Exception)\b")
A_WORD = re.compile(
    r"\berror\b|fatal|critical|denied|refused|usage:|not found|no such|cannot|can't|could not|"
    r"failed|unable|invalid|missing",
    re.IGNORECASE,
)
"""What shows that a line does tell why."""
OF_DATABASE = re.compile(r"database|mysql|mariadb|\bdb\b|connect", re.IGNORECASE)


def said_first(
    context: RunContext, roles: ComposeRoles, files: AppFiles, failure: NotReady
) -> NotReady:
    """Return `failure` after what the repository lacks, and what stands in for another version.

    `files` are those of the app. Raises `ImageUnavailable` where that version is the cause, or
    probably is as nothing else is told.
    """
    said = with_differences(
        context, roles.references, failure.rationale, failure.evidence,
        native=_enables_native(context, roles), silent=_native_driver(files, failure),
    )  # fmt: skip
    missing = missing_sentence(roles.fresh)
    return replace(failure, rationale=f"{missing} Then: {said}" if missing else said)


def _native_driver(files: AppFiles, failure: NotReady) -> str:
    """Return the app's driver that knows mysql_native_password alone, where it failed silently.

    An app, a tool or a script that waits may catch what the driver raises and print nothing of it,
    or that there is no connection.
    """
    if failure.cause or not UNEXPLAINED.search(failure.rationale):
        return ""
    if RAISED.search(f"{failure.rationale}\n{failure.evidence}"):
        return ""
    words = [line for line in failure.evidence.splitlines() if A_WORD.search(line)]
    if not all(OF_DATABASE.search(line) for line in words):
        return ""
    return native_only(files.requirements())


def _enables_native(context: RunContext, roles: ComposeRoles) -> bool:
    """Whether options of the MySQL service ask for the plugin mysql_native_password."""
    database = roles.database
    if database is None:
        return False
    texts = [str(database.process.command), str(database.process.entrypoint)]
    texts += [
        read_text(context.snapshot, mount.source)
        for mount in database.mounts
        if mount.kind is MountKind.BIND and mount.target.startswith("/etc/my")
    ]
    return any("native_password" in text.replace("-", "_") for text in texts)
