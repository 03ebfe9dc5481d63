"""Every look into a volume ends in time, whatever its helper says."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from grader.app_spec import VolumeSpec
from grader.deadline import DeadlineSocket
from grader.errors import PlatformError
from grader.sandbox import volumes
from grader.sandbox.volumes import VolumeHelper, VolumeMount
from tests.unit.deadline.peers import LIMIT, Peer, after, flood, in_time, listening, often, silence

pytestmark = pytest.mark.slow

DATA = VolumeMount(name="v", spec=VolumeSpec(path="/data"))


def piece(text: bytes) -> bytes:
    """A part of what the helper says, as the engine passes it on."""
    return b"\1\0\0\0" + len(text).to_bytes(4, "big") + text


PEERS: dict[str, Peer] = {
    "says nothing": silence,
    "drips the head of a piece": after(b"", often, b"\1"),
    "drips pieces of nothing": after(b"", often, piece(b"")),
    "drips its first line": after(b"", often, piece(b"o")),
    "drips a large piece": after(b"\1\0\0\0\0\1\0\0", often, b"o"),
    "drips what it has announced": after(piece(b"ok 1000\n"), often, piece(b"x")),
    "announces and falls silent": after(piece(b"ok 9\n"), lambda one, _: silence(one), b""),
    "floods pieces of nothing": after(b"", flood, piece(b"")),
    "floods its first line": after(b"", flood, piece(b"o" * 500)),
    "floods what it has announced": after(piece(b"ok 999999999\n"), flood, piece(b"x" * 60_000)),
    "announces a piece without end": after(b"\1\0\0\0\xff\xff\xff\xff", flood, b"x"),
    "a length that is none": after(piece(b"ok many\n"), often, piece(b"x")),
}


@pytest.fixture(params=[True, False], ids=["with a deadline", "a plain socket"])
def bounded(request: pytest.FixtureRequest) -> bool:
    """Whether the socket is one of a local engine, or another's, which knows time-outs alone."""
    return bool(request.param)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volumes, "SECONDS", LIMIT)
    monkeypatch.setattr(volumes, "MOST_BYTES", 1 << 20)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("peer", PEERS)
def test_a_look_into_a_volume_ends(peer: str, *, bounded: bool) -> None:
    """As a fault of the platform; no student can have the helper say anything."""
    with listening(PEERS[peer]) as address:
        raw = socket.create_connection(address)
        ours: Any = DeadlineSocket.over(raw, 60) if bounded else raw
        helper = VolumeHelper("c1", ours, [DATA])
        with in_time(), pytest.raises(PlatformError, match="did not come to its end"):
            helper.files("/data")
        helper.close()


def test_what_is_asked_and_never_read_ends(
    monkeypatch: pytest.MonkeyPatch, *, bounded: bool
) -> None:
    """A name that is longer than what the system holds for the other side."""
    monkeypatch.setattr(volumes, "SECONDS", LIMIT)
    ours, theirs = socket.socketpair()
    with theirs:
        helper = VolumeHelper("c1", DeadlineSocket.over(ours, 60) if bounded else ours, [DATA])
        with in_time(), pytest.raises(PlatformError, match="did not come to its end"):
            helper.read("/data", "x" * 3_000_000, 10)
        helper.close()
