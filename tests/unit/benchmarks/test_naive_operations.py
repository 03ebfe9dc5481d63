"""What the suite of each exam may ask for, the naive way does: nothing is refused half-way."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from benchmarks.speed.__main__ import PREFERRED, ROOT, accepted
from benchmarks.speed.floor import STARTS
from benchmarks.speed.lent import view_of
from benchmarks.speed.naive import Naive
from benchmarks.speed.naive_compose import NaiveCompose
from benchmarks.speed.project import Project
from benchmarks.speed.services import NaiveService
from benchmarks.speed.stock import STOCK
from benchmarks.speed.tools import Bases
from benchmarks.speed.values import app_variables
from grader.exam.dispatch import Operations, RefusedCall, methods
from grader.exam.operations import (
    AppOperations,
    CommandOperations,
    ComposedOperations,
    ComposeOperations,
    ProbeOperations,
    SubmissionOperations,
    VolumeOperations,
)
from grader.model import Challenge, ServiceSpec
from grader.run.context import RunContext
from grader.run.deployment import ServiceEndpoint
from grader.run.service_operations import service_operations
from grader.sandbox.volumes import VolumeHelper, VolumeMount
from grader.service_catalogue import fixture_names
from grader.services.base import Server
from grader.services.container import AwaitedServer
from grader.services.mail.server import MailServer
from grader.services.redis.server import RedisServer
from grader.services.registry import manifest_of
from grader.settings import Settings
from grader.spec.loader import load
from grader.testing import fake_engine
from tests.unit.services.sql_servers import a_mysql, a_postgres, container, placement

GROUPS: Mapping[str, Any] = {
    "submission": SubmissionOperations, "app": AppOperations, "probe": ProbeOperations,
    "command": CommandOperations, "volume": VolumeOperations, "compose": ComposeOperations,
    "composed": ComposedOperations,
}  # fmt: skip
OFFERED = {
    "dockerfile": ("submission", "app", "probe", "command"),
    "command": ("submission", "command"),
    "compose": ("submission", "app", "probe", "compose", "composed"),
}
"""The groups of operations that a grade has, by the exam's mode."""
SLUGS = sorted(one.name for one in (ROOT / "challenges").iterdir() if one.is_dir())
ADDRESS = ("127.0.0.1", 1)
GIVEN = {"MYSQL_DATABASE": "board", "MYSQL_ROOT_PASSWORD": "of-the-root"}


@cache
def exam(slug: str) -> Challenge:
    """Return an exam of this repository; each is read once."""
    return load(ROOT / "challenges" / slug)


@pytest.fixture(autouse=True)
def no_containers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers of the grader's are made without an engine."""
    for module in ("redis", "double"):
        made = container(with_command=lambda words: None)
        monkeypatch.setattr(
            f"grader.services.{module}.server.placed", lambda *_, made=made, **__: made
        )
    monkeypatch.setattr(Project, "environment", lambda *_: GIVEN)


@pytest.fixture(params=SLUGS)
def challenge(request: pytest.FixtureRequest) -> Challenge:
    return exam(request.param)


def test_there_are_all_the_exams() -> None:
    assert len(SLUGS) >= 16


def test_each_operation_is_answered(challenge: Challenge, tmp_path: Path) -> None:
    """Arguments that no operation takes tell one that is known from one that is not."""
    offered, services = offered_by_the_naive_way(challenge, tmp_path)
    groups = [*OFFERED[challenge.mode], *(["volume"] if challenge.app.volumes else [])]
    wanted = [f"{group}.{name}" for group in groups for name in methods(GROUPS[group])]
    wanted += [f"{one.manifest.fixture}.{name}" for one in services for name in of_a_grade(one)]
    assert [name for name in wanted if not is_known(offered, name)] == []


def test_what_the_exam_does_not_have_is_not_answered(tmp_path: Path) -> None:
    offered, _ = offered_by_the_naive_way(exam("cli-calculator"), tmp_path)
    assert not is_known(offered, "app.restart")
    assert not is_known(offered, "db.restart")


def test_what_starts_something_is_an_operation() -> None:
    """Of the app, its commands, volumes and project, and of each service."""
    known = {f"{group}.{name}" for group, one in GROUPS.items() for name in methods(one)}
    known |= {f"{one}.{do}" for one in fixture_names() for do in ("restart", "stop", "start")}
    assert sorted(STARTS - known) == []
    looked_for = {"cache.stop", "mail.start", "broker.restart", "composed.kill"}
    assert sorted(looked_for - STARTS) == []


def test_every_variable_is_filled_in(challenge: Challenge) -> None:
    services = [naive_service(one) for one in challenge.services]
    filled, injected = app_variables(challenge, 7, services)
    assert filled.keys() == challenge.app.env.keys()
    assert not [name for name, value in filled.items() if "${" in value]
    assert filled == {**injected.secrets, **injected.environment}


def test_a_solution_is_found(challenge: Challenge) -> None:
    """The one that most exams have, or the first by name."""
    found = accepted(challenge, None)
    others = sorted(one.name for one in found.parent.iterdir())
    assert found.name == (PREFERRED if PREFERRED in others else others[0])
    with pytest.raises(ValueError, match="has no accepted solution 'none'"):
        accepted(challenge, "none")


# -- the naive way, without an engine ----------------------------------------------------------


def offered_by_the_naive_way(
    challenge: Challenge, folder: Path
) -> tuple[Operations, list[NaiveService]]:
    """Return what the naive way of an exam answers, and its services."""
    settings = Settings.from_env({"GRADER_STATE": str(folder / "state")})
    source = accepted(challenge, None)
    here = Bases(engine=fake_engine(), settings=settings, stock={}, contexts={}, hosts={})
    services = [naive_service(one) for one in challenge.services]
    if challenge.mode == "compose":
        view = view_of(challenge, source, settings)
        whole = NaiveCompose(challenge=challenge, source=source, bases=here, seed=1, view=view)
        project = whole.project(folder)
        services += whole.database(project)
        return whole.operations(project, services), services
    way = Naive(challenge=challenge, source=source, bases=here, seed=1)
    mounts = tuple(VolumeMount(name="volume", spec=one) for one in challenge.app.volumes)
    helper = VolumeHelper("helper", SimpleNamespace(), mounts) if mounts else None
    return way.operations(way.app("network", {}, helper), services, helper), services


def naive_service(spec: ServiceSpec) -> NaiveService:
    """Return a service that is not started: the usual one, else the grader's own."""
    manifest = manifest_of(spec)
    kind = STOCK.get(manifest.name)
    server = kind(fake_engine()) if kind else servers()[manifest.name]
    assert isinstance(server, AwaitedServer)
    return NaiveService(manifest=manifest, server=server, address=ADDRESS)


def servers() -> dict[str, Server]:
    """Return a server of each service of the grader's that an exam asks for."""
    return {
        "mysql": a_mysql(), "postgres": a_postgres(), "redis": RedisServer("image", placement()),
        "mail": MailServer("image", placement()),
    }  # fmt: skip


def of_a_grade(service: NaiveService) -> Iterator[str]:
    """Yield what a suite may ask of the same service in a grade."""
    context = SimpleNamespace(
        redactor=SimpleNamespace(hide=lambda passwords: None), cancel=threading.Event()
    )
    own = bool(getattr(service.server, "own", False))
    server = service.server if own else servers()[service.manifest.name]
    found = ServiceEndpoint(manifest=service.manifest, server=server, address=ADDRESS, own=own)
    yield from service_operations(cast("RunContext", context), found, lambda: None)


def is_known(offered: Operations, name: str) -> bool:
    """Return whether an operation of that name is there, without doing it."""
    with pytest.raises(RefusedCall) as refused:
        offered.call(name, {"nothing_of_the_kind": 0})
    return "arguments that do not fit" in str(refused.value)
