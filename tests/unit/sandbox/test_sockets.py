"""Listening sockets, read from /proc/net/tcp."""

from __future__ import annotations

from grader.sandbox.sockets import Listener, parse

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
REST = "00000000:0000 {state} 00000000:00000000 00:00000000 00000000     0        0 1 1 0\n"


def row(address: str, state: str = "0A") -> str:
    return f"   0: {address} {REST.format(state=state)}"


def test_addresses_and_ports_are_read() -> None:
    """All addresses and loopback, in both families; sorted, each once."""
    table = (
        HEAD
        + row("0100007F:1F90")  # 127.0.0.1:8080
        + row("00000000:1388")  # 0.0.0.0:5000
        + HEAD
        + row("00000000000000000000000000000000:1388")  # [::]:5000
        + row("00000000000000000000000001000000:0050")  # [::1]:80
        + row("0201A8C0:0016")  # 192.168.1.2:22
    )
    assert parse(table) == (
        Listener(port=22, loopback=False),
        Listener(port=80, loopback=True),
        Listener(port=5000, loopback=False),
        Listener(port=8080, loopback=True),
    )


def test_only_what_listens_counts() -> None:
    """No established connection, and not Docker's own name server."""
    assert parse(HEAD + row("00000000:1388", "01") + row("0B00007F:8F3B")) == ()


def test_a_mapped_loopback_address_is_one() -> None:
    """::ffff:127.0.0.1 is as far from the outside."""
    mapped = "0000000000000000FFFF00000100007F:1388"
    assert parse(row(mapped)) == (Listener(port=5000, loopback=True),)


def test_what_is_no_table_holds_nothing() -> None:
    """Nothing, and noise."""
    assert parse("") == ()
    assert parse("cat: can't open '/proc/net/tcp6': No such file or directory\n") == ()
