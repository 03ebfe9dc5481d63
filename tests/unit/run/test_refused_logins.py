"""What MySQL's log says of refused logins, whatever an app calls the accounts that it tries."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.run.probes.environment import AppEnvironment
from grader.run.probes.sequential import SecretProbe
from grader.sandbox.engine import Engine
from grader.services.base import refused_users
from grader.services.mysql.access import MySqlAccess
from grader.services.mysql.server import MySqlServer, refusals_in

DENIED = (
    "2026-01-01T00:00:00.{number:06d}Z {number} [Note] [MY-010926] [Server] Access denied for "
    "user '{user}'@'172.18.0.4' (using password: YES)"
)
NAMES = (
    "\x1b]0;x", "\x1bPq", "\x1b_x", "\x1b^x", "\x1bX", "\x1b[", "\x1b[31", "\x1b", "\x9d0;x",
    "\x90", "cr\rcr", "bs\x08\x08\x08", "it's", "\x1b]x\x07", "b'@'localhost' (using password: NO)",
    "\u2028", "\x85", "\x0b", "\x0c", "x" * 48, "", "\ufffd",
)  # fmt: skip


class Server(MySqlServer):
    """One that has logged these bytes."""

    def __init__(self, raw: bytes) -> None:
        api = SimpleNamespace(logs=lambda container, tail: raw)
        client = SimpleNamespace(api=api)
        super().__init__(cast("Engine", SimpleNamespace(client=client)), MySqlAccess.draw())

    @property
    def id(self) -> str:
        """Its container."""
        return "mysql"


def logged(*users: str) -> Server:
    lines = [DENIED.format(user=user, number=number) for number, user in enumerate(users)]
    return Server("\n".join(lines).encode())


def probe(server: MySqlServer) -> SecretProbe:
    return SecretProbe(cast("Any", None), AppEnvironment({}, {}), cast("Any", None), (server,))


def users(server: MySqlServer) -> list[str]:
    found = probe(server).refused_logins()
    assert {one.service for one in found} <= {"MySQL"}
    return [one.user for one in found]


@pytest.mark.parametrize("name", NAMES)
def test_no_account_hides_another(name: str) -> None:
    """Neither those that were refused before it nor after, nor itself."""
    server = logged("before", name, "after")
    found = users(server)
    assert found[0] == "before"
    assert found[-1] == "after"
    assert len(found) == 3
    assert sum(one.guessed for one in server.refusals()) == 3


def test_a_flood_hides_nothing_that_the_engine_keeps() -> None:
    """Refused logins are looked for in the whole log, not in its end."""
    noise = "\n".join(f"{number} [Note] Got an error reading packets" for number in range(5000))
    server = Server(DENIED.format(user="root", number=1).encode() + b"\n" + noise.encode())
    assert users(server) == ["root"]


def test_guests_are_left_out_by_their_whole_name_only() -> None:
    """An app cannot hide a login of its own by putting a guest's name into it."""
    guest = MySqlAccess.draw()
    server = logged(guest.user, f"x'{guest.user}'", f"{guest.user}x")
    server.guest_access = (guest,)
    assert users(server) == [f"x'{guest.user}'", f"{guest.user}x"]


def test_who_tried_is_told_by_the_address() -> None:
    """Apps alongside the examined one try accounts at the same time, and may call them anything."""
    forged = DENIED.format(user="x'@'172.18.0.9' (using password: YES)", number=1)
    other = DENIED.format(user="root", number=2).replace("172.18.0.4", "172.18.0.5")
    log = f"{forged}\n{other}"
    found = refusals_in(log.split("\n"))
    assert refused_users(found, {"172.18.0.9"}) == []
    assert refused_users(found, {"172.18.0.5"}) == ["root"]
    assert len(refused_users(found)) == 2


def test_the_container_itself_is_no_client() -> None:
    """What its own entrypoint tries says nothing of the app."""
    assert not refusals_in(["Access denied for user 'root'@'localhost' (using password: NO)"])


def test_only_a_password_that_was_given_counts_as_guessed() -> None:
    """A log-in without one is refused, and no guess."""
    outside = "Access denied for user 'app'@'172.18.0.4' (using password: YES)"
    (with_one,), (without,) = refusals_in([outside]), refusals_in([outside.replace("YES", "NO")])
    assert (with_one.user, with_one.guessed) == ("app", True)
    assert (without.user, without.guessed) == ("app", False)
