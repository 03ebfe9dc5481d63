"""Which protocols and ciphers a server takes, found out by trying each.

Python's `ssl` makes the handshakes. All of them together have an end, whatever the server does.
"""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from grader.deadline import dial
from grader.deadline.tls import OpeningSocket, shake_hands
from grader.exam.faults import PlatformFault
from grader.exam.tls_trust import PLAIN, TlsFault, in_words, speaks_http
from grader.exam.transport import RequestClock

PROTOCOLS = {
    "TLS 1.0": ssl.TLSVersion.TLSv1,
    "TLS 1.1": ssl.TLSVersion.TLSv1_1,
    "TLS 1.2": ssl.TLSVersion.TLSv1_2,
    "TLS 1.3": ssl.TLSVersion.TLSv1_3,
}
NEWEST = "TLS 1.3"
ALL = "ALL:COMPLEMENTOFALL:!PSK:!SRP"
"""What is offered at first: the weak ones, those without encryption and without a certificate."""
WEAKEST = "@SECLEVEL=0"
"""Has OpenSSL offer what it would otherwise leave out."""
MOST_HANDSHAKES = 400
"""Handshakes of one look; OpenSSL knows fewer ciphers than that."""
MOST_SECONDS = 20.0
"""Seconds that all of them may take."""
OLD_SERVERS = 0x4
"""`SSL_OP_LEGACY_SERVER_CONNECT`: speaks with servers that know no safe renegotiation."""
CANNOT = frozenset({"NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE"})
"""What our own OpenSSL says of a handshake that it cannot even begin."""


@dataclass(frozen=True, kw_only=True)
class TlsOffers:
    """What a server takes, in OpenSSL's names."""

    ciphers: Mapping[str, tuple[str, ...]]
    """By protocol, `TLS 1.0` to `TLS 1.3`, the server's favourite first.

    Of TLS 1.3 the one that it chooses: all of these are strong.
    """

    @property
    def protocols(self) -> tuple[str, ...]:
        """The protocols that it takes, the oldest first."""
        return tuple(self.ciphers)

    def __str__(self) -> str:
        return "\n".join(f"{name}: {', '.join(ciphers)}" for name, ciphers in self.ciphers.items())


class HandshakeTrials:
    """Tries what one server takes."""

    def __init__(
        self, address: tuple[str, int], name: str, *, deadline: float,
        within: float = MOST_SECONDS, owed: Callable[[], float] = lambda: 0.0,
    ) -> None:  # fmt: skip
        """Each handshake has `deadline` seconds, all of them `within`.

        `owed` gives the seconds that are added to either because the machine owes them, or 0.
        """
        self._address = address
        self._name = name
        self._deadline = deadline
        self._within = within
        self._owed = owed
        self._clock = RequestClock(within, owed)
        self._tried = 0

    def offers(self) -> TlsOffers:
        """Return what it takes; no protocol where it takes no handshake at all.

        Raises `TlsFault` where it does not answer in time, `PlatformFault` where this machine's
        OpenSSL cannot offer one of the protocols.
        """
        found = {name: tuple(self._accepted(name)) for name in PROTOCOLS}
        return TlsOffers(ciphers={name: taken for name, taken in found.items() if taken})

    def _accepted(self, protocol: str) -> Iterator[str]:
        """Yield the ciphers that it takes, one after the other: each is then offered no more."""
        context = offering(protocol, ALL)
        left = [one["name"] for one in context.get_ciphers() if one["name"][:4] != "TLS_"]
        first = True
        while cipher := self._chosen(context, protocol, first=first):
            yield cipher
            if protocol == NEWEST or cipher not in left:
                return
            left.remove(cipher)
            if not left:
                return
            context, first = offering(protocol, ":".join(left)), False

    def _chosen(self, context: ssl.SSLContext, protocol: str, *, first: bool) -> str:
        """Return the cipher of one handshake; empty where it is refused."""
        self._tried += 1
        if self._clock.expired:
            self._clock.extend()
        left = min(self._deadline, self._clock.left)
        if left <= 0 or self._tried > MOST_HANDSHAKES:
            msg = f"It needed more than {self._within:g} s for {self._tried - 1} handshakes of TLS."
            raise TlsFault(msg, timed_out=True)
        try:
            connection = OpeningSocket.over(dial(self._address, left), left)
            connection.extend = RequestClock(left, self._owed).extend
        except TimeoutError as error:
            raise _late(left) from error
        except OSError:
            return ""
        try:
            chosen = shake_hands(connection, context, self._name).cipher()
        except TimeoutError as error:
            if not connection.speaks_tls and speaks_http(self._address):
                raise TlsFault(PLAIN) from error
            raise _late(left) from error
        except ssl.SSLError as error:
            if first and error.reason in CANNOT and not connection.heard:
                msg = f"this machine's OpenSSL cannot offer {protocol}: {in_words(error)}"
                raise PlatformFault(msg) from error
            return ""
        except OSError:
            return ""
        finally:
            connection.close()
        return chosen[0] if chosen else ""


def offering(protocol: str, ciphers: str) -> ssl.SSLContext:
    """Return a client's side that offers `protocol` alone, and believes everything."""
    version = PROTOCOLS[protocol]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that the old ones are not safe
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers(f"{ciphers}:{WEAKEST}")
        context.minimum_version = version
        context.maximum_version = version
        context.options |= OLD_SERVERS
    return context


def _late(seconds: float) -> TlsFault:
    return TlsFault(f"It did not end a handshake of TLS within {seconds:.2g} s.", timed_out=True)
