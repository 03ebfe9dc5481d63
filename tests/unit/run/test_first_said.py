"""What is said before a failed start of a Compose project."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest

from grader.errors import ImageUnavailable
from grader.inspect.appfiles import AppFiles
from grader.inspect.compose.project import (
    ComposeImage,
    ComposeService,
    ServiceLines,
)
from grader.model import Substitution
from grader.run.compose.first_said import said_first
from grader.sandbox.launch import NotReady
from tests.unit.run.test_resolve import roles

MYSQL = Substitution(wanted="mysql:8.4", used="MySQL of Debian sid (9.7.4)", reason="none is here")
ENDED = "It ended with exit code 1 before it was ready."
HEAD = "Last lines of the app's log:\n"
QUIET = f"{HEAD}Please edit configuration/connection/logging settings in 'alembic.ini'."


def said(root: Path, failure: NotReady, wanted: str = "mysql:5.7") -> str:
    swap = Substitution(wanted=wanted, used=MYSQL.used, reason=MYSQL.reason)
    context = Mock(**{"recorder.materials.substitutions": [swap]}, snapshot=root)
    (root / "requirements.txt").write_text("Flask\nPyMySQL==1.0.2\n")
    database = ComposeService(
        name="db", lines=ServiceLines(own=3), image=ComposeImage(reference=wanted)
    )
    cast = replace(roles(), database=database)
    return said_first(context, cast, AppFiles(root=root), failure).rationale


def failed(rationale: str = ENDED, evidence: str = QUIET, cause: str = "") -> NotReady:
    return NotReady(rationale=rationale, evidence=evidence, cause=cause)


@pytest.mark.parametrize(
    "failure",
    [
        failed(),
        failed(evidence=""),
        failed("GET / answered 500 instead of 200 for 30 s."),
        failed(evidence=f"{HEAD}Could not connect to the database, giving up."),
        failed(
            "It runs but never listened on port 5000 within 30 s.",
            f"{HEAD}Waiting for MySQL...\nWaiting for MySQL...",
        ),
    ],
)
def test_the_stand_in_is_the_probable_cause_of_a_silent_failure(
    failure: NotReady, tmp_path: Path
) -> None:
    """The line of the driver is named, and there is no score."""
    with pytest.raises(ImageUnavailable) as raised:
        said(tmp_path, failure)
    assert "`PyMySQL==1.0.2` (requirements.txt, line 2) without `cryptography`" in str(raised.value)


@pytest.mark.parametrize(
    "failure",
    [
        failed(evidence="Traceback (most recent call last):\nValueError: five"),
        failed(evidence=f"{HEAD}Error: No such option: --prot"),
        failed(evidence=f"{HEAD}Database settings are missing.\nsh: 1: flaks: not found"),
        failed("It ended with exit code 1. Its last error: ValueError: five", evidence=""),
        failed(cause="wrong-port"),
        failed("It listens on port 8000, not on 5000."),
        failed("GET / answered 404 instead of 200 for 30 s."),
    ],
)
def test_what_tells_why_it_failed_is_the_cause(failure: NotReady, tmp_path: Path) -> None:
    """An exception, a tool's own word, a cause that was found, an answer that is no error."""
    assert said(tmp_path, failure) == failure.rationale


def test_a_version_that_takes_the_driver_no_better(tmp_path: Path) -> None:
    """MySQL 8.4 has the same way to log in as what stands in for it."""
    assert said(tmp_path, failed(), "mysql:8.4") == ENDED
