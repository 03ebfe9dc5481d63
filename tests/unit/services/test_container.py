"""The one loop that waits for a server, and how one is stopped, started and told about."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from grader.errors import Cancelled, PlatformError
from grader.sandbox.labels import DATABASE
from grader.services import container as module
from grader.services.base import NotAnswering, ServerEnded, Tenant
from grader.services.container import AwaitedServer, ContainerServer, placed
from grader.services.mysql.server import MySql, MySqlServer
from grader.services.postgres.server import PostgresServer
from grader.services.redis.server import RedisServer
from grader.testing import FakeApi, fake_engine
from tests.unit.services.sql_servers import ADDRESS, container, placement

RUNNING = {"State": {"Running": True}}
ENDED = {"State": {"Running": False, "ExitCode": 3}}


class Ledger(ContainerServer):
    """A server that answers from its third attempt on."""

    title = "The ledger"
    tenant = Tenant(user="", values={})
    poll = 0.001

    def __init__(self, *, after: int = 2, gone_after: int = 0, **answers: Any) -> None:
        self.api = FakeApi(**{"logs": b"one\ntwo\n", "inspect_container": RUNNING, **answers})
        super().__init__(fake_engine(self.api), container())
        self._after = after
        self._gone_after = gone_after
        self.attempts = list[tuple[str, int]]()

    def attempt(self, address: tuple[str, int]) -> str:
        self.attempts.append(address)
        return "" if len(self.attempts) > self._after else "nobody there"

    def answers(self) -> bool:
        self._gone_after -= 1
        return self._gone_after >= 0

    def told(self, address: tuple[str, int]) -> dict[str, Any]:
        return {}


class Another(Ledger):
    """One whose container ends and starts with it."""

    stop = AwaitedServer.stop
    _start_server = AwaitedServer._start_server


def test_it_is_asked_until_it_answers() -> None:
    server = Ledger()
    server.await_ready(ADDRESS, threading.Event())
    assert server.attempts == [ADDRESS] * 3


def test_who_does_not_answer_is_told_with_reason_and_last_lines() -> None:
    with pytest.raises(NotAnswering, match=r"(?s)ledger did not .*nobody there.*one\ntwo"):
        Ledger(after=999).await_ready(ADDRESS, threading.Event(), within=0.02)


@pytest.mark.parametrize(("starved", "answers"), [(True, True), (False, False)])
def test_an_overloaded_machine_gives_it_its_time_again(
    starved: bool, answers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[float] = []

    def is_starved(pid: int, cpus: float, cancel: threading.Event) -> bool:
        measured.append(cpus)
        return starved

    class Slow(Ledger):
        def attempt(self, address: tuple[str, int]) -> str:
            return "" if len(measured) == 2 else "nobody there"

    monkeypatch.setattr(module, "is_starved", is_starved)
    if answers:
        Slow().await_ready(ADDRESS, threading.Event(), within=0.02)
    else:
        with pytest.raises(NotAnswering):
            Slow().await_ready(ADDRESS, threading.Event(), within=0.02)


def test_who_has_ended_is_told_with_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long before its time is over."""
    monkeypatch.setattr(module, "STATE_POLL", 0.0)
    began = time.monotonic()
    with pytest.raises(ServerEnded, match=r"(?s)ledger ended with exit code 3.*two"):
        Ledger(after=9**9, inspect_container=ENDED).await_ready(ADDRESS, threading.Event())
    assert time.monotonic() - began < 5


def test_a_wait_is_cancelled() -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled, match="cancelled while The ledger started"):
        Ledger().await_ready(ADDRESS, cancel)


def test_a_server_that_needs_long_is_asked_less_often_at_first() -> None:
    class Slow(Ledger):
        early_seconds = 0.06
        early_poll = 0.02

    server = Slow(after=999)
    with pytest.raises(NotAnswering):
        server.await_ready(ADDRESS, threading.Event(), within=0.07)
    assert 3 < len(server.attempts) < 20
    quick = Slow(after=0)
    quick.await_ready(ADDRESS, threading.Event())
    assert len(quick.attempts) == 1


def test_it_is_killed_and_started_by_signals() -> None:
    """And not returned from before it is gone."""
    server = Ledger(gone_after=3)
    server.restart(ADDRESS, threading.Event())
    kills = [args for name, args, _ in server.api.asked if name == "kill"]
    assert kills == [("container", "SIGUSR1"), ("container", "SIGUSR2")]
    assert server._gone_after == -1


def test_one_that_cannot_be_killed_is_the_platforms_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GONE_SECONDS", 0.02)
    with pytest.raises(PlatformError, match="could not be killed"):
        Ledger(gone_after=10**9).stop()


def test_another_is_killed_and_started_with_its_container() -> None:
    server = Another()
    server.restart(ADDRESS, threading.Event())
    assert server.api.calls == ["kill", "wait", "start"]


def test_a_container_that_has_ended_by_itself_is_stopped() -> None:
    from docker.errors import APIError

    response: Any = SimpleNamespace(status_code=409, url="")

    def gone(*_: Any) -> None:
        msg = "it is not running"
        raise APIError(msg, response=response)

    server = Another(kill=gone)
    server.stop()
    assert server.api.calls == ["kill", "wait"]


def test_lines_of_earlier_runs_are_not_told() -> None:
    lines = [b"one\n", b"one\ntwo \x1b[31mred\n"]
    server = Ledger(logs=lambda *_, **__: lines[0])
    server.begin_log()
    lines.pop(0)
    assert server.entries()[0] == "two \x1b[31mred"
    assert "\x1b" not in server.log()
    assert "one" not in server.log()


def test_a_server_gets_a_name_bounds_and_no_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("testcontainers.core.container.DockerClient", lambda **_: None)
    made = placed("image", {"A": "b"}, "ledger", 5, placement(), pids=7)
    options = made._kwargs
    assert options["labels"] == {"run": "7", DATABASE: "ledger"}
    assert (options["mem_limit"], options["memswap_limit"], options["pids_limit"]) == (5, 5, 7)
    assert options["network"] == "inside"
    assert made.env == {"A": "b", "GRADER_SIGNALS": "yes"}
    assert not made.ports


@pytest.mark.parametrize(
    ("kind", "poll", "early", "ready"),
    [
        (MySqlServer, 0.03, 0.3, 60.0), (PostgresServer, 0.03, 0.0, 60.0),
        (RedisServer, 0.01, 0.0, 30.0),
    ],
)  # fmt: skip
def test_each_kind_is_waited_for_in_the_one_loop(
    kind: type[AwaitedServer], poll: float, early: float, ready: float
) -> None:
    """As often, and as long, as suits it."""
    assert (kind.poll, kind.early_seconds, kind.ready_seconds) == (poll, early, ready)
    assert kind.early_poll == 0.05
    assert kind._start_server in {ContainerServer._start_server, AwaitedServer._start_server}
    assert issubclass(MySql, ContainerServer)
