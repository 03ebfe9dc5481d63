"""What the README says of the proxy."""

import pytest


@pytest.mark.criterion("tls.forwards")
def test_it_forwards(compose):
    proxy = compose.service("proxy")
    assert proxy.tls.get("/health").expect(200).text.strip() == "ok"
    session = proxy.tls.session()
    session.get("/health").expect(200)


@pytest.mark.criterion("tls.modern")
def test_nothing_old(compose):
    offers = compose.service("proxy").tls.offers()
    assert set(offers.protocols) <= {"TLS 1.2", "TLS 1.3"}


@pytest.mark.criterion("tls.redirects")
def test_plain_http_leads_there(compose):
    reply = compose.service("proxy").client.get("/health").expect(301, 302, 307, 308)
    assert reply.headers.get("Location", "").startswith("https://")


@pytest.mark.criterion("tls.again")
def test_after_a_restart(compose):
    proxy = compose.service("proxy")
    with proxy.outage():
        pass
    proxy.tls.get("/health").expect(200)
