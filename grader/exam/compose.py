"""The `compose` fixture: the submission's Compose file, read, and a hand on the whole project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.exam.compose_view import ComposeView
from grader.exam.composed import ComposedService, ComposedServices, Reaching
from grader.exam.dispatch import remote
from grader.exam.operations import ComposeOperations
from grader.exam.protocol import Caller


class ComposeFixture:
    """The student's Compose project, as the grader has read it and brought it up."""

    def __init__(self, caller: Caller, view: ComposeView, text: str, reaching: Reaching) -> None:
        """`reaching` gives a client of what is reached at an address."""
        self._operations: ComposeOperations = remote(ComposeOperations, "compose", caller)
        self.text = text
        """The file's text."""
        self.path: str = view.path
        """Where the file stands in the submission."""
        self.app: str = view.app
        """The name of the service that is examined."""
        self.database: str = view.database
        """The name of the database's service."""
        self.services: Mapping[str, Mapping[str, Any]] = view.services
        """Each service's `image`, `built`, `environment` (as written, before variables are filled
        in), `env_files`, `ports` (`target`, `published`, `host`), `mounts` (`kind`, `source`,
        `target`, `read_only`), `networks`, `reaches` (what its environment names others by that is
        not their name, to the service), `depends_on` (name to condition), `healthcheck` (`test`,
        `interval`, `timeout`, `retries`, `start_period`, or None), `command` (the file's entrypoint
        and command on one line; empty where the image's own run), `user`, `restart`, `line` and
        `key_lines`."""
        self.networks: list[str] = list(view.networks)
        """The names of the networks that services are on."""
        self.volumes: list[str] = list(view.volumes)
        """The names of the volumes that the file declares."""
        self.missing: list[str] = list(view.missing)
        """What the file asks for and the submission does not hold."""
        self._parts = ComposedServices(view, caller, reaching)

    @property
    def roles(self) -> Mapping[str, str]:
        """The roles that challenge.yml names (`submission.roles`), to the names of services."""
        return self._parts.roles

    def service(self, name: str) -> ComposedService:
        """Return the service of a role of the exam, or of that name: `compose.service("worker")`.

        Fails where no service plays the role.
        """
        return self._parts.service(name)

    def replicas(self, role: str) -> list[ComposedService]:
        """Return each container of a role that has `replicas` in challenge.yml, just so many.

        Each is as `service` gives one: reached by itself by its `client`, stopped and started by
        itself, the app's as well. `app` and `service` are the first of them. Fails where the file
        has fewer than the exam asks for.
        """
        return self._parts.replicas(role)

    @property
    def disturbed(self) -> bool:
        """Whether the present test has stopped, killed or paused a service."""
        return self._parts.disturbed

    def restore(self) -> None:
        """Have go on what the test before has stopped."""
        self._parts.restore()

    def down_up(self) -> None:
        """`docker compose down` without `-v`, then `up`; returns when the app answers again."""
        self._operations.down_up()

    def kill(self) -> None:
        """SIGKILL to every container, then `up`; returns when the app answers again."""
        self._operations.kill()
