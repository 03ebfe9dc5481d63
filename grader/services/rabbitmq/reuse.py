"""A RabbitMQ server for one run after another: each gets a virtual host and users of its own.

What a submission could reach goes with its virtual host and its users. Everything else is compared
with what it was before the first of them; a server that differs in anything is not used again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from grader.errors import PlatformError
from grader.services.base import NotClean, Reusable
from grader.services.rabbitmq.access import RabbitAccess
from grader.services.rabbitmq.administered import AdministeredRabbit
from grader.services.rabbitmq.state import difference, is_known, sessions, state
from grader.services.rabbitmq.users import create, remove
from grader.waiting import wait_until

ENDING_SECONDS = 8.0
"""How long connections may take to end: the server gives those up after 5 s that do not log in."""
SETTLING_SECONDS = 15.0
"""How long alarms may take to end once what caused them is gone."""
POLL = 0.05


class ReusedRabbit(Reusable):
    """A server with what it was like when it was new."""

    def __init__(self, server: AdministeredRabbit) -> None:
        """`server` is ready, and nobody has anything of it. Raises `PlatformError`."""
        self.server = server
        _require_alone(server)
        if not wait_until(lambda: is_known(server), within=SETTLING_SECONDS, poll=POLL):
            msg = f"A RabbitMQ server did not tell its limits in {SETTLING_SECONDS:.0f} s."
            raise PlatformError(msg)
        self._new = state(server)

    def admit(self) -> None:
        """Make a virtual host and users with new names, and have `server.access` tell them.

        Raises `NotClean`.
        """
        with _lost():
            access = RabbitAccess.draw(reader=True)
            create(self.server, access)
            self.server.begin(access)

    def clean(self) -> None:
        """Remove what `admit` made, and guests. Raises `NotClean` where it is not as it was new."""
        server = self.server
        with _lost():
            remove(server, (server.access, *server.guest_access), server.writer)
            _require_alone(server)
            found = [state(server)]

            def as_new() -> bool:
                found[0] = state(server)
                return found[0] == self._new

            if found[0] != self._new:
                wait_until(as_new, within=SETTLING_SECONDS, poll=POLL)
        if differs := difference(self._new, found[0]):
            msg = f"A submission has changed its RabbitMQ server: {differs}"
            raise NotClean(msg)


def _require_alone(server: AdministeredRabbit) -> None:
    """Wait until no connection is open. Raises `NotClean` where one stays."""
    if not wait_until(lambda: sessions(server) == 0, within=ENDING_SECONDS, poll=POLL):
        msg = f"Connections to a RabbitMQ server did not end in {ENDING_SECONDS:.0f} s."
        raise NotClean(msg)


@contextmanager
def _lost() -> Iterator[None]:
    try:
        yield
    except NotClean:
        raise
    except PlatformError as error:
        msg = f"A RabbitMQ server could not be made ready for the next run: {error}"
        raise NotClean(msg) from error
