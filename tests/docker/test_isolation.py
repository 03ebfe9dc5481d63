"""From inside a submission's container nothing but its own MySQL can be reached."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from grader.events import ignore
from grader.model import Challenge
from grader.run.context import RunContext, new_run_id
from grader.run.environment.layout import Environment
from grader.run.environment.provision import provision
from grader.sandbox import gateway, images
from grader.sandbox.container import AppContainer, ContainerSpec
from grader.sandbox.engine import Engine
from grader.sandbox.hardening import hardened
from grader.sandbox.reaper import remove_run
from grader.settings import Settings

PROBE = """
import json, socket, sys
found = {}
for name, address, port in json.loads(sys.argv[1]):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    probe = socket.socket(family)
    probe.settimeout(1.0)
    try:
        target = (address, port, 0, 2) if address.startswith("fe80") else (address, port)
        probe.connect(target)
        found[name] = "reached"
    except OSError as error:
        found[name] = str(error)
    probe.close()
for name in ("outside.example.org", "grader-index"):
    try:
        found[name] = socket.gethostbyname(name)
    except OSError as error:
        found[name] = str(error)
print(json.dumps(found))
"""


@contextmanager
def a_place(
    settings: Settings, probe: Challenge, tmp_path: Path
) -> Iterator[tuple[RunContext, Environment]]:
    context = RunContext.begin(
        run=new_run_id(),
        challenge=probe,
        settings=settings,
        folder=tmp_path,
        seed=1,
        listener=ignore,
        cancel=threading.Event(),
    )
    try:
        yield context, provision(context)
    finally:
        remove_run(context.resources.engine, context.run)


@pytest.fixture
def listener() -> Iterator[int]:
    """A listener on every address of this machine, as a careless service has."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        yield server.getsockname()[1]


def app_container(context: RunContext, place: Environment) -> AppContainer:
    image = images.resolve_base(
        context.resources.engine, "python:3.11-slim", settings=context.settings
    ).image
    recipe = ContainerSpec(
        image=image,
        network=place.networks.inside[0],
        env={},
        limits=replace(context.challenge.limits, memory=64 << 20),
        labels=context.resources.labels,
    )
    return AppContainer(context.resources.engine, recipe, context.resources.platform.require_sound)


def inside(engine: Engine, container: str, *command: str) -> str:
    api: Any = engine.client.api
    done = api.exec_start(api.exec_create(container, list(command))["Id"])
    return str(done.decode("utf-8", "replace"))


def keep_running(engine: Engine, context: RunContext, place: Environment) -> str:
    """A container as the app's, whose command does nothing."""
    container = app_container(context, place)
    api: Any = engine.client.api
    created = api.create_container(
        container.recipe.image,
        command=["sleep", "120"],
        labels=dict(context.resources.labels),
        host_config=hardened(api, container.recipe.network, container.recipe.limits),
        networking_config=api.create_networking_config(
            {place.networks.inside[0]: api.create_endpoint_config()}
        ),
    )["Id"]
    api.start(created)
    return str(created)


def test_only_its_own_mysql_is_reached(
    engine: Engine, settings: Settings, probe: Challenge, tmp_path: Path, listener: int
) -> None:
    """Not the host on any address, not its gateway, not another submission, no name outside."""
    with (
        a_place(settings, probe, tmp_path) as (context, place),
        a_place(settings, probe, tmp_path) as (_, other),
    ):
        container = keep_running(engine, context, place)
        theirs = other.service("mysql").server.id
        targets: list[tuple[str, str, int]] = [
            (f"host {address}", address, listener) for address in host_addresses()
        ]
        targets += [
            ("own network's gateway", gateway_of(engine, place.networks.inside[0]), listener),
            ("edge network's gateway", gateway_of(engine, place.networks.edge), listener),
            ("other submission's MySQL", address_of(engine, theirs), 3306),
            ("other submission's gateway", address_of(engine, other.gateway.container), 3306),
        ]
        targets += [
            (f"own gateway {address} {port}", address, port)  # who could flood or speak through it
            for address in addresses_of(engine, place.gateway.container)
            for port in place.gateway.addresses
        ]
        found = json.loads(inside(engine, container, "python3", "-c", PROBE, json.dumps(targets)))
        assert all(said != "reached" for said in found.values()), found
        for name in ("outside.example.org", "grader-index"):
            assert "name" in found[name].lower(), found  # "Temporary failure in name resolution"
        own = json.loads(
            inside(engine, container, "python3", "-c", PROBE, json.dumps([("own", "mysql", 3306)]))
        )
        assert own["own"] == "reached", "The test itself can see nothing."


def test_the_gateway_gets_nowhere_either(
    engine: Engine, settings: Settings, probe: Challenge, tmp_path: Path
) -> None:
    """What a broken gateway could reach: its two networks, and no address beyond the host."""
    with a_place(settings, probe, tmp_path) as (_, place):
        edge: Any = engine.client.api.inspect_network(place.networks.edge)
        assert edge["Options"]["com.docker.network.bridge.enable_ip_masquerade"] == "false"
        assert edge["Internal"], "The gateway of an engine on this machine publishes nothing."
        details = engine.client.api.inspect_container(place.gateway.container)
        assert details["HostConfig"]["CapDrop"] == ["ALL"]
        assert not any(details["NetworkSettings"]["Ports"].values())


def test_where_containers_are_out_of_reach_ports_are_published_on_loopback(
    engine: Engine, settings: Settings, probe: Challenge, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """As with Docker Desktop; found out once, and MySQL answers there."""
    monkeypatch.setattr(gateway, "_accepts", lambda found: False)
    with a_place(settings, probe, tmp_path) as (context, place):
        assert context.resources.engine.bridges_here is False
        assert place.services  # it answered a query through the gateway
        assert {host for host, _ in place.gateway.addresses.values()} == {"127.0.0.1"}
        details = engine.client.api.inspect_container(place.gateway.container)
        published = details["NetworkSettings"]["Ports"].values()
        assert {one["HostIp"] for found in published for one in found} == {"127.0.0.1"}


def test_the_app_is_hardened(
    engine: Engine, settings: Settings, probe: Challenge, tmp_path: Path
) -> None:
    """Capabilities, privileges, processes, memory, swap, processors and logs are limited."""
    with a_place(settings, probe, tmp_path) as (context, place):
        container = keep_running(engine, context, place)
        status = inside(engine, container, "cat", "/proc/1/status")
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert int(fields["CapEff"], 16) == 0
        assert int(fields["CapBnd"], 16) == 0
        assert fields["NoNewPrivs"].strip() == "1"
        limits = engine.client.api.inspect_container(container)["HostConfig"]
        assert limits["Memory"] == limits["MemorySwap"] == 64 << 20
        assert limits["PidsLimit"] == probe.limits.pids
        assert limits["NanoCpus"] == 1_000_000_000
        assert limits["LogConfig"]["Config"] == {"max-size": "2m", "max-file": "2"}


def host_addresses() -> list[str]:
    found = [
        entry.address.split("%")[0]
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family in {socket.AF_INET, socket.AF_INET6}
    ]
    return [address for address in found if address not in {"127.0.0.1", "::1"}]


def gateway_of(engine: Engine, network: str) -> str:
    return str(engine.client.api.inspect_network(network)["IPAM"]["Config"][0]["Gateway"])


def address_of(engine: Engine, container: str) -> str:
    return addresses_of(engine, container)[0]


def addresses_of(engine: Engine, container: str) -> list[str]:
    networks = engine.client.api.inspect_container(container)["NetworkSettings"]["Networks"]
    return [str(one["IPAddress"]) for one in networks.values() if one["IPAddress"]]
