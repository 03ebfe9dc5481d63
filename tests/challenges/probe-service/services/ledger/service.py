"""A service that an exam brings, for the tests: lines of text in books."""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from pathlib import Path
from typing import Any

from grader.deadline import dial
from grader.errors import Cancelled, PlatformError
from grader.model import ServiceSpec
from grader.sandbox import images
from grader.sandbox.engine import Engine, translated
from grader.services.base import (
    Address,
    Hide,
    NotAnswering,
    NotClean,
    Operations,
    Refusal,
    Reusable,
    Server,
    ServerPlacement,
    Service,
    ServiceImage,
    Tenant,
)

PROGRAM = (Path(__file__).parent / "program.py").read_text("utf-8")
PORT = 7070
REFUSED = re.compile(r"refused book=(\S+) from=(\S+) given=yes")
READY_SECONDS = 20.0
POLL = 0.03


class LedgerService(Service):
    """Lines of text in books, each with a token."""

    def wanted(self, spec: ServiceSpec) -> images.WantedImage:
        """Python, which runs the program."""
        return images.DockerfileBase(reference="python:3.11-slim")

    def start(self, image: ServiceImage, spec: ServiceSpec, within: ServerPlacement) -> Server:
        """Start the program."""
        admin = secrets.token_hex(12)
        api = within.engine.client.api
        with translated():
            made = api.create_container(
                image.image, ["python3", "-u", "-c", PROGRAM, str(PORT)],
                environment={"ADMIN": admin}, labels=dict(within.labels),
                host_config=api.create_host_config(
                    mem_limit="128m", pids_limit=64, security_opt=["no-new-privileges"],
                    cap_drop=["ALL"],
                    log_config={"type": "json-file", "config": {"max-size": "1m"}},
                ),
                networking_config={
                    "EndpointsConfig": {
                        within.network: api.create_endpoint_config(aliases=["ledger"])
                    }
                },
            )  # fmt: skip
            api.start(made["Id"])
        return LedgerServer(within.engine, made["Id"], admin, dict(spec.options).get("pages", 1))


class LedgerServer(Server):
    """One container with the program."""

    title = "The ledger"

    def __init__(self, engine: Engine, container: str, admin: str, pages: Any) -> None:
        self._api = engine.client.api
        self._id = container
        self.admin = admin
        self.pages = int(pages)
        self.current = _drawn()
        self.guests = ()

    @property
    def id(self) -> str:
        """The container's id."""
        return self._id

    @property
    def tenant(self) -> Tenant:
        """The run's book."""
        return self.current

    def await_ready(self, address: Address, cancel: threading.Event) -> None:
        """Wait until the administrator is answered."""
        end, failure = time.monotonic() + READY_SECONDS, "nothing answered"
        while time.monotonic() < end:
            if cancel.is_set():
                msg = "The run was cancelled while the ledger started."
                raise Cancelled(msg)
            try:
                self.ask(address, "STATE", "-")
            except (OSError, PlatformError) as error:
                failure = str(error)
                time.sleep(POLL)
            else:
                return
        msg = f"The ledger did not answer in {READY_SECONDS:g} s: {failure}"
        raise NotAnswering(msg)

    def ask(self, address: Address, verb: str, book: str, *rest: str) -> dict[str, Any]:
        """What the program answers its administrator. Raises `OSError`, `PlatformError`."""
        with dial(address, 3) as connection:
            connection.sendall(f"{self.admin} {verb} {book} {' '.join(rest)}\n".encode())
            line = connection.makefile("rb").readline(1_000_000)
        if not line:
            msg = "the ledger ended the connection"
            raise PlatformError(msg)
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        """Kill the program."""
        with translated():
            self._api.kill(self._id)
            self._api.wait(self._id, timeout=20)

    def start_again(self, address: Address, cancel: threading.Event) -> None:
        """Start the container, and wait."""
        with translated():
            self._api.start(self._id)
        self.await_ready(address, cancel)

    def told(self, address: Address) -> dict[str, Any]:
        """Address, book and token."""
        values = self.current.values
        return {
            "host": address[0], "port": address[1], "book": values["book"],
            "token": values["token"], "pages": self.pages,
        }  # fmt: skip

    def secrets(self) -> dict[str, str]:
        """The administrator's token and the book's."""
        return {"LEDGER_ADMIN": self.admin, "LEDGER_TOKEN": self.current.values["token"]}

    def prepare(self, address: Address) -> None:
        """Open the run's book."""
        self.open(address, self.current)

    def open(self, address: Address, tenant: Tenant) -> None:
        """Make a book."""
        self.ask(address, "OPEN", tenant.values["book"], tenant.values["token"])

    def admit_guest(self, address: Address) -> Tenant:
        """Open another book."""
        guest = _drawn()
        self.open(address, guest)
        self.guests = (*self.guests, guest)
        return guest

    def refusals(self) -> tuple[Refusal, ...]:
        """What its log tells of wrong tokens."""
        with translated():
            lines = self._api.logs(self._id).decode("utf-8", "replace").splitlines()
        return tuple(
            Refusal(user=found[1], host=found[2], guessed=True, line=line)
            for line in lines
            if (found := REFUSED.fullmatch(line))
        )

    def operations(self, address: Address, hide: Hide) -> Operations:
        """How many books there are, those of other apps left out."""
        return {
            "count_books": lambda: len(self.ask(address, "STATE", "-")["books"]) - len(self.guests)
        }

    def reusable(self, address: Address) -> Reusable:
        """What lends it."""
        return Lent(self, address)


class Lent(Reusable):
    """The ledger with what it was like when it was new."""

    def __init__(self, server: LedgerServer, address: Address) -> None:
        self._server = server
        self._address = address
        self._new = server.ask(address, "STATE", "-")

    def admit(self) -> None:
        """Open a new book."""
        self._server.current, self._server.guests = _drawn(), ()
        self._server.open(self._address, self._server.current)

    def clean(self) -> None:
        """Drop the books, and compare."""
        for tenant in (self._server.current, *self._server.guests):
            self._server.ask(self._address, "DROP", tenant.values["book"])
        if self._server.ask(self._address, "STATE", "-") != self._new:
            msg = "A submission has left something in the ledger."
            raise NotClean(msg)


def _drawn() -> Tenant:
    book, token = f"book{secrets.token_hex(4)}", secrets.token_urlsafe(18)
    return Tenant(
        user=book,
        values={"host": "ledger", "port": str(PORT), "book": book, "token": token},
    )
