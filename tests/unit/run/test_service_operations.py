"""Whose fault it is where a service fails under what a suite asked for."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from grader.errors import PlatformError
from grader.exam.faults import Mismatch
from grader.run.context import RunContext
from grader.run.deployment import Deployment, ServiceEndpoint
from grader.run.service_operations import note_contents, service_operations
from grader.service_catalogue import built_in
from grader.services.base import OutOfTime, Unobservable
from grader.settings import Settings
from grader.testing import FakeApi, FakeServer, a_challenge, fake_engine

RUNS = {"State": {"Running": True, "ExitCode": 0, "OOMKilled": False}}


def context_in(folder: Path, state: dict[str, Any] = RUNS) -> RunContext:
    context = RunContext.begin(
        run="r", challenge=a_challenge(), settings=Settings.from_env({}), folder=folder, seed=1,
        listener=lambda event: None, cancel=threading.Event(),
    )  # fmt: skip
    context.resources._engine = fake_engine(FakeApi(inspect_container=state))
    return context


def endpoint(server: FakeServer, *, own: bool = False) -> ServiceEndpoint:
    manifest = built_in()["mysql"]
    return ServiceEndpoint(manifest=manifest, server=server, address=("127.0.0.1", 1), own=own)


def test_stops_wait_for_what_else_uses_it(tmp_path: Path) -> None:
    server = FakeServer()
    settled: list[str] = []

    def settle() -> None:
        settled.append("settled")

    table = service_operations(context_in(tmp_path), endpoint(server), settle)
    table["stop"]()
    table["start"]()
    table["restart"]()
    assert server.done == ["stop", "start_again", "stop", "start_again"]
    assert len(settled) == 2


def test_a_server_of_ours_that_fails_is_the_platforms(tmp_path: Path) -> None:
    server = FakeServer(failing=PlatformError("it is gone"))
    table = service_operations(context_in(tmp_path), endpoint(server), lambda: None)
    with pytest.raises(PlatformError, match="it is gone"):
        table["stop"]()


def test_one_that_ran_out_of_memory_is_the_apps(tmp_path: Path) -> None:
    killed = {"State": {"Running": False, "ExitCode": 137, "OOMKilled": True}}
    server = FakeServer(failing=PlatformError("it is gone"))
    table = service_operations(context_in(tmp_path, killed), endpoint(server), lambda: None)
    with pytest.raises(Mismatch, match="MySQL was killed because what your app asked of it"):
        table["stop"]()


def test_one_that_the_submission_brought_is_the_students(tmp_path: Path) -> None:
    server = FakeServer(failing=PlatformError("it is gone"))
    table = service_operations(context_in(tmp_path), endpoint(server, own=True), lambda: None)
    assert "require_running" not in table
    with pytest.raises(Mismatch, match="The MySQL service of your Compose file failed: it is gone"):
        table["stop"]()


def test_what_an_app_holds_up_is_its_loss(tmp_path: Path) -> None:
    server = FakeServer(failing=OutOfTime("a lock was not had"))
    table = service_operations(context_in(tmp_path), endpoint(server), lambda: None)
    with pytest.raises(Mismatch, match="Your app holds up what the grader asks of MySQL"):
        table["stop"]()


def test_what_an_app_hides_is_its_loss(tmp_path: Path) -> None:
    """The sentence is told as it is."""
    server = FakeServer(failing=Unobservable("How many there are could not be counted."))
    table = service_operations(context_in(tmp_path), endpoint(server), lambda: None)
    with pytest.raises(Mismatch, match=r"^How many there are could not be counted\.$"):
        table["stop"]()


def test_a_server_that_runs_is_no_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.run.service_operations.ENDING_SECONDS", 0.05)
    service_operations(context_in(tmp_path), endpoint(FakeServer()), lambda: None)[
        "require_running"
    ]()


def test_what_counts_for_nothing_is_noted(tmp_path: Path) -> None:
    context = context_in(tmp_path)
    failing = FakeServer(failing=PlatformError("it is gone"))
    for server in (FakeServer(), failing):
        note_contents(context, Deployment(dockerfile=None, services=(endpoint(server),)))
    assert context.recorder.notes == [
        "It holds more than tables.",
        "What MySQL holds for the app could not be listed: it is gone",
    ]
