"""The doubles as services: when each is ready, what outlasts an outage, and that a run leaves none.

Mail, payments, identity and objects are programs of ours, which hold everything in memory.
"""

from __future__ import annotations

import base64
import http.client
import json
import smtplib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest

from grader.errors import PlatformError
from grader.model import ServiceSpec
from grader.run.environment.layout import Environment, EnvironmentSpec
from grader.run.environment.pool import EnvironmentPool
from grader.services.base import Account, Address, NotClean
from grader.services.double.server import ProgramServer
from grader.services.identity.server import IdentityServer
from grader.services.mail.server import MailServer
from grader.services.objects.bucket import bucket_of
from grader.services.objects.server import ObjectServer
from grader.services.payments.server import PaymentServer
from tests.docker.pace import slowness

pytestmark = pytest.mark.alone

READY_SECONDS = 2.0
"""What each may take where nothing else runs."""
BACK_SECONDS = 2.0


def send(address: Address, account: Account) -> int:
    """Hand in a mail as the app does; return what the log-in was answered with."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "x"
    try:
        with smtplib.SMTP(*address, timeout=5) as client:
            client.login(account.user, account.password)
            client.send_message(message)
    except smtplib.SMTPAuthenticationError as error:
        return error.smtp_code
    return 200


def post(address: Address, path: str, body: bytes, headers: dict[str, str]) -> int:
    """Send a request as the app does; return its status."""
    with closing(http.client.HTTPConnection(*address, timeout=5)) as connection:
        connection.request("POST", path, body, headers)
        return connection.getresponse().status


def charge(address: Address, account: Account) -> int:
    """Make a charge."""
    headers = {
        "Authorization": f"Bearer {account.password}", "Content-Type": "application/json",
    }  # fmt: skip
    asked = json.dumps({"amount": 100, "currency": "eur", "metadata": {}}).encode()
    return post(address, "/v1/charges", asked, headers)


def ask_for_a_token(address: Address, account: Account) -> int:
    """Ask for a token with a code that nobody was given."""
    said = base64.b64encode(f"{account.user}:{account.password}".encode()).decode()
    headers = {
        "Authorization": f"Basic {said}", "Content-Type": "application/x-www-form-urlencoded",
    }  # fmt: skip
    return post(address, "/token", b"grant_type=authorization_code&code=x", headers)


def ask_for_a_file(address: Address, account: Account) -> int:
    """Ask for a file with a signature of years ago."""
    said = (
        f"AWS4-HMAC-SHA256 Credential={account.user}/20200101/us-east-1/s3/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}"
    )
    headers = {"Authorization": said, "X-Amz-Date": "20200101T000000Z"}
    return post(address, f"/{bucket_of(account.user)}/file", b"x", headers)


@dataclass(frozen=True, kw_only=True)
class Double:
    """One of them, and what an app does there that is told of."""

    server: type[ProgramServer]
    use: Callable[[Address, Account], int]
    told: str
    """The order that tells of it."""
    accepted: int
    """What a request with the right password is answered with."""
    refused: int
    kept: bool = True
    """Whether a server is used by one run after another; else each run has a new one."""
    options: tuple[tuple[str, str | int | bool], ...] = ()

    @property
    def plan(self) -> EnvironmentSpec:
        """What an environment with it is made for."""
        name, port = self.server.name, self.server.port
        return EnvironmentSpec(
            routes=((5000, "app:5000"), (port, f"{name}:{port}")),
            services=(ServiceSpec(name=name, options=self.options),),
        )

    def of(self, place: Environment) -> tuple[ProgramServer, Address]:
        """Return the server of an environment, and where it is reached."""
        server = place.service(self.server.name).server
        assert isinstance(server, self.server)
        return server, place.address(self.server.port)


DOUBLES = {
    "mail": Double(server=MailServer, use=send, told="messages", accepted=200, refused=535),
    "payments": Double(
        server=PaymentServer, use=charge, told="charges", accepted=200, refused=401,
        options=(("webhook", "/webhooks"),),
    ),
    "identity": Double(
        server=IdentityServer, use=ask_for_a_token, told="tokens", accepted=400, refused=401,
        options=(("callback", "/callback"),),
    ),
    "objects": Double(
        server=ObjectServer, use=ask_for_a_file, told="requests", accepted=403, refused=403,
        kept=False,
    ),
}  # fmt: skip


@pytest.fixture(params=DOUBLES)
def double(request: pytest.FixtureRequest) -> Double:
    return DOUBLES[request.param]


@pytest.fixture
def place(environments: EnvironmentPool, double: Double) -> Iterator[Environment]:
    taken = environments.take(double.plan)
    yield taken
    environments.give_back(taken, sound=True)


def count(double: Double, place: Environment) -> int:
    """How many things the suite is told of."""
    server, address = double.of(place)
    return int(server.order(address, double.told, after=0)["all"])


def test_it_is_ready_soon(double: Double, place: Environment) -> None:
    """From the start of its container to its first answer."""
    server, address = double.of(place)
    api: Any = server._api
    api.kill(server.id)
    began = time.monotonic()
    api.start(server.id)
    server.await_ready(address, threading.Event())
    seconds = time.monotonic() - began
    print(f"{server.name} is ready after {seconds:.2f} s")  # noqa: T201 - a figure to read
    assert seconds < READY_SECONDS * slowness()
    server.prepare(address)
    assert count(double, place) == 0


def test_an_outage_loses_nothing(double: Double, place: Environment) -> None:
    """While it lasts nobody is answered; then it is back at once, with what it kept."""
    server, address = double.of(place)
    assert double.use(address, server.account) == double.accepted
    server.stop()
    with pytest.raises(PlatformError, match="did not carry out"):
        server.order(address, double.told, after=0)
    with pytest.raises((OSError, smtplib.SMTPException, http.client.HTTPException)):
        double.use(address, server.account)
    began = time.monotonic()
    server.start_again(address, threading.Event())
    seconds = time.monotonic() - began
    print(f"{server.name} is back after {seconds:.2f} s")  # noqa: T201 - a figure to read
    assert seconds < BACK_SECONDS * slowness()
    assert count(double, place) == 1
    server.restart(address, threading.Event())
    assert count(double, place) == 1


def test_a_run_sees_nothing_of_the_one_before(
    double: Double, environments: EnvironmentPool
) -> None:
    """No entry, order, refusal, account or guest, on the same server where it is kept."""
    containers, accounts = set(), list[Account]()
    for _ in range(3):
        place = environments.take(double.plan)
        server, address = double.of(place)
        containers.add(server.id)
        assert count(double, place) == 0
        assert server.refusals() == ()
        assert server.guests == ()
        for old in accounts:
            assert double.use(address, old) == double.refused
        stranger = Account(user="nobody", password="a guess")
        assert double.use(address, stranger) == double.refused
        assert server.refusals()
        assert double.use(address, server.account) == double.accepted
        assert count(double, place) > 0
        first = server.admit_guest(address)
        assert first.values["port"] == str(server.port + 1)
        server.order(address, "orders", orders={"delay": 30.0})
        accounts.append(server.account)
        environments.give_back(place, sound=True)
    assert len(containers) == (1 if double.kept else 3)
    assert len({one.password for one in accounts}) == 3


def test_what_was_ordered_ends_with_its_run(double: Double, environments: EnvironmentPool) -> None:
    """A delay that one run's suite has asked for is not the next one's."""
    place = environments.take(double.plan)
    server, address = double.of(place)
    server.order(address, "orders", orders={"delay": 30.0})
    environments.give_back(place, sound=True)
    place = environments.take(double.plan)
    server, address = double.of(place)
    began = time.monotonic()
    assert double.use(address, server.account) == double.accepted
    assert time.monotonic() - began < 5
    environments.give_back(place, sound=True)


def test_one_that_cannot_be_emptied_is_not_used_again(
    double: Double, environments: EnvironmentPool
) -> None:
    place = environments.take(double.plan)
    server, address = double.of(place)
    reused = server.reusable(address)
    assert bool(reused) == double.kept
    server.stop()
    if reused:
        with pytest.raises(NotClean, match="cannot be emptied"):
            reused.clean()
    environments.give_back(place, sound=True)
    another = environments.take(double.plan)
    assert double.of(another)[0].id != server.id
    environments.give_back(another, sound=True)


def test_each_double_is_here() -> None:
    """A service that is a program of ours and not in this table was forgotten."""
    from grader.service_catalogue import built_in

    programs = {
        name for name in built_in() if name not in {"mysql", "mariadb", "postgres", "redis"}
    }  # fmt: skip
    assert programs - {"rabbitmq"} == {*DOUBLES}
