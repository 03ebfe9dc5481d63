"""The payment provider of one run: a program of ours on h11, in a container of its own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from grader.services.base import Account, ServerPlacement, Tenant
from grader.services.double.server import ProgramServer


class PaymentServer(ProgramServer):
    """A payment provider in a container of its own."""

    title = "The payment provider"
    name = "payments"
    port = 12111
    modules = ("payments.webhooks", "payments.ledger", "payments.provider")
    kind = "acct"

    def __init__(self, image: str, within: ServerPlacement, webhook: str) -> None:
        """`webhook` is the path of the app that webhooks are sent to."""
        self._webhook = {"app": within.app, "path": webhook}
        self._secrets: dict[int, str] = {}
        """What signs webhooks, by the port of whose they are."""
        super().__init__(image, within)

    def draw(self) -> Account:
        """Return a new account; its password is an API key."""
        drawn = Account.draw(self.kind)
        return Account(user=drawn.user, password=f"sk_test_{drawn.password}")

    def of_the_examined(self) -> Mapping[str, Any]:
        """Return where webhooks go, and what signs them."""
        return {**self._webhook, "secret": self._secret(self.port)}

    def secrets(self) -> dict[str, str]:
        """Return its passwords by names."""
        return {**super().secrets(), "PAYMENTS_WEBHOOK_SECRET": self._secret(self.port)}

    def begin(self) -> None:
        """From now on it is another run's, with another account and other signatures."""
        super().begin()
        self._secrets.clear()

    def tenant_of(self, account: Account, port: int) -> Tenant:
        """Return what an app with `account` is given."""
        return Tenant(
            user=account.user,
            values={
                "host": self.name, "port": str(port), "url": f"http://{self.name}:{port}",
                "key": account.password, "webhook_secret": self._secret(port),
            },
        )  # fmt: skip

    def _secret(self, port: int) -> str:
        return self._secrets.setdefault(port, f"whsec_{secrets.token_urlsafe(24)}")
