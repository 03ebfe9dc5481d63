"""A Redis server for one run after another: each gets users of its own and a process of its own.

What a run could reach goes with its users, with the process and with its files. What no app can
change is compared with what it was like when the server was new, before and after that; a server
that differs in anything is not used again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from grader.errors import PlatformError
from grader.services.base import Address, NotClean, Reusable
from grader.services.redis.access import RedisAccess
from grader.services.redis.administered import AdministeredRedis
from grader.services.redis.state import PARTS, RedisState, difference, state
from grader.services.redis.users import create, remove_all
from grader.waiting import wait_until

ENDING_SECONDS = 3.0
"""How long sessions that were ended may take until they are gone."""
NEW_SECONDS = 10.0
"""How long a server may take until it runs as if for the first time."""
POLL = 0.01


class ReusedRedis(Reusable):
    """A server with what it was like when it was new."""

    def __init__(self, server: AdministeredRedis, address: Address) -> None:
        """`server` is ready at `address`. Raises `PlatformError`."""
        self.server = server
        self._address = address
        self._new = state(server)

    def admit(self) -> None:
        """Make users with new names, and have `server.access` tell them. Raises `NotClean`."""
        with _told():
            access = RedisAccess.draw()
            create(self.server, access.app, access.reader)
        self.server.begin(access)

    def clean(self) -> None:
        """End all of the run's. Raises `NotClean` where the server is not as it was new."""
        with _told():
            remove_all(self.server)
            self._await_alone()
            self._compare(state(self.server, lasting=True))
            self._start_as_new()
            self._compare(state(self.server))

    def _compare(self, found: RedisState) -> None:
        if differs := difference(self._new, found):
            msg = f"A submission has changed its Redis server: {differs}"
            raise NotClean(msg)

    def _await_alone(self) -> None:
        """End what others have left connected, and wait until that is gone."""
        admin, sessions = self.server.admin, PARTS["sessions"]

        def alone() -> bool:
            if not sessions.counts(admin.ask(*sessions.command)):
                return True
            admin.ask_each([("CLIENT", "KILL", "TYPE", kind) for kind in ("normal", "pubsub")])
            return False

        if not wait_until(alone, within=ENDING_SECONDS, poll=POLL):
            msg = f"Sessions of a submission did not end in {ENDING_SECONDS:.0f} s."
            raise NotClean(msg)

    def _start_as_new(self) -> None:
        """Have the server killed, all that it has kept removed, and a new process started."""
        before = self._process()
        self.server.signal("SIGHUP")
        self.server.admin.close()

        def is_another() -> bool:
            self.server.await_ready(self._address, threading.Event(), within=NEW_SECONDS)
            return self._process() != before

        if not wait_until(is_another, within=NEW_SECONDS, poll=POLL):
            msg = f"A Redis server was not started again in {NEW_SECONDS:.0f} s."
            raise NotClean(msg)

    def _process(self) -> bytes:
        """Return what Redis calls its process: another name for each."""
        answer: bytes = self.server.admin.ask("INFO", "server")
        return next(one for one in answer.split() if one.startswith(b"run_id:"))


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except NotClean:
        raise
    except PlatformError as error:
        msg = f"A Redis server could not be made ready for the next run: {error}"
        raise NotClean(msg) from error
