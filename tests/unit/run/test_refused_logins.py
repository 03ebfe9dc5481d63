"""What MySQL's log says of refused logins, whatever an app calls the accounts that it tries."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.exam.operations import EndedProbe
from grader.run.app import DeployedApp
from grader.run.probes.environment import AppEnvironment
from grader.run.probes.parallel import ParallelProbes, ProbeSlot
from grader.run.probes.sequential import SecretProbe
from grader.sandbox.engine import Engine
from grader.services.base import refused_users
from grader.services.mysql.access import MySqlAccess
from grader.services.mysql.server import MySqlServer, refusals_in

DENIED = (
    "2026-01-01T00:00:00.{number:06d}Z {number} [Note] [MY-010926] [Server] Access denied for "
    "user '{user}'@'172.18.0.4' (using password: YES)"
)
OWN, OWN_6 = "172.18.0.2", "fd00::2"
"""The addresses of the server's container."""
NAMES = (
    "\x1b]0;x", "\x1bPq", "\x1b_x", "\x1b^x", "\x1bX", "\x1b[", "\x1b[31", "\x1b", "\x9d0;x",
    "\x90", "cr\rcr", "bs\x08\x08\x08", "it's", "\x1b]x\x07", "b'@'localhost' (using password: NO)",
    "\u2028", "\x85", "\x0b", "\x0c", "x" * 48, "", "\ufffd",
)  # fmt: skip


class Server(MySqlServer):
    """One that has logged these bytes."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        own = {"inside": {"IPAddress": OWN, "GlobalIPv6Address": OWN_6}}
        api = SimpleNamespace(
            logs=lambda container, tail: self.raw,
            inspect_container=lambda container: {"NetworkSettings": {"Networks": own}},
        )
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


GIVEN = AppEnvironment(secrets := {"KEY": "a key", "TOKEN": "a token"}, secrets)


class EndingApp:
    """An app that ends at once; someone is refused at `host` meanwhile."""

    address = ("127.0.0.1", 1)

    def __init__(self, server: Server, host: str) -> None:
        self.container = SimpleNamespace(
            id="c", state=lambda: SimpleNamespace(running=False), remove=lambda: None
        )
        self._server = server
        self._host = host

    def start(self, *, within: float) -> None:
        """End, while the server's log has one more line."""
        number = len(self._server.raw)
        line = DENIED.format(user="board", number=number).replace("172.18.0.4", self._host)
        self._server.raw += f"{line}\n".encode()


def trials(server: Server, host: str, *, shared: bool) -> SecretProbe:
    """Return trials of an app without a secret each, during which someone at `host` is refused."""

    def make(environment: object) -> DeployedApp:
        return cast("DeployedApp", EndingApp(server, host))

    context = cast("Any", None)
    slot = ProbeSlot(given=GIVEN, make=make)
    together = ParallelProbes(context, [lambda: slot, lambda: slot]) if shared else None
    return SecretProbe(context, GIVEN, make, (server,), parallel=together, shared=shared)


@pytest.mark.parametrize("own", [OWN, OWN_6, "localhost", "127.0.0.1"])
def test_a_refused_health_check_between_two_trials_accuses_no_app(own: str) -> None:
    """It asks from the database's own container, now and then, with a password of its own."""
    server = logged("before")
    server.raw += f"\n{DENIED.format(user='board', number=1)}\n".replace("172.18.0.4", own).encode()
    probe = trials(server, own, shared=False)
    for name in GIVEN.environment:
        probe.start([name])
        assert probe.end() == EndedProbe(guessed=False)
    assert [one.user for one in probe.refused_logins()] == ["before"]
    together = trials(server, own, shared=True)
    together.begin(list(GIVEN.environment))
    assert [together.ended(one) for one in GIVEN.environment] == [EndedProbe(guessed=False)] * 2
    together.close()


def test_a_refused_log_in_of_an_app_during_its_trial_accuses_it() -> None:
    """It comes from another container; afterwards it is no log-in of the examined app's."""
    server = logged()
    probe = trials(server, "172.18.0.20", shared=False)
    probe.start(["KEY"])
    assert probe.end() == EndedProbe(guessed=True)
    assert probe.refused_logins() == []
    together = trials(server, "172.18.0.20", shared=True)
    together.begin(list(GIVEN.environment))
    assert [together.ended(one) for one in GIVEN.environment] == [None, None], "whose it was?"
    together.close()
