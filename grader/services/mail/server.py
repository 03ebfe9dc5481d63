"""A mail server for one run: a program of ours on aiosmtpd, in a container of its own.

What it keeps is in its memory alone; its container cannot be written to.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from grader.deadline import dial
from grader.deadline.mail import give_order
from grader.errors import PlatformError
from grader.services.base import (
    Account,
    Address,
    NotClean,
    Refusal,
    Reusable,
    ServerPlacement,
    Tenant,
)
from grader.services.container import ContainerServer, placed

PROGRAM = (Path(__file__).parent / "catcher.py").read_text("utf-8")
HOST = "mail"
"""The server's name on its network."""
PORT = 1025
ATTEMPT = 2.0
"""Seconds that one attempt to connect may take."""
MEMORY = 320 * 1024 * 1024
"""Bytes: what it keeps, twice while it is told of, and Python."""
PIDS = 32
NOBODY = "65534:65534"


class MailServer(ContainerServer):
    """A mail server in a container of its own."""

    title = "The mail server"

    poll = 0.02
    ready_seconds = 30.0

    def __init__(self, image: str, within: ServerPlacement) -> None:
        """`image` has aiosmtpd; it is not started yet."""
        self._password = secrets.token_urlsafe(24)
        self.account = Account.draw("mailer")
        self._guests: tuple[Tenant, ...] = ()
        environment = {"GRADER_PASSWORD": self._password}
        container = placed(
            image, environment, HOST, MEMORY, within, pids=PIDS,
            user=NOBODY, read_only=True, cap_drop=["ALL"],
        )  # fmt: skip
        container.with_command(["python3", "-I", "-u", "-c", PROGRAM])
        super().__init__(within.engine, container)

    # -- what it is ------------------------------------------------------------------------

    @property
    def tenant(self) -> Tenant:
        """The app's account."""
        return tenant_of(self.account, PORT)

    @property
    def guests(self) -> tuple[Tenant, ...]:  # type: ignore[override]
        """What apps alongside the examined one have of it: a port of their own each."""
        return self._guests

    def secrets(self) -> dict[str, str]:
        """Return its passwords by names."""
        return {"MAIL_PASSWORD": self.account.password, "MAIL_GRADER_PASSWORD": self._password}

    def told(self, address: Address) -> dict[str, Any]:
        """Return what the suite's fixture is given: the address, and what orders begin with."""
        return {"host": address[0], "port": address[1], "password": self._password}

    def order(self, address: Address, do: str, **order: Any) -> dict[str, Any]:
        """Have it carry out an order. Raises `PlatformError`."""
        try:
            return give_order(address, self._password, {"do": do, **order})
        except OSError as error:
            msg = f"the mail server did not carry out an order: {error}"
            raise PlatformError(msg) from error

    # -- starting and stopping -------------------------------------------------------------

    def attempt(self, address: Address) -> str:
        """Ask for its greeting; empty where it comes, else why it does not."""
        try:
            return "" if self._greeting(address).startswith(b"220") else "it gave no greeting"
        except OSError as error:
            return str(error)

    def answers(self) -> bool:
        """Whether something greets at its address."""
        try:
            return bool(self._greeting(self._address))
        except OSError:
            return False

    def prepare(self, address: Address) -> None:
        """Give it the app's account."""
        self.order(address, "reset", user=self.account.user, password=self.account.password)

    def admit_guest(self, address: Address) -> Tenant:
        """Have it listen on a port for an app alongside the examined one; no suite sees those."""
        account = Account.draw("mailer")
        answer = self.order(address, "guest", user=account.user, password=account.password)
        if "port" not in answer:
            msg = f"the mail server has no room for one more app: {answer.get('error')}"
            raise PlatformError(msg)
        guest = tenant_of(account, int(answer["port"]))
        self._guests = (*self._guests, guest)
        return guest

    def refusals(self) -> tuple[Refusal, ...]:
        """Return the log-ins that it has refused in this run."""
        told = self.order(self._address, "refusals")["refusals"]
        return tuple(
            Refusal(
                user=one["user"], host=one["host"], guessed=one["guessed"],
                line=f"{number}: {one['user']} from {one['host']}",
            )
            for number, one in enumerate(told)
        )  # fmt: skip

    def reusable(self, address: Address) -> Reusable:
        """Return what lends it to one run after another."""
        return ReusedMail(self, address)

    def begin(self, account: Account) -> None:
        """From now on it is another run's, with `account`."""
        self.account = account
        self._guests = ()

    @staticmethod
    def _greeting(address: Address) -> bytes:
        with dial(address, ATTEMPT, 4096) as connection:
            return connection.recv(64)


def tenant_of(account: Account, port: int) -> Tenant:
    """Return what an app with `account` is given."""
    user, password = account.user, account.password
    return Tenant(
        user=user,
        values={
            "host": HOST, "port": str(port), "user": user, "password": password,
            "url": f"smtp://{user}:{password}@{HOST}:{port}",
        },
    )  # fmt: skip


class ReusedMail(Reusable):
    """A mail server that forgets: all that an app can reach of it is in its program's memory."""

    def __init__(self, server: MailServer, address: Address) -> None:
        """`server` is ready at `address`."""
        self._server = server
        self._address = address

    def admit(self) -> None:
        """Give it another account. Raises `NotClean`."""
        self._server.begin(Account.draw("mailer"))
        self._reset(self._server.account)

    def clean(self) -> None:
        """Have it forget mails, attempts, orders and ports, and cut what is connected."""
        self._reset(Account(user="", password=""))

    def _reset(self, account: Account) -> None:
        try:
            self._server.order(self._address, "reset", user=account.user, password=account.password)
        except PlatformError as error:
            msg = f"The mail server cannot be emptied: {error}"
            raise NotClean(msg) from error
