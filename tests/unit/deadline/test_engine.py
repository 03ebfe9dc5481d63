"""Every call of the engine ends in time, whatever it passes on of a container."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docker
import pytest

from grader.sandbox import gateway, transport
from grader.sandbox.engine import Engine
from tests.unit.deadline.peers import (
    LIMIT,
    OK,
    Peer,
    after,
    flood,
    in_time,
    listening,
    often,
    silence,
)

pytestmark = pytest.mark.slow

JSON = OK + b"Content-Type: application/json\r\nContent-Length: 99\r\n\r\n"
FRAMES = OK + b"Content-Type: application/vnd.docker.multiplexed-stream\r\n\r\n"
ENGINE: dict[str, Peer] = {
    "says nothing": silence,
    "drips": after(JSON, often, b" "),
    "a log that never ends": after(FRAMES, often, b"\1\0\0\0\0\0\0\1x"),
    "headers that drip": after(OK + b"X: ", often, b"y"),
    "interim answers": after(b"", flood, b"HTTP/1.1 100 Continue\r\n\r\n"),
}
CALLS: dict[str, Callable[[Any], object]] = {
    "inspect": lambda api: api.inspect_container("x"),
    "health": lambda api: api.inspect_container("x")["State"]["Health"],
    "logs": lambda api: api.logs("x", tail=9),
    "wait": lambda api: api.wait("x", timeout=LIMIT),
    "top": lambda api: api.top("x"),
    "stop": lambda api: api._post(api._url("/containers/x/stop"), timeout=LIMIT).json(),
    "archive": lambda api: b"".join(api.get_archive("x", "/a")[0]),
    "exec": lambda api: api.exec_start("x"),
}


@pytest.mark.parametrize("peer", ENGINE)
@pytest.mark.parametrize("call", CALLS)
def test_a_call_of_the_engine_ends(
    call: str, peer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it passes on of a container."""
    monkeypatch.setattr(transport, "STREAM_SECONDS", LIMIT)
    path = str(tmp_path / "docker.sock")
    with listening(ENGINE[peer], socket.AF_UNIX, path):
        client = docker.DockerClient(base_url=f"unix://{path}", version="1.44", timeout=1)
        client.api.timeout = LIMIT  # type: ignore[assignment]
        transport.install(client.api)
        with in_time(), pytest.raises(Exception):  # noqa: B017
            CALLS[call](client.api)
        client.close()


def test_the_engine_is_reached_this_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The door to Docker uses it."""

    def answers(connection: socket.socket) -> None:
        body = b'{"ApiVersion": "1.44", "Version": "28.0.0"}'
        head = OK + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        while connection.recv(65536):
            connection.sendall(head + body)

    path = str(tmp_path / "docker.sock")
    with listening(answers, socket.AF_UNIX, path):
        engine = Engine.connect(f"unix://{path}")
        adapter = engine.client.api.get_adapter("http+docker://localhost/x")
        engine.close()
    assert isinstance(adapter, transport.EngineAdapter)


def test_a_gateway_is_looked_at_for_its_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where nothing answers at its address."""
    monkeypatch.setattr(gateway, "REACHED_SECONDS", LIMIT)
    nowhere = gateway.Gateway(container="x", addresses={1: ("127.0.0.1", 1)})
    with in_time():
        assert not gateway._accepts(nowhere)
