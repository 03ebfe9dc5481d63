"""A request to a server that stalls, drips or floods over TLS ends in time, and reads little."""

from __future__ import annotations

import socket
import ssl
from itertools import count

import pytest

from grader.exam.faults import AppTimeout
from grader.testing import response
from tests.unit.exam.tls_servers import (
    LIMIT,
    answering,
    authority,
    client_of,
    context_of,
    issued,
    listening,
    read_head,
    record,
    refused,
    speaking,
)
from tests.unit.exam.websocket_peers import until_closed

SERVER_HELLO = (
    b"\x02\0\0\x4d\x03\x03" + bytes(32) + b"\x20" + bytes(32) + b"\xc0\x2f\0\0\x05\xff\x01\0\x01\0"
)
"""Of TLS 1.2, with a cipher of RSA's and the extension of safe renegotiation."""
CERTIFICATE = 11
HANDSHAKE = 22


@pytest.mark.slow
def test_one_that_never_answers() -> None:
    said = refused(until_closed, AppTimeout)
    assert said == "It did not end the handshake of TLS in time."


@pytest.mark.slow
def test_a_handshake_that_drips() -> None:
    """A byte now and then is no end: each time-out of a socket would begin again."""

    def handle(connection: socket.socket) -> None:
        connection.recv(65536)
        whole = record(HANDSHAKE, SERVER_HELLO)
        connection.settimeout(0.05)
        for number in count():
            connection.sendall(whole[number % len(whole) :][:1])
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                continue

    assert refused(handle, AppTimeout) == "It did not end the handshake of TLS in time."


@pytest.mark.parametrize("size", [1 << 20, 15 << 20])
def test_a_certificate_of_a_megabyte(size: int) -> None:
    """It is not read to its end: what is sent beyond that fills the buffers of both sides."""
    sent = 0

    def handle(connection: socket.socket) -> None:
        nonlocal sent
        connection.recv(65536)
        message = bytes([CERTIFICATE]) + size.to_bytes(3, "big") + bytes(size)
        connection.sendall(record(HANDSHAKE, SERVER_HELLO))
        for at in range(0, len(message), 16000):
            connection.sendall(record(HANDSHAKE, message[at : at + 16000]))
            sent += 16000

    assert refused(handle).startswith("Its certificates are larger than any client takes")
    assert sent < 12 << 20


def test_a_chain_without_end() -> None:
    """The right certificate, and after it again and again."""
    many = [issued().certificate] * 200
    said = refused(answering(context_of(issued(), *many)))
    assert said.startswith(("Its certificates are larger than any", "The chain of its"))


def test_a_long_chain_that_a_client_takes_is_none_of_our_business() -> None:
    """What is superfluous is passed over, as browsers do."""
    with listening(answering(context_of(issued(), authority().certificate))) as address:
        client_of(address).get("/").expect(200)


def test_a_flood_of_handshake_messages() -> None:
    """HelloRequest is passed over by every client, however often it comes."""
    sent = 0

    def handle(connection: socket.socket) -> None:
        nonlocal sent
        connection.recv(65536)
        flood = record(HANDSHAKE, b"\0\0\0\0") * 1000
        while True:
            connection.sendall(flood)
            sent += len(flood)

    assert "more in the handshake of TLS than the 256 KiB" in refused(handle)
    assert sent < 16 << 20


def test_a_flood_after_the_handshake() -> None:
    """Encrypted bytes that are no answer have a cap, and an end in time."""

    def talk(secured: ssl.SSLSocket) -> None:
        read_head(secured)
        while True:
            secured.sendall(b"HTTP/1.1 100 Continue\r\nX-A: " + b"a" * 16000 + b"\r\n\r\n")

    said = refused(speaking(context_of(issued()), talk))
    assert "more or longer headers" in said or "interim answers" in said


@pytest.mark.slow
def test_an_answer_that_drips_over_tls() -> None:
    def talk(secured: ssl.SSLSocket) -> None:
        read_head(secured)
        secured.settimeout(0.05)
        while True:
            secured.sendall(b"H")
            try:
                secured.recv(1)
            except TimeoutError:
                continue

    said = refused(speaking(context_of(issued()), talk), AppTimeout)
    assert said == f"It did not answer within {LIMIT:g} s."


def test_an_answer_that_is_too_large() -> None:
    large = response(200, b"a" * 100_000)
    said = refused(answering(context_of(issued()), large))
    assert said == "The answer is longer than 64 KiB."


def test_renegotiation_is_refused() -> None:
    """A server of TLS 1.2 that asks for it again and again gets no handshake out of the client."""
    context = context_of(issued(), newest=ssl.TLSVersion.TLSv1_2)
    with listening(answering(context)) as address:
        client = client_of(address)
        client.get("/").expect(200)
        assert client._target.tls is not None
        assert client._target.tls.context.options & ssl.OP_NO_RENEGOTIATION
