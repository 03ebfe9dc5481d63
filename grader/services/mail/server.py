"""A mail server for one run: a program of ours on aiosmtpd, in a container of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.deadline.mail import give_order
from grader.services.base import Account, Address, Tenant
from grader.services.double.server import ProgramServer


class MailServer(ProgramServer):
    """A mail server in a container of its own."""

    title = "The mail server"
    name = "mail"
    port = 1025
    first = ("double.admission",)
    modules = ("mail.meter", "mail.record", "mail.catcher")
    kind = "mailer"
    memory = 448 * 1024 * 1024
    """Bytes: mails that are kept (`record`), those that have begun (`meter`), and Python."""

    def tenant_of(self, account: Account, port: int) -> Tenant:
        """Return what an app with `account` is given."""
        user, password = account.user, account.password
        return Tenant(
            user=user,
            values={
                "host": self.name, "port": str(port), "user": user, "password": password,
                "url": f"smtp://{user}:{password}@{self.name}:{port}",
            },
        )  # fmt: skip

    def give(self, address: Address, order: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Give an order over SMTP."""
        return give_order(address, self.password, order, seconds=seconds)
