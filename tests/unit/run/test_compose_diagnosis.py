"""Which service keeps a Compose project from coming up, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from grader.inspect.compose.project import (
    ComposeService,
    HealthCheck,
    Project,
    ServiceLifecycle,
    ServiceLines,
)
from grader.run.compose.diagnosis import ComposeDiagnosis
from grader.sandbox.container import CannotStart, Container
from grader.sandbox.diagnosis import AppSettings
from grader.services.base import NotAnswering, ServerEnded

CHECK = HealthCheck(test=("CMD", "curl", "localhost"))
PROJECT = Project(
    path="compose.yml",
    services={
        "web": ComposeService(name="web", lines=ServiceLines(own=1)),
        "db": ComposeService(
            name="db", lines=ServiceLines(own=5), lifecycle=ServiceLifecycle(healthcheck=CHECK)
        ),
        "worker": ComposeService(name="worker", lines=ServiceLines(own=9)),
    },
)


def container(logs: str = "", **state: Any) -> Container:
    """One that is there, in that state."""
    known = {"running": True, "exit_code": 0, "health": "", "probes": ()}
    found = SimpleNamespace(**known | state)
    made = SimpleNamespace(id="there", state=lambda: found, logs=lambda *_: logs)
    return cast("Container", made)


def diagnosis(**containers: Container) -> ComposeDiagnosis:
    """What is found where these containers are there; the others are not."""
    gone = cast("Container", SimpleNamespace(id=""))
    return ComposeDiagnosis(
        PROJECT, ("web", "db", "worker"), "web", "db",
        lambda name: containers.get(name, gone), AppSettings(port=5000),
    )  # fmt: skip


def test_a_service_that_has_ended_badly_is_named() -> None:
    """The app's own end is told by what looks at the app; one that has done its work is well."""
    ended = container("no such table", running=False, exit_code=3)
    found = diagnosis(web=ended, db=container(), worker=ended).of_services()
    assert found is not None
    assert "'worker'" in found.rationale
    assert "no such table" in found.evidence
    done = container(running=False)
    assert diagnosis(web=ended, db=container(), worker=done).of_services() is None


def test_a_check_that_has_failed_so_far_is_named() -> None:
    """One that has not been made yet says nothing."""
    said = ("exec: curl: executable file not found in $PATH",)
    found = diagnosis(db=container(health="starting", probes=said)).of_health()
    assert found is not None
    assert "'db'" in found.rationale
    assert "curl" in found.rationale
    assert found.evidence == said[0]
    assert diagnosis(db=container(health="starting")).of_health() is None
    assert diagnosis(db=container(health="healthy", probes=said)).of_health() is None


def test_why_the_database_does_not_come_up() -> None:
    """It cannot be started, does not answer, or has ended."""
    one = diagnosis(db=container("Unknown variable 'no_such=1'", running=False, exit_code=7))
    cannot = one.of_database(CannotStart('exec: "mysqlx": executable file not found in $PATH'))
    assert cannot.rationale.startswith("The service 'db': ")
    assert "mysqlx" in cannot.rationale
    deaf = one.of_database(NotAnswering("Nothing for 30 s.\nmore"))
    assert deaf.cause == "service-deaf"
    assert "a MySQL server on port 3306" in deaf.rationale
    postgres = replace(one, product="PostgreSQL", port=5432)
    said = postgres.of_database(NotAnswering("Nothing for 30 s.")).rationale
    assert said == "The service 'db' does not answer as a PostgreSQL server on port 5432."
    assert deaf.evidence.startswith("Nothing for 30 s.\n")
    ended = one.of_database(ServerEnded("It has ended."))
    assert "exit code 7" in ended.rationale
    assert "no_such" in ended.evidence
