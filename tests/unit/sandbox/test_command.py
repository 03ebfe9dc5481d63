"""A conversation with a command: what is typed, what is read, and how each of it ends."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from grader.commands import CommandCall, InputStep
from grader.errors import Cancelled
from grader.sandbox.command import _archive, _Conversation


def frame(stream: int, text: bytes) -> bytes:
    """A piece of output as the engine passes it on."""
    return bytes([stream, 0, 0, 0]) + len(text).to_bytes(4, "big") + text


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Our end of a connection, and the engine's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def hold(
    ours: socket.socket, call: CommandCall, *, most: int = 1000, within: float = 5.0
) -> _Conversation:
    """The conversation once it is over."""
    talk = _Conversation(ours, call, most)
    talk.hold(until=time.monotonic() + within, cancel=threading.Event())
    return talk


def test_streams_are_taken_apart(pair: tuple[socket.socket, socket.socket]) -> None:
    """Also where a piece comes in drips."""
    ours, theirs = pair
    said = frame(1, b"one ") + frame(2, b"bad") + frame(1, "zw\u00f6".encode())

    def speak() -> None:
        for byte in said:
            theirs.send(bytes([byte]))
        theirs.close()

    speaker = threading.Thread(target=speak)
    speaker.start()
    talk = hold(ours, CommandCall(within=5))
    speaker.join()
    assert talk.over
    assert talk.text() == ("one zw\u00f6", "bad")


def test_what_is_typed_waits_for_what_it_answers(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    """The second step waits for a second prompt; then the input ends."""
    ours, theirs = pair
    steps = (InputStep(send="4\n", after="> "), InputStep(send="5\n", after="> "))
    heard = []

    def speak() -> None:
        for _ in steps:
            theirs.send(b"> ")
            heard.append(theirs.recv(10))
        heard.append(theirs.recv(10))
        theirs.close()

    speaker = threading.Thread(target=speak)
    speaker.start()
    talk = hold(ours, CommandCall(within=5, input=steps, terminal=True))
    speaker.join()
    assert heard == [b"4\n", b"5\n", b""]
    assert (talk.typed, talk.text()[0]) == (2, "> > ")


def test_a_peer_that_says_nothing_ends_with_its_time(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    """A command that waits for ever."""
    began = time.monotonic()
    talk = hold(pair[0], CommandCall(within=0.3), within=0.3)
    assert not talk.over
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("terminal", [True, False])
def test_a_peer_that_drips_ends_with_its_time(
    pair: tuple[socket.socket, socket.socket], terminal: bool
) -> None:
    """A byte now and then, also of a piece that never becomes whole, ends nothing and adds none."""
    ours, theirs = pair
    stop = threading.Event()

    def speak() -> None:
        while not stop.wait(0.02):
            theirs.send(b"\1")

    speaker = threading.Thread(target=speak)
    speaker.start()
    began = time.monotonic()
    talk = hold(ours, CommandCall(within=0.3, terminal=terminal), within=0.3)
    took = time.monotonic() - began
    stop.set()
    speaker.join()
    assert not talk.over
    assert not talk.flooded
    assert took < 2


@pytest.mark.parametrize("said", [b"", b"> "])
def test_a_peer_that_falls_silent_is_typed_to_and_ends_with_its_time(
    pair: tuple[socket.socket, socket.socket], said: bytes
) -> None:
    """What waits for its prompt is typed where that has come alone."""
    ours, theirs = pair
    theirs.sendall(said)
    steps = (InputStep(send="1\n", after="> "), InputStep(send="2\n", after="> "))
    began = time.monotonic()
    talk = hold(ours, CommandCall(within=0.3, input=steps, terminal=True), within=0.3)
    assert (talk.over, talk.typed) == (False, len(said) // 2)
    assert time.monotonic() - began < 2


def test_a_peer_that_never_stops_is_a_flood(pair: tuple[socket.socket, socket.socket]) -> None:
    """No more is kept than a command may print, and a piece."""
    ours, theirs = pair
    stop = threading.Event()

    def speak() -> None:
        while not stop.is_set():
            try:
                theirs.send(frame(1, b"x" * 100))
            except OSError:
                return

    speaker = threading.Thread(target=speak)
    speaker.start()
    talk = hold(ours, CommandCall(within=5))
    stop.set()
    ours.close()
    speaker.join()
    assert talk.flooded
    assert len(talk.text()[0]) < 70_000


def test_input_that_nobody_reads(pair: tuple[socket.socket, socket.socket]) -> None:
    """More than fits into the connection's buffers: the time still counts."""
    began = time.monotonic()
    call = CommandCall(within=0.3, input=(InputStep(send="x" * 3_000_000),))
    talk = hold(pair[0], call, within=0.3)
    assert (talk.over, talk.typed) == (False, 1)
    assert time.monotonic() - began < 2


def test_a_cancelled_run_ends_it(pair: tuple[socket.socket, socket.socket]) -> None:
    """At once, whatever it may still take."""
    cancel = threading.Event()
    cancel.set()
    talk = _Conversation(pair[0], CommandCall(within=60), 1000)
    with pytest.raises(Cancelled):
        talk.hold(until=time.monotonic() + 60, cancel=cancel)


def test_files_that_it_finds_are_packed_with_their_folders() -> None:
    """What is no UTF-8 keeps its bytes."""
    import io
    import tarfile

    packed = _archive({"/tmp/a/b.txt": "\udcff1"})
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        (member,) = archive.getmembers()
        assert (member.name, member.mode) == ("tmp/a/b.txt", 0o666)
        content = archive.extractfile(member)
        assert content is not None
        assert content.read() == b"\xff1"


@pytest.mark.parametrize(("looks", "least", "most"), [(3, 0.0, 0.9), (10**6, 0.9, 3.0)])
def test_ctrl_c_waits_for_a_command_that_still_works(
    pair: tuple[socket.socket, socket.socket], looks: int, least: float, most: float
) -> None:
    """Until it is idle, and a second at most: Python loses one right after its prompt."""
    ours, theirs = pair
    asked = iter(range(10**7))
    steps = (InputStep(send="4\n", after="? "), InputStep(send="\x03", after="? "))
    call = CommandCall(within=10, terminal=True, input=steps)
    talk = _Conversation(ours, call, 1000, is_idle=lambda: next(asked) >= looks)

    def answer() -> None:
        theirs.sendall(b"? ")
        assert theirs.recv(10) == b"4\n"
        theirs.sendall(b"4\n? ")
        assert theirs.recv(10) == b"\x03"
        theirs.close()

    other = threading.Thread(target=answer)
    began = time.monotonic()
    other.start()
    talk.hold(until=began + 5, cancel=threading.Event())
    other.join()
    assert talk.typed == 2
    assert least <= time.monotonic() - began <= most
