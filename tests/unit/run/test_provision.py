"""What an environment is made for, and what is made of it."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.model import ServiceSpec, Substitution
from grader.run.context import RunContext
from grader.run.environment import provision as module
from grader.run.environment.layout import Environment, EnvironmentSpec, RunningService, probe_ports
from grader.run.environment.provision import EnvironmentBuilder, provision
from grader.sandbox import images
from grader.service_catalogue import built_in
from grader.services.base import ServiceImage
from grader.settings import Settings
from grader.testing import FakeApi, FakeServer, a_challenge, fake_engine

MYSQL = ServiceSpec(name="mysql", image="mysql:8.4")
SWAP = Substitution(wanted="mysql:8.4", used="MySQL 9.7", reason="no registry")
IMAGE = ServiceImage(image="grader/mysql", wanted="mysql:8.4", substitution=SWAP)


def test_ports_of_probes_leave_those_of_services_out() -> None:
    assert probe_ports(5000, {3306}) == [5001, 5002]
    assert probe_ports(3305, {3306, 3307}) == [3308, 3309]


def test_a_spec_names_each_way_in() -> None:
    spec = EnvironmentSpec.of(a_challenge(services=(MYSQL,)))
    assert spec.services == (MYSQL,)
    assert dict(spec.routes)[3306] == "mysql:3306"
    assert dict(spec.routes)[5000].endswith(":5000")
    assert len(spec.routes) == 4
    assert hash(spec) == hash(EnvironmentSpec.of(a_challenge(services=(MYSQL,))))


def test_services_start_alongside_each_other_and_are_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    server = FakeServer()
    service = SimpleNamespace(image=lambda *_: IMAGE, start=lambda *_: server)
    monkeypatch.setattr(module, "service_of", lambda _: service)
    monkeypatch.setattr(images, "tools_image", lambda *_, **__: "tools")
    networks = SimpleNamespace(inside=("inside",), edge="edge")
    monkeypatch.setattr(module, "create_networks", lambda *_, **__: networks)
    gateway = SimpleNamespace(addresses={3306: ("127.0.0.1", 7)}, container="gateway")
    monkeypatch.setattr(module, "start_gateway", lambda *_: gateway)
    monkeypatch.setattr(module, "image_id", lambda *_: "sha256:1")
    builder = EnvironmentBuilder(
        engine=fake_engine(), settings=Settings.from_env({}), run="r", cancel=threading.Event()
    )
    made = builder.make(EnvironmentSpec.of(a_challenge(services=(MYSQL,))))
    found = made.service("mysql")
    assert (found.server, found.address, found.image_id) == (server, ("127.0.0.1", 7), "sha256:1")
    assert server.done == ["await_ready"]


def test_a_service_is_on_each_network_of_a_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under its name, whichever of them a service of the project is on."""
    api, server = FakeApi(), FakeServer()
    service = SimpleNamespace(image=lambda *_: IMAGE, start=lambda *_: server)
    monkeypatch.setattr(module, "service_of", lambda _: service)
    monkeypatch.setattr(images, "tools_image", lambda *_, **__: "tools")
    networks, named = SimpleNamespace(inside=("front", "back", "more"), edge="edge"), list[str]()

    def create(_: Any, name: str, *__: Any, **___: Any) -> SimpleNamespace:
        named.append(name)
        return networks

    monkeypatch.setattr(module, "create_networks", create)
    gateway = SimpleNamespace(addresses={3306: ("127.0.0.1", 7)}, container="gateway")
    monkeypatch.setattr(module, "start_gateway", lambda *_: gateway)
    monkeypatch.setattr(module, "image_id", lambda *_: "sha256:1")
    EnvironmentBuilder(
        engine=fake_engine(api), settings=Settings.from_env({}), run="r", name="rlate",
        cancel=threading.Event(),
    ).make(EnvironmentSpec.of(a_challenge(services=(MYSQL,))))  # fmt: skip
    joined = [
        (args[1], more["aliases"])
        for name, args, more in api.asked if name == "connect_container_to_network"
    ]  # fmt: skip
    assert joined == [("back", ["mysql"]), ("more", ["mysql"])]
    assert named == ["rlate"]


def test_a_run_of_its_own_prepares_its_services(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[tuple[str, int]] = []

    class Prepared(FakeServer):
        """Notes that it was prepared."""

        def prepare(self, address: tuple[str, int]) -> None:
            """Note it."""
            prepared.append(address)

        def secrets(self) -> dict[str, str]:
            """Return one."""
            return {"DB_PASSWORD": "of-the-server"}

    running = RunningService(
        manifest=built_in()["mysql"], server=Prepared(), address=("127.0.0.1", 7), image=IMAGE,
        image_id="sha256:1",
    )  # fmt: skip
    environment = Environment(
        networks=cast("Any", None), gateway=cast("Any", None), services=(running,)
    )
    monkeypatch.setattr(EnvironmentBuilder, "make", lambda *_: environment)
    context = RunContext.begin(
        run="r", challenge=a_challenge(services=(MYSQL,)), settings=Settings.from_env({}),
        folder=tmp_path, seed=1, listener=lambda event: None, cancel=threading.Event(),
    )  # fmt: skip
    context.resources._engine = fake_engine()
    assert provision(context) is environment
    assert prepared == [("127.0.0.1", 7)]
    assert context.recorder.materials.images == {"mysql:8.4": "sha256:1"}
    assert context.recorder.materials.substitutions == [SWAP]
    assert context.redactor.shown("it is of-the-server") != "it is of-the-server"
