"""Whose use of the processors is a submission's own, so that it owes it no time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from docker.errors import NotFound

from grader.run import app as module
from grader.run.app import OWED_SECONDS, DeployedApp
from grader.run.own_processes import own_processes
from grader.sandbox.container import ContainerState, Startable
from grader.sandbox.diagnosis import AppSettings
from grader.testing import FakeApi

from .conftest import Begin

PIDS = {"app": 1, "worker": 2, "database": 3, "lent": 4, "ended": 0, "probe": 9}
PROJECT = "com.docker.compose.project"
RUN = "practical-exam-grader.run=r1"


def an_api(project: str) -> FakeApi:
    """An engine with an app and a probe of a run, in a project where there is one."""

    def inspect(container: str) -> dict[str, Any]:
        if container == "gone":
            said = "no such container"
            raise NotFound(said)
        labels = {PROJECT: project} if project and container == "app" else {}
        return {"State": {"Pid": PIDS[container]}, "Config": {"Labels": labels}}

    def containers(filters: dict[str, list[str]]) -> list[dict[str, str]]:
        if filters["label"] == [f"{PROJECT}={project}"]:
            return [{"Id": one} for one in ("app", "worker", "ended", "gone")]
        assert filters["label"] == [RUN, "practical-exam-grader.database"]
        return [{"Id": "database"}]

    return FakeApi(inspect_container=inspect, containers=containers)


@pytest.mark.parametrize(("project", "pids"), [("p1", {1, 2, 3, 4}), ("", {1, 3, 4})])
def test_the_submissions_containers(begin: Begin, project: str, pids: set[int]) -> None:
    """Its project and its servers, also one that is lent to it; what has ended is left out."""
    context = begin(an_api(project))
    service = SimpleNamespace(server=SimpleNamespace(id="lent"))
    context.resources.in_use.append(cast("Any", SimpleNamespace(services=[service])))
    assert set(own_processes(context.resources, "app")) == pids


@pytest.mark.parametrize(("pid", "owed"), [(1, OWED_SECONDS), (0, 0.0)])
def test_an_app_is_owed_what_others_take(
    begin: Begin, pid: int, owed: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its own containers take is told apart; an app that has ended is owed nothing."""
    told = []

    def is_starved(pid: int, cpus: float, cancel: object, own: list[int]) -> bool:
        told.append((pid, set(own)))
        return True

    monkeypatch.setattr(module, "is_starved", is_starved)
    state = ContainerState(running=True, pid=pid, exit_code=0, oom_killed=False)
    container = cast("Startable", SimpleNamespace(id="app", state=lambda: state))
    app = DeployedApp(begin(an_api("p1")), container, ("", 0), surroundings=AppSettings())
    assert app.owed() == owed
    assert told == ([(1, {1, 2, 3})] if pid else [])
