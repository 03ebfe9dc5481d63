"""One service of a project, acted on by the grader for a suite."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.errors import PlatformError
from grader.exam.faults import Mismatch
from grader.run.compose.project import ComposeProject
from grader.run.compose.services import ProjectServices
from grader.sandbox.launch import NotReady
from grader.testing import FakeApi
from tests.unit.run.conftest import Begin


class Docker(FakeApi):
    """An engine with one container, in whatever state the test says."""

    def __init__(self, **state: Any) -> None:
        super().__init__()
        self.state = {"Running": True, "ExitCode": 0, "OOMKilled": False, "Paused": False} | state
        self.done: list[str] = []
        self.work = ["S"]
        """The states of its process at looks to come; the last one stays."""

    def top(self, _: str, **__: Any) -> dict[str, Any]:
        now = self.work.pop(0) if len(self.work) > 1 else self.work[0]
        self.done += ["works"] if now == "R" else []
        return {"Processes": [["1", now]]}

    def containers(self, **_: Any) -> list[dict[str, str]]:
        return [{"Id": "c1"}]

    def inspect_container(self, _: str) -> dict[str, Any]:
        return {"State": self.state, "Config": {"Env": ["A=1=2", "B="], "StopSignal": "SIGQUIT"}}

    def logs(self, *_: Any, **__: Any) -> bytes:
        return b"first\nno broker\n"

    def kill(self, _: str, signal: str = "SIGKILL") -> None:
        self.done.append(signal)
        if signal == "SIGKILL" or not self.state.get("deaf"):
            self.state |= {"Running": False, "ExitCode": 137 if signal == "SIGKILL" else 0}

    def wait(self, *_: Any, **__: Any) -> None:
        self.done.append("wait")

    def start(self, _: str) -> None:
        self.done.append("start")
        self.state |= {"Running": not self.state.get("dies")}

    def pause(self, _: str) -> None:
        self._freeze("pause", at_once=not self.state["Paused"])

    def unpause(self, _: str) -> None:
        self._freeze("unpause", at_once=self.state["Paused"])

    def _freeze(self, what: str, *, at_once: bool) -> None:
        from docker.errors import APIError

        self.done.append(what)
        if not at_once or not self.state["Running"]:
            msg = "refused"
            raise APIError(msg)
        self.state["Paused"] = what == "pause"


def services(
    begin: Begin, api: FakeApi, *, there: bool = True, apps: tuple[str, ...] = (),
    failure: NotReady | None = None,
) -> ProjectServices:  # fmt: skip
    context = begin(api)
    compose = SimpleNamespace(container=lambda _: "c1" if there else "", confirm=lambda: None)
    roles = SimpleNamespace(
        app=SimpleNamespace(name="web"), database_name="", replicas={"app": apps} if apps else {}
    )
    app = SimpleNamespace(ready=lambda: failure)
    environment = SimpleNamespace(compose=compose, roles=roles, other_app=lambda _: app)
    project = cast("ComposeProject", SimpleNamespace(environment=environment))
    return ProjectServices(context, project)


def test_stopped_by_its_own_signal(begin: Begin) -> None:
    api = Docker()
    ended = services(begin, api).stop("jobs", within=5)
    assert (ended.exit_code, ended.killed) == (0, False)
    assert api.done == ["SIGQUIT"]


def test_one_that_only_starts_is_not_stopped_yet(begin: Begin) -> None:
    """A signal that comes before it listens for one would be lost, or its end at once."""
    api = Docker()
    api.work = ["R", "S", "R", "S"]
    assert not services(begin, api).stop("jobs", within=5).killed
    assert api.done == ["works", "works", "SIGQUIT"]


def test_one_that_works_on_and_on_is_stopped(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not waited for for ever."""
    monkeypatch.setattr("grader.run.compose.services.IDLE_SECONDS", 0.1)
    api = Docker()
    api.work = ["R"]
    assert not services(begin, api).stop("jobs", within=5).killed
    assert api.done[-1] == "SIGQUIT"


def test_one_that_ignores_the_signal_is_killed(begin: Begin) -> None:
    """After so many seconds, which have a bound."""
    api = Docker(deaf=True)
    ended = services(begin, api).stop("jobs", within=0.1)
    assert (ended.exit_code, ended.killed) == (137, True)
    assert api.done[:2] == ["SIGQUIT", "SIGKILL"]
    assert ended.seconds < 5


def test_started_again(begin: Begin) -> None:
    """One without a health check is watched for a moment."""
    api = Docker(Running=False)
    services(begin, api).start("jobs")
    assert api.done == ["start"]


def test_one_that_ends_late_does_not_come_back(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy machine takes its time for a process that only ends."""
    monkeypatch.setattr("grader.run.compose.services.SETTLE_SECONDS", 0.0)

    class Slow(Docker):
        def top(self, _: str, **options: Any) -> dict[str, Any]:
            found = super().top(_, **options)
            if self.work == ["S"]:
                self.state |= {"Running": False, "ExitCode": 1}
            return found

    api = Slow(Running=False)
    api.work = ["R", "R", "R", "S"]
    with pytest.raises(Mismatch, match="it ended with exit code 1"):
        services(begin, api).start("jobs")


def test_one_that_works_on_and_on_has_started(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It need not wait for anything."""
    monkeypatch.setattr("grader.run.compose.services.IDLE_SECONDS", 0.1)
    api = Docker(Running=False)
    api.work = ["R"]
    services(begin, api).start("jobs")
    assert "works" in api.done


def test_started_again_and_healthy(begin: Begin) -> None:
    api = Docker(Running=False, Health={"Status": "healthy"})
    services(begin, api).start("jobs")
    assert api.done == ["start"]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"dies": True, "ExitCode": 3}, "it ended with exit code 3. Its last lines: first\nno b"),
        ({"Restarting": True, "ExitCode": 1}, "it ended with exit code 1"),
        ({"Health": {"Status": "starting"}}, "its health check did not pass within 0.2 s"),
    ],
)
def test_one_that_does_not_come_back(begin: Begin, state: dict[str, Any], said: str) -> None:
    """The student's loss, with the log's last lines."""
    api = Docker(**{"Running": False, **state})
    found = services(begin, api)
    limits = SimpleNamespace(start=0.2)
    object.__setattr__(found.context.challenge, "limits", limits)
    with pytest.raises(Mismatch, match="The service 'jobs' was started again, and") as caught:
        found.start("jobs")
    assert said in str(caught.value)


def test_frozen_and_going_on(begin: Begin) -> None:
    """What is so already stays so."""
    api = Docker()
    found = services(begin, api)
    for _ in range(2):
        found.pause("jobs")
    for _ in range(2):
        found.unpause("jobs")
    assert api.done == ["pause", "pause", "unpause", "unpause"]
    assert not api.state["Paused"]


def test_one_that_has_ended_cannot_be_frozen(begin: Begin) -> None:
    with pytest.raises(Mismatch, match="'jobs' has ended with exit code 9"):
        services(begin, Docker(Running=False, ExitCode=9)).pause("jobs")


def test_what_is_seen_of_it(begin: Begin) -> None:
    found = services(begin, Docker())
    assert found.environment("jobs") == {"A": "1=2", "B": ""}
    assert found.logs("jobs") == "first\nno broker\n"
    assert found.running("jobs")


def test_one_that_is_not_started(begin: Begin) -> None:
    with pytest.raises(Mismatch, match="'jobs' of the Compose file is not started"):
        services(begin, Docker(), there=False).kill("jobs")


def test_the_app_has_operations_of_its_own(begin: Begin) -> None:
    with pytest.raises(PlatformError, match=r"use app\.kill"):
        services(begin, Docker()).kill("web")


@pytest.mark.parametrize("name", ["web", "grader-web-2"])
def test_each_container_of_the_app_is_stopped_and_started(begin: Begin, name: str) -> None:
    """It is back once it answers; where it does not, that is the student's loss."""
    api = Docker()
    found = services(begin, api, apps=("web", "grader-web-2"))
    found.kill(name)
    found.start(name)
    assert api.done == ["SIGKILL", "wait", "start"]


def test_a_container_of_the_app_that_does_not_come_back(begin: Begin) -> None:
    slow = NotReady(rationale="Nothing listens.", evidence="")
    found = services(begin, Docker(Running=False), apps=("web", "grader-web-2"), failure=slow)
    with pytest.raises(Mismatch, match=r"'web' \(container 2\) did not come back\. Nothing"):
        found.start("grader-web-2")
