"""TLS to a student's server: whom the client trusts, and what it means that a handshake fails.

Each failure is the student's loss, with a sentence that names the cause.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from grader.deadline import ANY_SIZE, TooMuch
from grader.deadline.http import status_of
from grader.deadline.tls import HANDSHAKE_BYTES, OpeningSocket, TlsSocket, shake_hands
from grader.text import clean
from grader.waiting import wait_until

T = TypeVar("T")

NAME = "localhost"
"""The host name that the client asks for."""
PLAIN_SECONDS = 2.0
"""Seconds for the request that tells whether plain HTTP is spoken where TLS was expected."""
STARTING = 2.0
"""Seconds in which a server that says nothing may begin to."""
STARTING_POLL = 0.1
OWN = "serve the certificate that the exam gives you"
CERTIFICATE_FAULTS = {
    9: "Its certificate is not valid yet",
    10: "Its certificate has expired",
    18: "It shows a self-signed certificate, which no client trusts",
    19: "Its certificate comes from an authority of its own, which no client trusts",
    22: "The chain of its certificates is longer than any client takes",
    26: "Its certificate is not one for servers",
    62: "Its certificate is for other names than {name!r}",
    64: "Its certificate is for other addresses than {name!r}",
}
"""What OpenSSL finds wrong with a certificate, by its number (`X509_V_ERR_…`)."""
UNKNOWN = "Its certificate is not the exam's: an authority that the client does not know issued it"
UNKNOWN_ISSUER = frozenset({2, 20, 21, 27})
PLAIN = "It speaks plain HTTP where TLS is expected: give this port TLS (`ssl`)."
SILENT = (
    "It closed the connection in the handshake of TLS without a word: does it listen on that port, "
    "with a certificate and its key?"
)
TOO_LARGE = (
    f"It sends more in the handshake of TLS than the {HANDSHAKE_BYTES >> 10} KiB that a client "
    f"takes: {OWN}, and no chain with it."
)
OLD = "It takes neither TLS 1.2 nor TLS 1.3, and clients take nothing older: allow both."
REASONS = {
    "EXCESSIVE_MESSAGE_SIZE": f"Its certificates are larger than any client takes: {OWN}.",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "It refused the handshake of TLS: it has no cipher in common "
    "with the client, or no certificate.",
    "UNSUPPORTED_PROTOCOL": OLD,
    "TLSV1_ALERT_PROTOCOL_VERSION": OLD,
    "EE_KEY_TOO_SMALL": f"The key of its certificate is too short: {OWN}.",
    "CA_MD_TOO_WEAK": f"Its certificate is signed by a broken algorithm: {OWN}.",
}
"""What OpenSSL calls the end of a handshake, to the sentence for it."""


class TlsFault(Exception):
    """The handshake failed: the student's fault, `str()` says why."""

    def __init__(self, message: str, *, timed_out: bool = False, is_silent: bool = False) -> None:
        """`is_silent` says that nobody has said a word, as where a server is still to start."""
        self.timed_out = timed_out
        self.is_silent = is_silent
        super().__init__(message)


@dataclass(frozen=True)
class TlsTrust:
    """What a client believes: certificates of one authority, for one name."""

    authority: str
    """Its certificate, in PEM."""
    name: str = NAME

    @cached_property
    def context(self) -> ssl.SSLContext:
        """TLS 1.2 and 1.3, and no other authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_RENEGOTIATION
        context.load_verify_locations(cadata=self.authority)
        return context

    def secured(self, connection: OpeningSocket, *, most: int = ANY_SIZE) -> TlsSocket:
        """Make the handshake over `connection`, which is closed where it fails.

        Raises `TlsFault`.
        """
        address = connection.getpeername()[:2]
        try:
            return shake_hands(connection, self.context, self.name, most=most)
        except OSError as error:
            timed_out = isinstance(error, TimeoutError)
            connection.close()
            said = self._why(error, connection, address)
            is_silent = said == SILENT
            raise TlsFault(said, timed_out=timed_out, is_silent=is_silent) from error
        except BaseException:
            connection.close()
            raise

    def _why(self, error: OSError, connection: OpeningSocket, address: tuple[str, int]) -> str:
        """Return a sentence on why the handshake failed."""
        if isinstance(error, ssl.SSLCertVerificationError):
            return self._distrust(error)
        if isinstance(error, TooMuch):
            return TOO_LARGE
        if not connection.speaks_tls and speaks_http(address):
            return PLAIN
        if isinstance(error, TimeoutError):
            return "It did not end the handshake of TLS in time."
        if not connection.heard:
            return SILENT
        if not connection.speaks_tls:
            return "What came back is no TLS, and no HTTP."
        reason = getattr(error, "reason", None) or ""
        return REASONS.get(reason) or f"The handshake of TLS failed: {in_words(error)}."

    def _distrust(self, error: ssl.SSLCertVerificationError) -> str:
        number = error.verify_code
        if number in UNKNOWN_ISSUER:
            return f"{UNKNOWN}; {OWN}."
        if number in CERTIFICATE_FAULTS:
            return f"{CERTIFICATE_FAULTS[number].format(name=self.name)}; {OWN}."
        return f"Its certificate cannot be verified ({clean(error.verify_message)}); {OWN}."


def patiently(connect: Callable[[], T], left: float) -> T:
    """Return what `connect` gives; it is tried again where nobody says a word.

    An app counts as started by its plain port, and what speaks TLS may start a moment later.
    """
    made: list[T] = []
    faults: list[TlsFault] = []

    def is_made() -> bool:
        try:
            made.append(connect())
        except TlsFault as fault:
            if not fault.is_silent:
                raise
            faults.append(fault)
        return bool(made)

    if not wait_until(is_made, within=min(STARTING, left / 2), poll=STARTING_POLL):
        raise faults[-1]
    return made[0]


def speaks_http(address: tuple[str, int]) -> bool:
    """Return whether what listens at `address` answers a plain request."""
    try:
        return bool(status_of(address, "/", PLAIN_SECONDS))
    except (OSError, http.client.HTTPException, ValueError):
        return False


def in_words(error: OSError) -> str:
    """Return what OpenSSL says of a handshake, without its numbers and places."""
    reason = getattr(error, "reason", None)
    if isinstance(error, ssl.SSLEOFError) or not reason:
        return "the connection was closed"
    return clean(str(reason)).replace("_", " ").lower()
