"""The object store of one run: a program of ours on moto, in a container of its own."""

from __future__ import annotations

import secrets
from typing import Any

from grader.services.base import Account, Address, Tenant
from grader.services.double.server import ProgramServer
from grader.services.objects.bucket import bucket_of

REGION = "us-east-1"


class ObjectServer(ProgramServer):
    """An object store in a container of its own; each run gets a new one."""

    title = "The object store"
    name = "objects"
    port = 12113
    modules = ("objects.signatures", "objects.moto_store", "objects.bucket", "objects.store")
    kind = "exam"
    memory = 512 * 1024 * 1024

    def draw(self) -> Account:
        """Return a new account: its user is an access key."""
        return Account(
            user=f"EXAM{secrets.token_hex(8).upper()}", password=secrets.token_urlsafe(30)
        )

    def reusable(self, address: Address) -> None:
        """Give each run a store of its own: nobody can tell what moto keeps between two."""

    def told(self, address: Address) -> dict[str, Any]:
        """Return what the suite's fixture is given: also the app's bucket and its address."""
        values = self.tenant.values
        return {**super().told(address), "url": values["url"], "bucket": values["bucket"]}

    def tenant_of(self, account: Account, port: int) -> Tenant:
        """Return what an app with `account` is given."""
        return Tenant(
            user=account.user,
            values={
                "host": self.name, "port": str(port), "url": f"http://{self.name}:{port}",
                "bucket": bucket_of(account.user), "region": REGION,
                "access_key": account.user, "secret_key": account.password,
            },
        )  # fmt: skip
