"""The OpenID Connect provider of one run: a program of ours on joserfc, in a container."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.services.base import Account, Address, ServerPlacement, Tenant
from grader.services.double.server import ProgramServer


class IdentityServer(ProgramServer):
    """An OpenID Connect provider in a container of its own."""

    title = "The identity provider"
    name = "identity"
    port = 12112
    modules = ("identity.tokens", "identity.registrations", "identity.provider")
    kind = "client"

    def __init__(self, image: str, within: ServerPlacement, options: Mapping[str, Any]) -> None:
        """`options` are the challenge's."""
        self._options = {"callback": options["callback"], "pkce": options.get("pkce", False)}
        super().__init__(image, within)

    def more(self) -> Mapping[str, Any]:
        """Return how an app is registered."""
        return {**self._options, "host": self.name}

    def told(self, address: Address) -> dict[str, Any]:
        """Return what the suite's fixture is given: also where the app knows the provider."""
        return {**super().told(address), "issuer": self.tenant.values["issuer"]}

    def tenant_of(self, account: Account, port: int) -> Tenant:
        """Return what an app with `account` is given."""
        return Tenant(
            user=account.user,
            values={
                "host": self.name, "port": str(port), "issuer": f"http://{self.name}:{port}",
                "client_id": account.user, "client_secret": account.password,
            },
        )  # fmt: skip
