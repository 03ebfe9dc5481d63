"""What is said before a failed start of a Compose project: what is missing, and what stands in."""

from __future__ import annotations

import re
from dataclasses import replace

from grader.inspect.appfiles import AppFiles
from grader.inspect.compose.missing import missing_sentence
from grader.inspect.compose.project import MountKind
from grader.inspect.files import read_text
from grader.run.compose.resolve import ComposeRoles
from grader.run.context import RunContext
from grader.run.stand_ins import told_first
from grader.sandbox.drivers import native_only
from grader.sandbox.launch import NotReady

WITHOUT_A_WORD = re.compile(r"It ended with exit code|crashes at each start|answered 5\d\d ")
"""Failures of which an app's log usually tells why."""
A_WORD = re.compile(
    r"Traceback|Error\b|error:|exception|fatal|critical|denied|refused|usage:|not found|no such|"
    r"cannot|can't|could not|failed|unable|invalid|missing",
    re.IGNORECASE,
)
"""What shows that a log does tell why."""


def said_first(
    context: RunContext, cast: ComposeRoles, files: AppFiles, failure: NotReady
) -> NotReady:
    """Return `failure` after what the repository lacks, and what stands in for another version.

    `files` are those of the app. Raises `ImageUnavailable` where that version is the cause, or
    probably is as nothing else is told.
    """
    said = told_first(
        context, cast.references, failure.rationale, failure.evidence,
        native=_enables_native(context, cast), silent=_native_driver(files, failure),
    )  # fmt: skip
    missing = missing_sentence(cast.fresh)
    return replace(failure, rationale=f"{missing} Then: {said}" if missing else said)


def _native_driver(files: AppFiles, failure: NotReady) -> str:
    """The app's driver that knows mysql_native_password alone, where it failed without a word.

    An app, or a tool that it runs, may catch what the driver raises and print nothing of it.
    """
    silent = WITHOUT_A_WORD.search(failure.rationale) and not A_WORD.search(failure.evidence)
    return native_only(files.requirements()) if silent and not failure.cause else ""


def _enables_native(context: RunContext, cast: ComposeRoles) -> bool:
    """Whether options of the MySQL service ask for the plugin mysql_native_password."""
    database = cast.database
    texts = [str(database.command), str(database.entrypoint)]
    texts += [
        read_text(context.snapshot, mount.source)
        for mount in database.mounts
        if mount.kind is MountKind.BIND and mount.target.startswith("/etc/my")
    ]
    return any("native_password" in text.replace("-", "_") for text in texts)
