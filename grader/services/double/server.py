"""The grader's side of such a program: in a container of its own, which cannot be written to."""

from __future__ import annotations

import secrets
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from grader.deadline.orders import SECONDS, give_order
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
from grader.services.double.program import program_of

MODULES = ("double.admission", "double.http", "double.tenants")
"""What every program begins with that speaks HTTP."""
ATTEMPT = 2.0
"""Seconds that one attempt to ask it may take."""
NOBODY = "65534:65534"
PIDS = 32


class ProgramServer(ContainerServer):
    """A program of ours in a container of its own; what it keeps is in its memory alone."""

    name: ClassVar[str]
    """The service's, and its name on its network."""
    port: ClassVar[int]
    first: ClassVar[Sequence[str]] = MODULES
    """The modules that the program begins with."""
    modules: ClassVar[Sequence[str]]
    """Those that come next."""
    kind: ClassVar[str]
    """How the names of accounts begin."""
    memory: ClassVar[int] = 256 * 1024 * 1024
    pids: ClassVar[int] = PIDS
    poll = 0.02
    ready_seconds = 30.0

    def __init__(self, image: str, within: ServerPlacement) -> None:
        """`image` has the libraries of the program; it is not started yet."""
        self.password = secrets.token_urlsafe(24)
        """What orders begin with."""
        self._guests: tuple[Tenant, ...] = ()
        self.account = self.draw()
        container = placed(
            image, {"GRADER_PASSWORD": self.password}, self.name, self.memory, within,
            pids=self.pids, user=NOBODY, read_only=True, cap_drop=["ALL"],
        )  # fmt: skip
        text = program_of((*self.first, *self.modules))
        container.with_command(["python3", "-I", "-u", "-c", text])
        super().__init__(within.engine, container)

    # -- what it is ------------------------------------------------------------------------

    @abstractmethod
    def tenant_of(self, account: Account, port: int) -> Tenant:
        """Return what an app with `account` is given."""

    def draw(self) -> Account:
        """Return a new account."""
        return Account.draw(self.kind)

    def more(self) -> Mapping[str, Any]:
        """Return what else the program is told of each app."""
        return {}

    def of_the_examined(self) -> Mapping[str, Any]:
        """Return what else it is told of the examined app alone."""
        return {}

    @property
    def tenant(self) -> Tenant:
        """The app's account."""
        return self.tenant_of(self.account, self.port)

    @property
    def guests(self) -> tuple[Tenant, ...]:  # type: ignore[override]
        """What apps alongside the examined one have of it: a port of their own each."""
        return self._guests

    def secrets(self) -> dict[str, str]:
        """Return its passwords by names."""
        name = self.name.upper()
        return {f"{name}_PASSWORD": self.account.password, f"{name}_GRADER": self.password}

    def told(self, address: Address) -> dict[str, Any]:
        """Return what the suite's fixture is given: the address, and what orders begin with."""
        return {"host": address[0], "port": address[1], "password": self.password}

    def give(self, address: Address, order: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Give an order, and return the answer. Raises `OSError`."""
        return give_order(address, self.password, order, seconds=seconds)

    def order(self, address: Address, do: str, **order: Any) -> dict[str, Any]:
        """Have it carry out an order. Raises `PlatformError`."""
        try:
            return self.give(address, {"do": do, **order}, SECONDS)
        except OSError as error:
            msg = f"{self.title} did not carry out an order: {error}"
            raise PlatformError(msg) from error

    # -- starting and stopping -------------------------------------------------------------

    def attempt(self, address: Address) -> str:
        """Ask whether it is ready; empty where it is, else why not."""
        try:
            self.give(address, {"do": "ready"}, ATTEMPT)
        except OSError as error:
            return str(error)
        return ""

    def answers(self) -> bool:
        """Whether it still answers where it was found."""
        return not self.attempt(self._address)

    def prepare(self, address: Address) -> None:
        """Give it the app's account."""
        self.reset(address, self.account)

    def reset(self, address: Address, account: Account | None = None) -> None:
        """Have it forget everything, and know `account` alone. Raises `PlatformError`."""
        if account is None:
            self.order(address, "reset")
            return
        told = {**self.more(), **self.of_the_examined()}
        self.order(address, "reset", user=account.user, password=account.password, **told)

    def admit_guest(self, address: Address) -> Tenant:
        """Have it listen on a port for an app alongside the examined one; no suite sees those."""
        account = self.draw()
        answer = self.order(
            address, "guest", user=account.user, password=account.password, **self.more()
        )
        if "port" not in answer:
            msg = f"{self.title} has no room for one more app: {answer.get('error')}"
            raise PlatformError(msg)
        guest = self.tenant_of(account, int(answer["port"]))
        self._guests = (*self._guests, guest)
        return guest

    def refusals(self) -> tuple[Refusal, ...]:
        """Return the requests that it has refused in this run for their password."""
        told = self.order(self._address, "refusals")["refusals"]
        return tuple(
            Refusal(
                user=one["user"], host=one["host"], guessed=one["guessed"],
                line=f"{number}: {one['user']} from {one['host']}",
            )
            for number, one in enumerate(told)
        )  # fmt: skip

    def reusable(self, address: Address) -> Reusable | None:
        """Return what lends it to one run after another."""
        return ReusedProgram(self, address)

    def begin(self) -> None:
        """From now on it is another run's, with another account."""
        self.account = self.draw()
        self._guests = ()


class ReusedProgram(Reusable):
    """A program that forgets: all that an app can reach of it is in its memory."""

    def __init__(self, server: ProgramServer, address: Address) -> None:
        """`server` is ready at `address`."""
        self._server = server
        self._address = address

    def admit(self) -> None:
        """Give it another account. Raises `NotClean`."""
        self._server.begin()
        self._reset(self._server.account)

    def clean(self) -> None:
        """Have it forget what was kept, asked for and let in, and cut what is connected."""
        self._reset()

    def _reset(self, account: Account | None = None) -> None:
        try:
            self._server.reset(self._address, account)
        except PlatformError as error:
            msg = f"{self._server.title} cannot be emptied: {error}"
            raise NotClean(msg) from error
