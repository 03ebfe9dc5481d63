"""The grader's side of the mail server: what it orders, and what it makes of the answers."""

from __future__ import annotations

from typing import Any

import pytest

from grader.errors import PlatformError
from grader.services.base import NotClean, Refusal
from grader.services.mail.server import PORT, MailServer
from tests.unit.services.sql_servers import ADDRESS, container, placement

Orders = list[dict[str, Any]]


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> Orders:
    """What the program is told, in order; it has one port for guests."""
    given: Orders = []
    answers = {
        "guest": {"port": 1026},
        "refusals": {"refusals": [{"user": "ada", "host": "172.18.0.3", "guessed": True}]},
    }

    def give(address: object, password: str, order: dict[str, Any], **_: Any) -> dict[str, Any]:
        assert address == ADDRESS
        assert password
        given.append(order)
        if order["do"] == "guest" and [one["do"] for one in given].count("guest") > 1:
            return {"error": "full"}
        return dict(answers.get(order["do"], {}))

    monkeypatch.setattr("grader.services.mail.server.give_order", give)
    return given


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, orders: Orders) -> MailServer:
    """One in a container that is a stand-in, ready at `ADDRESS`."""
    made = container(with_command=lambda command: None)
    monkeypatch.setattr("grader.services.mail.server.placed", lambda *_, **__: made)
    found = MailServer("image", placement())
    found._address = ADDRESS
    return found


def test_the_app_s_account_is_the_one_that_the_program_knows(
    server: MailServer, orders: Orders
) -> None:
    server.prepare(ADDRESS)
    values = server.tenant.values
    assert orders == [{"do": "reset", "user": values["user"], "password": values["password"]}]
    assert values["url"] == f"smtp://{values['user']}:{values['password']}@mail:{PORT}"


def test_a_guest_has_a_port_and_an_account_of_its_own(server: MailServer, orders: Orders) -> None:
    """Where there is no room for one more, the platform is at fault."""
    guest = server.admit_guest(ADDRESS)
    assert guest.values["port"] == "1026"
    assert guest.user != server.tenant.user
    assert server.guests == (guest,)
    with pytest.raises(PlatformError, match="no room for one more app: full"):
        server.admit_guest(ADDRESS)
    assert server.guests == (guest,)


def test_refused_log_ins_are_told_apart(server: MailServer) -> None:
    assert server.refusals() == (
        Refusal(user="ada", host="172.18.0.3", guessed=True, line="0: ada from 172.18.0.3"),
    )


def test_the_next_run_has_another_account(server: MailServer, orders: Orders) -> None:
    """Nobody has one in between, and the guests of the run before are gone."""
    server.admit_guest(ADDRESS)
    first = server.tenant
    reused = server.reusable(ADDRESS)
    reused.clean()
    reused.admit()
    assert server.guests == ()
    assert server.tenant.user != first.user
    assert [(one["do"], one["user"]) for one in orders[1:]] == [
        ("reset", ""), ("reset", server.tenant.user)
    ]  # fmt: skip


def test_a_program_that_does_not_answer_is_not_clean(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the platform's, and the server is not used again."""

    def silent(*_: object, **__: object) -> None:
        msg = "no answer in 5 s"
        raise OSError(msg)

    monkeypatch.setattr("grader.services.mail.server.give_order", silent)
    with pytest.raises(PlatformError, match="did not carry out an order: no answer"):
        server.prepare(ADDRESS)
    with pytest.raises(NotClean, match="cannot be emptied"):
        server.reusable(ADDRESS).clean()
