"""The grader's side of services that are programs of ours: what each is given, told and asked."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from grader.errors import PlatformError
from grader.model import ServiceSpec
from grader.services.base import Address, NotClean, Service
from grader.services.double.server import ProgramServer
from grader.services.identity.server import IdentityServer
from grader.services.identity.service import IdentityService
from grader.services.mail.server import MailServer
from grader.services.mail.service import MailService
from grader.services.objects.server import ObjectServer
from grader.services.objects.service import ObjectService
from grader.services.payments.server import PaymentServer
from grader.services.payments.service import PaymentService
from tests.unit.services.sql_servers import ADDRESS, placement

OPTIONS = {
    "identity": (("callback", "/callback"), ("pkce", True)),
    "payments": (("webhook", "/webhooks"),),
}


class Made:
    """The container of one, as it was asked for."""

    def __init__(self, **asked: Any) -> None:
        self.asked = asked
        self.command: list[str] = []
        self.started = False

    def with_command(self, command: list[str]) -> None:
        self.command = command

    def start(self) -> None:
        self.started = True

    def get_container_id(self) -> str:
        return "container"


class Talk:
    """What a server is asked, and what it answers; an error is raised."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[Address, dict[str, Any]]] = []

    def give(self, address: Address, order: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        self.asked.append((address, dict(order)))
        answer = self.answers.pop(0) if self.answers else {}
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)


@pytest.fixture
def containers(monkeypatch: pytest.MonkeyPatch) -> list[Made]:
    made: list[Made] = []

    def placed(
        image: str, environment: Mapping[str, str], name: str, memory: int, *_: object, **more: Any
    ) -> Made:
        made.append(Made(image=image, environment=environment, name=name, memory=memory, **more))
        return made[-1]

    monkeypatch.setattr("grader.services.double.server.placed", placed)
    return made


def started(service: Service, name: str) -> ProgramServer:
    spec = ServiceSpec(name=name, options=OPTIONS.get(name, ()))
    server = service.start(service_image(), spec, placement())
    assert isinstance(server, ProgramServer)
    return server


def service_image() -> Any:
    return SimpleNamespace(image="made")


SERVICES = {
    "mail": (MailService(), MailServer),
    "payments": (PaymentService(), PaymentServer),
    "identity": (IdentityService(), IdentityServer),
    "objects": (ObjectService(), ObjectServer),
}


@pytest.fixture(params=SERVICES)
def server(request: pytest.FixtureRequest, containers: list[Made]) -> ProgramServer:
    return started(SERVICES[request.param][0], request.param)


def talk(server: ProgramServer, monkeypatch: pytest.MonkeyPatch, *answers: Any) -> Talk:
    made = Talk(*answers)
    monkeypatch.setattr(server, "give", made.give)
    return made


def test_its_container_can_do_little(server: ProgramServer, containers: list[Made]) -> None:
    (made,) = containers
    assert made.started
    assert made.asked["name"] == server.name
    assert made.asked["user"] == "65534:65534"
    assert made.asked["read_only"] is True
    assert made.asked["cap_drop"] == ["ALL"]
    assert made.asked["memory"] <= 512 * 1024 * 1024
    assert made.asked["pids"] <= 64
    assert made.asked["environment"] == {"GRADER_PASSWORD": server.password}
    assert made.command[:4] == ["python3", "-I", "-u", "-c"]
    assert server.password not in made.command[-1]


def test_an_app_is_given_what_leads_there(server: ProgramServer) -> None:
    values = server.tenant.values
    assert (values["host"], values["port"]) == (server.name, str(server.port))
    assert server.tenant.user == server.account.user
    assert any(server.account.password in one for one in values.values())
    told = server.told(ADDRESS)
    assert (told["host"], told["port"], told["password"]) == (*ADDRESS, server.password)
    secret = set(server.secrets().values())
    assert {server.account.password, server.password} <= secret
    assert server.password not in str(values)


def test_it_is_ready_once_it_answers(
    server: ProgramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = talk(server, monkeypatch, ConnectionError("refused"), {})
    assert server.attempt(ADDRESS) == "refused"
    assert server.attempt(ADDRESS) == ""
    assert asked.asked == [(ADDRESS, {"do": "ready"})] * 2


def test_an_order_that_fails_is_the_platform_s(
    server: ProgramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk(server, monkeypatch, TimeoutError("the time is up"))
    with pytest.raises(PlatformError, match="did not carry out an order: the time is up"):
        server.order(ADDRESS, "messages")


def test_an_app_alongside_has_a_port_of_its_own(
    server: ProgramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = server.port + 1
    asked = talk(server, monkeypatch, {"port": port}, {"error": "there are too many ports"})
    guest = server.admit_guest(ADDRESS)
    assert (guest.values["port"], server.guests) == (str(port), (guest,))
    ((_, order),) = asked.asked
    assert (order["do"], order["user"]) == ("guest", guest.user)
    assert guest.user != server.tenant.user
    with pytest.raises(PlatformError, match="no room for one more app: there are too many ports"):
        server.admit_guest(ADDRESS)


def test_refusals_are_told_apart(server: ProgramServer, monkeypatch: pytest.MonkeyPatch) -> None:
    one = {"user": "u", "host": "h", "guessed": True}
    talk(server, monkeypatch, {"refusals": [one, one]})
    first, second = server.refusals()
    assert (first.user, first.host, first.guessed) == ("u", "h", True)
    assert first.line != second.line


def test_a_run_gets_an_account_of_its_own(
    server: ProgramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = talk(server, monkeypatch)
    server.prepare(ADDRESS)
    before = server.tenant
    server.begin()
    assert server.tenant.user != before.user
    assert server.guests == ()
    ((_, order),) = asked.asked
    assert (order["do"], order["user"]) == ("reset", before.user)


def test_one_that_is_kept_forgets(server: ProgramServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is used no more where it does not say that it has."""
    reused = server.reusable(ADDRESS)
    if reused is None:
        assert isinstance(server, ObjectServer)
        return
    asked = talk(server, monkeypatch, {}, {}, OSError("gone"), OSError("gone"))
    old = server.account
    reused.admit()
    reused.clean()
    (_, admitted), (_, cleaned) = asked.asked
    assert admitted["user"] == server.account.user != old.user
    assert cleaned == {"do": "reset"}
    for call in (reused.clean, reused.admit):
        with pytest.raises(NotClean, match="cannot be emptied"):
            call()
