"""`app.tls`: requests over TLS, and what the server takes."""

from __future__ import annotations

import time
from typing import Any

from grader.exam.client import Client
from grader.exam.connection import raise_insecure
from grader.exam.exchange import Exchange
from grader.exam.faults import Mismatch
from grader.exam.reached import TlsAddress
from grader.exam.tls_offers import HandshakeTrials, TlsOffers
from grader.exam.tls_trust import TlsFault, TlsTrust

LOOKED_AT = 200
"""The status of evidence that is no answer in HTTP: nothing broke."""


class TlsClient(Client):
    """Sends requests over TLS as `app` sends them without: `app.tls.get("/")`.

    It trusts the exam's authority only, and asks for the host localhost. What is wrong with the
    certificate, its chain or its names fails the criterion with a sentence that says so, and so
    does plain HTTP where TLS is expected.
    """

    def __init__(self, app: Client, at: TlsAddress, authority: str, **options: Any) -> None:
        """`app` is the client whose last exchange is the evidence; `authority` is in PEM."""
        self._app = app
        super().__init__(
            (at.host, at.port), shown=at.shown, tls=TlsTrust(authority, at.name), **options
        )

    @property
    def last(self) -> Exchange | None:
        """The latest exchange with the app, this way or any other."""
        return self._app.last

    @last.setter
    def last(self, exchange: Exchange | None) -> None:
        self._app.last = exchange

    def offers(self) -> TlsOffers:
        """Return the protocols (TLS 1.0 to 1.3) and ciphers that the server takes, by trying.

        `"TLS 1.1" in app.tls.offers().protocols`, `offers().ciphers["TLS 1.2"]`. Nothing of the
        certificate is looked at. Fails where no TLS is spoken at all, and after 20 s.
        """
        self.disconnect()  # a server that has one connection at a time waits for its end
        host = self._target.host
        line = f"openssl s_client -connect {host if ':' in host else f'{host}:443'}"
        self.last = sent = Exchange(curl=line, answer="(no TLS)")
        began = time.monotonic()
        in_time = True
        try:
            found = self._survey(sent)
        except TlsFault as fault:
            in_time = not fault.timed_out
            raise_insecure(fault, time.monotonic() - began, sent)
        finally:
            self._waited.add(time.monotonic() - began, in_time=in_time)
        self.last = Exchange(curl=line, answer=str(found), status=LOOKED_AT)
        return found

    def _survey(self, sent: Exchange) -> TlsOffers:
        target = self._target
        assert target.tls is not None
        trials = HandshakeTrials(
            target.address, target.tls.name, deadline=target.deadline, owed=self._waited.owed
        )
        if (found := trials.offers()).protocols:
            return found
        try:
            target.dial(target.most).close()  # says why
            if (found := trials.offers()).protocols:  # it was about to start
                return found
        except OSError as error:
            msg = "Nothing takes a connection on its TLS port."
            raise Mismatch(msg, sent, hinted=False) from error
        msg = "It refuses every handshake of TLS but that of a client of today."
        raise Mismatch(msg, sent, hinted=False)
