"""Whether the submission holds up a service: it answers once the submission's containers pause."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from grader.errors import PlatformError
from grader.exam.faults import Mismatch
from grader.run import holding
from grader.run.context import RunContext
from grader.run.deployment import ServiceEndpoint
from grader.run.holding import require_answering
from grader.run.service_operations import service_operations
from grader.sandbox.labels import RUN
from grader.service_catalogue import built_in
from grader.services.base import Address, Tenant
from grader.services.container import AwaitedServer
from grader.settings import Settings
from grader.testing import FakeApi, FakeServer, a_challenge, fake_engine


class Engine:
    """Containers that are paused and go on."""

    def __init__(self) -> None:
        self.paused: set[str] = set()
        self.done: list[tuple[str, str]] = []
        self.asked: dict[str, Any] = {}

    def containers(self, *, filters: dict[str, Any]) -> list[dict[str, str]]:
        self.asked = filters
        return [{"Id": one} for one in ("app", "worker", "gateway", "mail")]

    def pause(self, container: str) -> None:
        self.paused.add(container)
        self.done.append(("pause", container))

    def unpause(self, container: str) -> None:
        self.paused.remove(container)
        self.done.append(("unpause", container))


class HeldServer(AwaitedServer):
    """One that answers while the containers in `needs` are paused."""

    title = "The mail server"

    def __init__(self, engine: Engine, needs: set[str], *, starved: bool = False) -> None:
        super().__init__(fake_engine(FakeApi()))
        self._engine_ = engine
        self._needs = needs
        self._starved = starved

    @property
    def id(self) -> str:
        return "mail"

    @property
    def tenant(self) -> Tenant:
        return Tenant(user="", values={})

    def told(self, address: Address) -> dict[str, Any]:
        return {}

    def attempt(self, address: Address) -> str:
        return "" if self._needs <= self._engine_.paused else "it is busy"

    def is_starved(self, cancel: threading.Event) -> bool:
        return self._starved


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def context(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> RunContext:
    monkeypatch.setattr(holding, "ANSWER_SECONDS", 0.1)
    made = RunContext.begin(
        run="r", challenge=a_challenge(), settings=Settings.from_env({}), folder=tmp_path, seed=1,
        listener=lambda event: None, cancel=threading.Event(),
    )  # fmt: skip
    api: Any = engine
    made.resources._engine = fake_engine(api)
    return made


def endpoint(server: Any) -> ServiceEndpoint:
    return ServiceEndpoint(
        manifest=built_in()["mail"], server=server, address=("127.0.0.1", 1)
    )  # fmt: skip


def test_what_answers_only_without_the_app_is_the_app_s_loss(
    context: RunContext, engine: Engine
) -> None:
    server = HeldServer(engine, {"app", "worker"})
    with pytest.raises(Mismatch, match="answers the exam only while your app is paused"):
        require_answering(context, endpoint(server), {"gateway", "mail"})
    assert engine.asked["label"] == f"{RUN}=r"
    assert engine.paused == set()
    assert engine.done[:2] == [("pause", "app"), ("pause", "worker")]


@pytest.mark.parametrize(
    ("needs", "starved"), [({"nobody"}, False), ({"app"}, True)], ids=["broken", "starved"]
)
def test_what_does_not_answer_even_then_is_none(
    needs: set[str], starved: bool, context: RunContext, engine: Engine
) -> None:
    """Nor where others have the processors: then the app is not paused either."""
    server = HeldServer(engine, needs, starved=starved)
    require_answering(context, endpoint(server), {"gateway", "mail"})
    assert engine.paused == set()
    assert bool(engine.done) != starved


def test_a_container_that_cannot_be_paused_is_the_platform_s(
    context: RunContext, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that were paused go on."""
    pause = engine.pause

    def failing(container: str) -> None:
        if container == "worker":
            msg = "no freezer"
            raise PlatformError(msg)
        pause(container)

    monkeypatch.setattr(engine, "pause", failing)
    with pytest.raises(PlatformError, match="no freezer"):
        require_answering(context, endpoint(HeldServer(engine, {"app"})), {"gateway", "mail"})
    assert engine.paused == set()


def test_a_suite_asks_for_it_by_name(context: RunContext, engine: Engine) -> None:
    found = endpoint(HeldServer(engine, {"app"}))
    table = service_operations(context, found, lambda: None, {"gateway", "mail"})
    with pytest.raises(Mismatch, match="your app keeps it busy"):
        table["require_answering"]()


def test_a_server_of_another_kind_is_not_asked(context: RunContext, engine: Engine) -> None:
    require_answering(context, endpoint(FakeServer()), set())
    assert engine.done == []
