"""`app.tls.offers()`: what real servers take, and what it costs that others never end."""

from __future__ import annotations

import socket
import ssl
import time
from itertools import count
from threading import Event
from unittest import mock

import pytest

from grader.exam import tls_offers
from grader.exam.faults import AppTimeout, Mismatch, PlatformFault
from grader.exam.tls_offers import PROTOCOLS, HandshakeTrials, TlsOffers, offering
from grader.exam.tls_trust import PLAIN_SECONDS, TlsFault
from grader.testing import reply, serve
from tests.unit.exam.tls_servers import (
    LIMIT,
    PLENTY,
    Handle,
    answering,
    client_of,
    context_of,
    issued,
    listening,
)
from tests.unit.exam.websocket_peers import until_closed

OLD, NEW = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_3


def offers_of(oldest: ssl.TLSVersion, newest: ssl.TLSVersion, ciphers: str) -> TlsOffers:
    """Return what is found out of such a server."""
    context = context_of(issued(), oldest=oldest, newest=newest, ciphers=ciphers)
    with listening(answering(context)) as address:
        return client_of(address).offers()


def test_a_server_of_today() -> None:
    found = offers_of(ssl.TLSVersion.TLSv1_2, NEW, "ECDHE+AESGCM")
    assert found.protocols == ("TLS 1.2", "TLS 1.3")
    assert set(found.ciphers["TLS 1.2"]) == {
        "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384",
    }  # fmt: skip
    assert found.ciphers["TLS 1.3"][0].startswith("TLS_")


@pytest.mark.slow
def test_one_that_takes_whatever_comes() -> None:
    """The old protocols and the weak ciphers are seen, whatever this machine's OpenSSL prefers."""
    found = offers_of(OLD, NEW, "ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    assert found.protocols == ("TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3")
    assert "AES128-SHA" in found.ciphers["TLS 1.0"]
    assert "NULL-SHA256" in found.ciphers["TLS 1.2"]
    assert "AECDH-AES256-SHA" in found.ciphers["TLS 1.2"]
    assert len(set(found.ciphers["TLS 1.2"])) == len(found.ciphers["TLS 1.2"])


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_protocol_by_itself(protocol: str) -> None:
    version = PROTOCOLS[protocol]
    assert offers_of(version, version, "ALL:@SECLEVEL=0").protocols == (protocol,)


def test_they_are_evidence() -> None:
    with listening(answering(context_of(issued()))) as address:
        client = client_of(address)
        found = client.offers()
        assert client.last is not None
        assert client.last.curl == "openssl s_client -connect localhost:8443"
        assert client.last.answer == str(found)
        assert not client.last.broke
        assert client.waited > 0


def test_a_certificate_of_somebody_else_is_none_of_its_business() -> None:
    with listening(answering(context_of(issued("bank.example")))) as address:
        assert "TLS 1.3" in client_of(address).offers().protocols


def test_a_server_that_starts_a_moment_later() -> None:
    begun = count()
    context = context_of(issued())

    def handle(connection: socket.socket) -> None:
        if next(begun) >= 6:
            answering(context)(connection)

    with listening(handle) as address:
        assert client_of(address).offers().protocols == ("TLS 1.2", "TLS 1.3")


# -- servers that speak none ---------------------------------------------------------------


def test_plain_http_has_its_sentence() -> None:
    """Also where it waits for the end of what it takes for a request."""
    with serve(reply(400)) as address, pytest.raises(Mismatch, match="It speaks plain HTTP"):
        client_of(address, deadline=LIMIT).offers()


def test_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()[:2]
    with pytest.raises(Mismatch, match="Nothing takes a connection"):
        client_of(address).offers()


def late(handle: Handle, within: float = 20.0) -> str:
    """Return what a look at such a server ends with, in time."""
    with listening(handle) as address:
        survey = HandshakeTrials(address, "localhost", deadline=LIMIT, within=within)
        began = time.monotonic()
        with pytest.raises(TlsFault) as caught:
            survey.offers()
        assert time.monotonic() - began < min(LIMIT, within) + PLAIN_SECONDS + 1
    assert caught.value.timed_out
    return str(caught.value)


@pytest.mark.slow
def test_one_that_never_answers() -> None:
    assert late(until_closed) == "It did not end a handshake of TLS within 1 s."


@pytest.mark.slow
def test_time_that_the_machine_owes_is_added() -> None:
    """To one handshake and to all of them: a busy machine costs nobody a point."""
    context = context_of(issued(), ciphers="ALL:@SECLEVEL=0", newest=ssl.TLSVersion.TLSv1_2)
    begun = Event()

    def handle(connection: socket.socket) -> None:
        if not begun.is_set():
            begun.set()
            pausing.wait(1.5)  # longer than one of them, and than all of them, may take
        answering(context)(connection)

    pausing = Event()  # never set: a pause that ends by its time
    with listening(handle) as address:
        trials = HandshakeTrials(
            address, "localhost", deadline=1.0, within=1.2, owed=lambda: PLENTY
        )
        trials._clock._most += PLENTY
        with mock.patch("grader.exam.transport.MOST_OWED", 1000):
            assert trials.offers().protocols == ("TLS 1.2",)


@pytest.mark.slow
def test_one_that_drips() -> None:
    def handle(connection: socket.socket) -> None:
        connection.settimeout(0.05)
        connection.recv(65536)
        for number in count():
            connection.sendall(b"\x16\x03\x03\x40\x00"[number : number + 1] or b"\0")
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                continue

    assert late(handle) == "It did not end a handshake of TLS within 1 s."


def test_one_that_takes_its_time_for_each() -> None:
    """All handshakes together have an end: each of them was in time."""
    context = context_of(issued(), ciphers="ALL:@SECLEVEL=0", newest=ssl.TLSVersion.TLSv1_2)

    def handle(connection: socket.socket) -> None:
        hello = connection.recv(65536, socket.MSG_PEEK)
        assert hello
        waiting.wait(0.2)
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(1)

    waiting = Event()  # never set: a pause that ends by its time
    said = late(handle, within=0.7)
    assert said.startswith(("It needed more than 0.7 s for ", "It did not end a handshake"))


def test_one_that_answers_with_a_cipher_that_was_not_offered() -> None:
    """It does not go on for ever: each cipher is found once, or not at all."""
    with mock.patch.object(HandshakeTrials, "_chosen", return_value="ODD-CIPHER") as chosen:
        found = HandshakeTrials(("127.0.0.1", 1), "localhost", deadline=LIMIT).offers()
    assert found.ciphers["TLS 1.2"] == ("ODD-CIPHER",)
    assert chosen.call_count == len(PROTOCOLS)


def test_a_flood_of_handshakes_is_bounded_in_number() -> None:
    context = context_of(issued(), ciphers="ALL:@SECLEVEL=0", newest=ssl.TLSVersion.TLSv1_2)
    with (
        listening(answering(context)) as address,
        mock.patch.object(tls_offers, "MOST_HANDSHAKES", 5),
        pytest.raises(AppTimeout, match="for 5 handshakes of TLS"),
    ):
        client_of(address).offers()


def test_it_knows_fewer_ciphers_than_it_may_try() -> None:
    tried = sum(len(offering(one, tls_offers.ALL).get_ciphers()) + 1 for one in PROTOCOLS)
    assert tried <= tls_offers.MOST_HANDSHAKES


# -- this machine --------------------------------------------------------------------------


def test_an_openssl_that_cannot_offer_a_protocol_costs_nobody_a_point() -> None:
    """What cannot be tried is not refused by the server."""

    def without(protocol: str, ciphers: str) -> ssl.SSLContext:
        context = offering(protocol, ciphers)
        if protocol == "TLS 1.0":
            context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")  # of TLS 1.2 alone
        return context

    with (
        listening(answering(context_of(issued()))) as address,
        mock.patch.object(tls_offers, "offering", without),
        pytest.raises(PlatformFault, match=r"this machine's OpenSSL cannot offer TLS 1\.0"),
    ):
        client_of(address).offers()
