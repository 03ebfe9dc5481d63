"""`compose.service`: found by role or name, acted on, and going on after the test."""

from __future__ import annotations

from typing import Any, cast

import pytest

from grader.exam.compose import ComposeFixture
from grader.exam.compose_view import ComposeView, PlayedRoles, ReachedAt, RoleContainer
from grader.exam.composed import Reaching
from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.reached import TlsAddress
from grader.exam.serialization import from_json, to_json


def described(*networks: str, ports: tuple[int, ...] = ()) -> dict[str, Any]:
    return {"networks": list(networks), "ports": [{"target": one} for one in ports]}


SECURE = TlsAddress(host="127.0.0.1", port=8002, shown="https://localhost", name="localhost")
VIEW = ComposeView(
    path="compose.yml", app="web", database="", networks=("default",), volumes=(), missing=(),
    services={
        "web": described("front", "back", ports=(8000,)),
        "jobs": described("back"),
        "store": described("back"),
    },
    roles=PlayedRoles(
        services={"app": "web", "worker": "jobs", "cache": "store"}, absent=("broker",),
        reached={
            "store": ReachedAt(host="127.0.0.1", port=8001, tls=SECURE),
            "jobs": ReachedAt(host="", port=0, tls=SECURE),
            "web": ReachedAt(host="127.0.0.1", port=8000),
            "grader-web-2": ReachedAt(host="127.0.0.1", port=8002),
        },
        several={"app": 2, "worker": 3, "broker": 2},
        replicas={
            "app": (
                RoleContainer(name="web", service="web"),
                RoleContainer(name="grader-web-2", service="web"),
            ),
            "worker": (RoleContainer(name="jobs", service="jobs"),) * 2,
        },
    ),
)  # fmt: skip


class Grader:
    """Answers what a suite asks for, and notes it."""

    def __init__(self, **failing: Exception) -> None:
        self.failing = failing
        self.asked: list[str] = []

    def call(self, name: str, **arguments: Any) -> Any:
        operation = name.partition(".")[2]
        self.asked.append(f"{operation} {arguments.get('service', '')}".strip())
        if error := self.failing.get(operation):
            raise error
        ended = {"exit_code": 143, "seconds": 0.5, "killed": False}
        return {"stop": ended, "environment": {"A": "1"}, "logs": "said", "running": True}.get(
            operation
        )


def project(grader: Grader) -> ComposeFixture:
    seen = cast("Any", lambda address: address)
    return ComposeFixture(grader.call, VIEW, "services: {}", Reaching(plain=seen, tls=seen))


def test_by_role_and_by_name() -> None:
    compose = project(Grader())
    assert compose.service("worker") is compose.service("jobs")
    assert compose.service("app").networks == ["front", "back"]
    assert compose.service("app").published == [8000]
    assert compose.service("worker").environment == {"A": "1"}
    assert compose.service("cache").logs() == "said"
    assert compose.service("cache").running


def test_a_role_that_nobody_plays_is_the_students_loss() -> None:
    with pytest.raises(Mismatch, match=r"no service that is the broker; see compose\.valid"):
        project(Grader()).service("broker")


def test_another_name_is_the_suites_fault() -> None:
    with pytest.raises(PlatformFault, match="no role and no service 'mailer'"):
        project(Grader()).service("mailer")


def test_the_app_is_looked_at_only() -> None:
    """Its container has operations of its own, which wait until it answers."""
    grader = Grader()
    with pytest.raises(PlatformFault, match=r"use app\.kill"):
        project(grader).service("app").kill()
    assert grader.asked == []


def test_stopped_killed_started() -> None:
    grader = Grader()
    worker = project(grader).service("worker")
    assert worker.stop(within=3).exit_code == 143
    worker.start()
    with worker.outage():
        assert worker.disturbed
    with worker.paused():
        pass
    assert grader.asked == [
        "stop jobs", "start jobs", "kill jobs", "start jobs", "pause jobs", "unpause jobs",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "after"), [("stop", "start jobs"), ("kill", "start jobs"), ("pause", "unpause jobs")]
)
def test_what_a_test_has_stopped_goes_on_after_it(act: str, after: str) -> None:
    """Also where it did not get so far as to start it; once."""
    grader = Grader()
    compose = project(grader)
    getattr(compose.service("worker"), act)()
    assert compose.disturbed
    compose.restore()
    compose.restore()
    assert grader.asked == [f"{act} jobs", after]
    assert not compose.disturbed


def test_what_does_not_come_back_costs_the_test_that_needs_it() -> None:
    """Nothing is raised between two tests."""
    grader = Grader(start=Mismatch("it ended with exit code 1"))
    compose = project(grader)
    compose.service("worker").kill()
    with pytest.raises(Mismatch):
        compose.service("worker").start()
    compose.restore()
    assert grader.asked.count("start jobs") == 2
    assert not compose.disturbed


def test_a_service_whose_port_the_exam_names_is_reached() -> None:
    """As the app is; another one cannot be."""
    compose = project(Grader())
    assert compose.service("cache").client == ("127.0.0.1", 8001)  # type: ignore[comparison-overlap]
    with pytest.raises(PlatformFault, match="names no port of its role"):
        _ = compose.service("worker").client


def test_a_service_that_speaks_tls_is_reached_by_it() -> None:
    """Where the exam names the port of its role for TLS, with or without a plain one."""
    compose = project(Grader())
    assert compose.service("cache").tls == SECURE  # type: ignore[comparison-overlap]
    assert compose.service("worker").tls == SECURE  # type: ignore[comparison-overlap]
    assert compose.service("app").tls is None


def test_each_container_of_a_role_is_reached_and_stopped_by_itself() -> None:
    """Also the app's first, which is `app`; it goes on after the test."""
    grader = Grader()
    compose = project(grader)
    first, second = compose.replicas("app")
    assert (first.name, second.name) == ("web", "web")
    assert first.client == ("127.0.0.1", 8000)  # type: ignore[comparison-overlap]
    assert second.client == ("127.0.0.1", 8002)  # type: ignore[comparison-overlap]
    assert second.networks == ["front", "back"]
    with second.outage():
        pass
    first.stop()
    assert compose.disturbed
    compose.restore()
    assert grader.asked == ["kill grader-web-2", "start grader-web-2", "stop web", "start web"]
    assert compose.replicas("app")[0] is first
    with pytest.raises(PlatformFault, match=r"use app\.kill"):
        compose.service("app").kill()


def test_fewer_containers_than_asked_for_are_the_students_loss() -> None:
    with pytest.raises(Mismatch, match=r"has 2 containers of the worker, and the exam asks for 3"):
        project(Grader()).replicas("worker")


def test_a_role_of_several_that_nobody_plays_is_the_students_loss() -> None:
    with pytest.raises(Mismatch, match="no service that is the broker"):
        project(Grader()).replicas("broker")


def test_replicas_that_the_exam_does_not_ask_for_are_the_suites_fault() -> None:
    with pytest.raises(PlatformFault, match="write `replicas: 2` in that role"):
        project(Grader()).replicas("cache")


def test_it_comes_whole_over_the_channel() -> None:
    """Roles and addresses included."""
    assert from_json(ComposeView, to_json(VIEW)) == VIEW
