"""A thread alongside the pages that does what is due. What fails is tried again; it never ends."""

from __future__ import annotations

import logging
import threading

from grader.portal.care.mail_server import MailRelay
from grader.portal.care.mailing import BATCH, send_due
from grader.portal.care.retention import tidy_daily
from grader.portal.data.base import utc_now
from grader.portal.data.database import PortalDatabase
from grader.portal.errors import DatabaseAway
from grader.portal.rules.retention import Keep
from grader.portal.store import BlobStore

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0


class Caretaker:
    """Looks every few seconds whether anything is due."""

    def __init__(
        self, database: PortalDatabase, store: BlobStore, keep: Keep, server: MailRelay | None
    ) -> None:
        self._database = database
        self._store = store
        self._keep = keep
        self._server = server
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True, name="caretaker")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._stopped.set()
        self._thread.join(LOOK_SECONDS)

    def look(self) -> None:
        """Do what is due now."""
        tidy_daily(self._database, self._store, self._keep, utc_now())
        while send_due(self._database, self._server, utc_now()) == BATCH:
            if self._stopped.is_set():
                return

    def _go_on(self) -> None:
        while not self._stopped.wait(LOOK_SECONDS):
            try:
                self.look()
            except DatabaseAway as error:
                log.warning("nothing is cared for: %s", error)
            except Exception:
                log.exception("the caretaker failed")
