"""`app.tls` reaches whom it trusts, and says in a sentence why it does not trust another."""

from __future__ import annotations

import socket
import ssl
import threading
from itertools import count
from typing import Any, cast

import pytest

from grader.exam.app import App, SecureWay
from grader.exam.faults import AppTimeout, AppUnreachable, Mismatch, PlatformFault
from grader.exam.reached import TlsAddress
from grader.exam.tls_trust import UNKNOWN
from grader.sandbox.certificates import (
    Authority,
    IssuedCertificate,
    builder,
    named,
    pem,
    pem_of_key,
)
from grader.testing import reply, response, serve
from tests.unit.exam.tls_servers import (
    DAYS,
    OK,
    PLENTY,
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
from tests.unit.exam.websocket_peers import accept as accept_websocket
from tests.unit.exam.websocket_peers import plain, until_closed

ALERT = 21
OWN = "serve the certificate that the exam gives you"


# -- what passes ---------------------------------------------------------------------------


def test_requests_go_over_tls_by_name() -> None:
    """One connection for several; the Host is the name that the certificate is for."""
    heads: list[bytes] = []

    def talk(secured: ssl.SSLSocket) -> None:
        while True:
            heads.append(read_head(secured))
            body = b"a" * len(heads)
            secured.sendall(response(200, body, Connection="keep-alive"))

    with listening(speaking(context_of(issued()), talk)) as address:
        client = client_of(address)
        assert client.get("/one", params={"q": "1"}).expect(200).text == "a"
        assert client.post("/two", json={"a": 1}, referer="/one").expect(200).text == "aa"
        client.disconnect()
    assert heads[0].startswith(b"GET /one?q=1 HTTP/1.1\r\n")
    assert b"Host: localhost:8443\r\n" in heads[0]
    assert b"Origin: https://localhost:8443\r\n" in heads[1]
    assert client.last is not None
    assert client.last.curl.endswith("https://localhost:8443/two")


def test_a_session_has_tls_as_well_and_keeps_secure_cookies() -> None:
    heads: list[bytes] = []

    def talk(secured: ssl.SSLSocket) -> None:
        heads.append(read_head(secured))
        secured.sendall(response(200, b"", **{"Set-Cookie": "a=1; Secure; Path=/"}))

    with listening(speaking(context_of(issued()), talk)) as address:
        session = client_of(address).session()
        session.get("/")
        session.get("/")
    assert b"Cookie: a=1\r\n" in heads[1]


def test_what_it_was_asked_is_the_apps_last_exchange() -> None:
    """A plain `assert` after a request over TLS shows that request."""
    with listening(answering(context_of(issued()))) as address:
        client = client_of(address)
        client.get("/seen").expect(200)
    assert client._app.last is client.last
    assert "/seen" in str(client._app.last)


def test_a_redirect_to_itself_is_a_path() -> None:
    moved = response(308, b"", Location="https://localhost:8443/there?a=1")
    with listening(answering(context_of(issued()), moved)) as address:
        assert client_of(address).get("/").location == "/there?a=1"


def test_websockets_go_over_it() -> None:
    def talk(secured: ssl.SSLSocket) -> None:
        secured.sendall(accept_websocket(read_head(secured)))
        frame = secured.recv(100)
        payload = bytes(byte ^ frame[2 + at % 4] for at, byte in enumerate(frame[6:]))
        secured.sendall(plain("text", payload))

    with listening(speaking(context_of(issued()), talk)) as address:
        with client_of(address).websocket("/ws") as opened:
            opened.send("over TLS")
            assert opened.receive_text() == "over TLS"
        assert "wss://localhost:8443/ws" in str(opened.exchange)


def test_a_plain_client_of_the_same_kind_is_as_before() -> None:
    with serve(reply(200, "plain")) as address:
        assert client_of(address)._app.get("/").text == "plain"


# -- whom it does not trust ----------------------------------------------------------------


def test_a_self_signed_certificate() -> None:
    """As one has at home."""
    said = refused(answering(context_of(signed_by_itself())))
    assert said == f"It shows a self-signed certificate, which no client trusts; {OWN}."


def signed_by_itself() -> IssuedCertificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = named("localhost")
    made = (
        builder(name, name, key.public_key(), days=DAYS)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return IssuedCertificate(certificate=pem(made).decode(), key=pem_of_key(key).decode())


def test_another_authority() -> None:
    """Whoever made it, and whether it shows its own certificate or not."""
    other = Authority("practical exam", days=DAYS)
    shown = other.issue(["localhost"], days=DAYS)
    assert refused(answering(context_of(shown))) == f"{UNKNOWN}; {OWN}."
    said = refused(answering(context_of(shown, other.certificate)))
    assert (
        said
        == f"Its certificate comes from an authority of its own, which no client trusts; {OWN}."
    )


def test_a_certificate_that_lies_about_its_name() -> None:
    """It is the authority's own, and of somebody else."""
    said = refused(answering(context_of(issued("bank.example", "*.localhost.example"))))
    assert said == f"Its certificate is for other names than 'localhost'; {OWN}."


@pytest.mark.parametrize(
    ("begins", "days", "said"),
    [(-9, -2, "Its certificate has expired"), (2, 4, "Its certificate is not valid yet")],
)
def test_a_certificate_of_another_time(begins: int, days: int, said: str) -> None:
    shown = issued("localhost", days=days, begins=begins)
    assert refused(answering(context_of(shown))) == f"{said}; {OWN}."


def test_a_key_that_is_another_certificates() -> None:
    """The exam's certificate, shown by who has not its key: OpenSSL lets no server begin so."""
    with pytest.raises(ssl.SSLError, match="KEY_VALUES_MISMATCH"):
        context_of(IssuedCertificate(certificate=issued().certificate, key=issued("other").key))


# -- no TLS --------------------------------------------------------------------------------


@pytest.mark.parametrize("answered", [True, False])
def test_plain_http(answered: bool) -> None:
    """Whether it answers the handshake with a 400, or waits for more of it."""

    def handle(connection: socket.socket) -> None:
        first = connection.recv(65536)
        if first.startswith(b"GET"):
            connection.sendall(OK)
        elif answered:
            connection.sendall(response(400))
        else:
            until_closed(connection)

    said = refused(handle, Mismatch if answered else AppTimeout)
    assert said == "It speaks plain HTTP where TLS is expected: give this port TLS (`ssl`)."


def test_plain_html_without_a_head() -> None:
    """As Python's own server answers what it does not understand."""

    def handle(connection: socket.socket) -> None:
        first = connection.recv(65536)
        connection.sendall(OK if first.startswith(b"GET") else b"<!DOCTYPE HTML><h1>Error</h1>")

    assert "It speaks plain HTTP" in refused(handle)


def test_no_tls_at_all() -> None:
    def handle(connection: socket.socket) -> None:
        connection.sendall(b"220 mail.example ESMTP\r\n")
        until_closed(connection)

    assert refused(handle) == "What came back is no TLS, and no HTTP."


def test_a_connection_that_is_closed_at_once() -> None:
    """So the gateway answers where nothing listens."""
    said = refused(lambda connection: connection.close())
    assert said.startswith("It closed the connection in the handshake of TLS without a word:")


def test_a_server_that_starts_a_moment_later() -> None:
    """The app counts as started by its plain port; a proxy alongside it may need a moment more."""
    begun = count()

    def handle(connection: socket.socket) -> None:
        if next(begun) >= 3:
            answering(context_of(issued()))(connection)

    with listening(handle) as address:
        client_of(address).get("/").expect(200)
    assert next(begun) >= 4


def test_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()[:2]
    with pytest.raises(AppUnreachable):
        client_of(address).get("/")


def test_what_is_older_than_clients_take() -> None:
    context = context_of(
        issued(), oldest=ssl.TLSVersion.TLSv1, newest=ssl.TLSVersion.TLSv1_1,
        ciphers="ALL:@SECLEVEL=0",
    )  # fmt: skip
    said = refused(answering(context))
    assert said.startswith("It takes neither TLS 1.2 nor TLS 1.3")


def test_an_alert_has_its_name() -> None:
    def handle(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(record(ALERT, b"\x02\x50"))
        until_closed(connection)

    assert refused(handle) == "The handshake of TLS failed: tlsv1 alert internal error."


# -- the fixture ---------------------------------------------------------------------------


def app_of(secure: SecureWay) -> App:
    return App(
        cast("Any", None), ("127.0.0.1", 1), command=cast("Any", None), secure=secure,
        shown="http://localhost:5000", deadline=PLENTY, body_cap=65536,
    )  # fmt: skip


def test_the_app_has_one_client_over_tls() -> None:
    """Whose connections close with its own: an app that is told to end may wait for them."""
    ended = threading.Event()

    def talk(secured: ssl.SSLSocket) -> None:
        read_head(secured)
        secured.sendall(response(200, b"kept", Connection="keep-alive"))
        until_closed(secured)
        ended.set()

    with listening(speaking(context_of(issued()), talk)) as (host, port):
        at = TlsAddress(host=host, port=port, shown="https://localhost", name="localhost")
        app = app_of(SecureWay(tls=at, authority=authority().certificate))
        assert app.tls is app.tls
        assert app.tls.get("/").expect(200).text == "kept"
        assert app.last is app.tls.last
        assert app.waited > 0
        app.disconnect()
        assert ended.wait(PLENTY)


def test_an_exam_that_names_no_port_is_the_exams_own_fault() -> None:
    with pytest.raises(PlatformFault, match="names no port for TLS; write `tls:`"):
        _ = app_of(SecureWay()).tls
