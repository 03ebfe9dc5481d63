"""What the README says of TLS."""

import pytest

WEAK = ("NULL", "RC4", "DES", "MD5", "EXP", "ADH", "AECDH")


@pytest.mark.criterion("tls.serves")
def test_it_serves(app):
    assert app.tls.get("/").expect(200).text.strip() == "hello"


@pytest.mark.criterion("tls.modern")
def test_nothing_old_or_weak(app):
    offers = app.tls.offers()
    for old in ("TLS 1.0", "TLS 1.1"):
        assert old not in offers.protocols, f"The server takes {old}."
    for protocol, ciphers in offers.ciphers.items():
        weak = [one for one in ciphers if any(part in one for part in WEAK)]
        assert not weak, f"With {protocol} the server takes {weak[0]}."


@pytest.mark.criterion("tls.redirects")
def test_plain_http_leads_there(app):
    reply = app.get("/there?a=1").expect(301, 302, 307, 308)
    assert reply.headers.get("Location") == app.tls.url("/there?a=1")


@pytest.mark.criterion("tls.again")
def test_a_new_container(app):
    app.recreate()
    app.tls.get("/").expect(200)
