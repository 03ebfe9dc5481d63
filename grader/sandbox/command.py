"""A command of a student's image, run to its end in a hardened container of its own."""

from __future__ import annotations

import io
import select
import socket
import tarfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from grader.app_spec import Limits
from grader.commands import CommandCall, CommandResult, InputStep
from grader.errors import Cancelled, PlatformError
from grader.sandbox.container import Startable
from grader.sandbox.ending import final_state
from grader.sandbox.engine import Engine, translated
from grader.sandbox.hardening import hardened
from grader.sandbox.mounts import FileMount
from grader.sandbox.volumes import VolumeMount
from grader.waiting import wait_until

ALIAS = "command"
"""The host name that a command sees."""
NO_NETWORK = "none"
ENGINE_SECONDS = 60.0
"""Seconds that the engine may take to attach to a container and to start it."""
CHUNK = 64 * 1024
STEP = 0.05
"""Seconds between two looks at the clock while nothing is printed."""
POLL = 0.005
"""Seconds between two looks at whether a command that has closed its output has ended."""
BUSY = 4.0
"""Seconds that a command gets on top for each second that the engine took to start it.

Nobody but a busy machine has it take long, and the command has as much to wait for then.
"""
LAST_LOOK = 0.2
"""Seconds for these looks where its time is over: the engine notes an end a moment later."""
FRAME = 8
"""Bytes before each piece of output that is not a terminal's: the stream, and its length."""
STANDARD_ERROR = 2
INTERRUPT = "\x03"
"""What Ctrl-C sends in a terminal."""
IDLE_SECONDS = 1.0
"""How long Ctrl-C waits for a command that goes on working: it may have to be interrupted there."""
LARGEST_FILE = 256 * 1024
"""Bytes that are read of a file that a command has written."""
TAR_HEADER = 512


@dataclass(frozen=True, kw_only=True)
class CommandSpec:
    """What the containers of a submission's commands are made from."""

    image: str
    env: Mapping[str, str]
    limits: Limits
    labels: Mapping[str, str]
    network: str = NO_NETWORK
    volumes: tuple[VolumeMount, ...] = ()
    files: tuple[FileMount, ...] = ()


class CommandContainer(Startable):
    """One container for one command."""

    def __init__(
        self,
        engine: Engine,
        spec: CommandSpec,
        call: CommandCall,
        confirm: Callable[[], None],
        cancel: threading.Event,
    ) -> None:
        super().__init__(engine, confirm)
        self._cancel = cancel
        self._spec = spec
        self._call = call

    def start(self) -> None:
        """Make the container, without its command running. Raises as `Startable.start` does."""
        from docker.types import Healthcheck

        spec, call = self._spec, self._call
        with self._asked():
            self.id = self._api.create_container(
                spec.image,
                command=list(call.arguments) or None,
                # docker-py leaves an empty list out, and the image's own would stay
                entrypoint=None if call.entrypoint is None else list(call.entrypoint) or [""],
                environment={**spec.env, **call.environment},
                labels=dict(spec.labels),
                hostname=ALIAS,
                stdin_open=True,
                tty=call.terminal,
                healthcheck=Healthcheck(test=["NONE"]),
                host_config=hardened(
                    self._api,
                    spec.network,
                    spec.limits,
                    logged=False,
                    mounts=(*spec.volumes, *spec.files),
                ),
            )["Id"]
        if call.files:
            with translated():
                self._api.put_archive(self.id, "/", _archive(call.files))

    def run(self) -> CommandResult:
        """Run the command to its end, or to the end of what it may take.

        Raises `PlatformError` where the engine fails, `CannotStart` where the image has no such
        command, `Cancelled`.
        """
        with translated():
            attached = self._api.attach_socket(
                self.id, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            )
        connection: socket.socket = getattr(attached, "_sock", attached)
        try:
            asked = time.monotonic()
            self.start_existing()
            began = time.monotonic()
            until = began + self._call.within + BUSY * (began - asked)
            most = self._spec.limits.body
            talk = _Conversation(connection, self._call, most, is_idle=self.is_idle)
            talk.hold(until=until, cancel=self._cancel)
        finally:
            attached.close()
            connection.close()
        ended = talk.over and self._ends(until)
        seconds = time.monotonic() - began
        if not ended:
            self.end()
        return self._result(talk, seconds, ended=ended)

    def _ends(self, until: float) -> bool:
        """Whether it ends in time: one that has closed its output may go on."""
        within = max(until - time.monotonic(), LAST_LOOK)
        return wait_until(lambda: not self.state().running, within=within, poll=POLL)

    def _result(self, talk: _Conversation, seconds: float, *, ended: bool) -> CommandResult:
        state = final_state(self.state) if ended else self.state()
        output, errors = talk.text()
        return CommandResult(
            exit_code=state.exit_code if ended else None,
            output=output,
            errors=errors,
            seconds=seconds,
            timed_out=not ended and not talk.flooded,
            flooded=talk.flooded,
            out_of_memory=state.oom_killed,
            typed=talk.typed,
            files=dict(self._files()),
        )

    def _files(self) -> Iterator[tuple[str, str]]:
        for path in self._call.read:
            if (content := self._file(path)) is not None:
                yield path, content.decode("utf-8", "replace")

    def _file(self, path: str) -> bytes | None:
        """Return the first bytes of a regular file; None where there is none."""
        try:
            with translated():
                stream, found = self._api.get_archive(self.id, path)
                if found["mode"] >> 31 or found.get("linkTarget"):
                    return None
                raw = b""
                for chunk in stream:
                    raw += chunk
                    if len(raw) > LARGEST_FILE + TAR_HEADER:
                        break
        except PlatformError:
            return None  # it is not there
        with tarfile.open(fileobj=io.BytesIO(raw), mode="r|") as archive:
            member = archive.next()
            if member is None or not member.isreg():
                return None
            start = member.offset_data
            return raw[start : start + min(member.size, LARGEST_FILE)]


def _archive(files: Mapping[str, str]) -> bytes:
    """`files` as the engine takes them; whoever runs the command may read and change them."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, text in files.items():
            content = text.encode("utf-8", "surrogateescape")
            member = tarfile.TarInfo(str(PurePosixPath(path).relative_to("/")))
            member.size, member.mode = len(content), 0o666
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


@dataclass
class _Streams:
    """What a command has printed, taken apart."""

    terminal: bool
    output: bytearray = field(default_factory=bytearray)
    errors: bytearray = field(default_factory=bytearray)
    _waiting: bytearray = field(default_factory=bytearray)
    """What has come of a piece that is not whole yet."""
    heard: float = field(default_factory=time.monotonic)
    """When something came last."""

    @property
    def size(self) -> int:
        """Bytes that it has printed so far."""
        return len(self.output) + len(self.errors) + len(self._waiting)

    def take(self, data: bytes) -> None:
        """Take what the engine passes on."""
        self.heard = time.monotonic()
        if self.terminal:
            self.output += data
            return
        self._waiting += data
        while len(self._waiting) >= FRAME:
            length = int.from_bytes(self._waiting[4:FRAME], "big")
            if len(self._waiting) < FRAME + length:
                return
            into = self.errors if self._waiting[0] == STANDARD_ERROR else self.output
            into += self._waiting[FRAME : FRAME + length]
            del self._waiting[: FRAME + length]


@dataclass
class _Pause:
    """What Ctrl-C waits for: Python loses one between its prompt and its reading."""

    is_idle: Callable[[], bool]
    """Whether all processes of the command wait."""
    since: float = 0.0
    """When the step was due; 0 before."""

    def is_over(self) -> bool:
        """Whether the command reads by now, or goes on working for long."""
        self.since = self.since or time.monotonic()
        return time.monotonic() - self.since > IDLE_SECONDS or self.is_idle()


class _Conversation:
    """What goes to a command and comes from it, both within one deadline and one cap."""

    def __init__(
        self,
        connection: socket.socket,
        call: CommandCall,
        most: int,
        *,
        is_idle: Callable[[], bool] = lambda: True,
    ) -> None:
        """`most`: bytes that it may print; `is_idle`: whether all its processes wait."""
        self._connection = connection
        self._steps = list(call.input)
        self._ends_input = call.ends_input
        self._streams = _Streams(terminal=call.terminal)
        self._most = most
        self._pause = _Pause(is_idle)
        self._sending = b""
        self._seen = (0, 0)
        """How much of each stream had come when the last step was sent."""
        self.typed = 0
        self.over = False
        """Whether the command has closed its output: it has ended."""

    @property
    def flooded(self) -> bool:
        """Whether it has printed more than it may."""
        return self._streams.size > self._most

    def hold(self, *, until: float, cancel: threading.Event) -> None:
        """Type and listen until the command has ended, printed too much, or its time is up.

        Raises `Cancelled`.
        """
        begin = getattr(self._connection, "begin", None)
        if begin:  # its own deadline was that of the request that attached it
            begin(until - time.monotonic() + ENGINE_SECONDS)
        poll = select.poll()
        while not (self.over or self.flooded):
            left = until - time.monotonic()
            if left <= 0:
                return
            if cancel.is_set():
                msg = "The run was cancelled while a command ran."
                raise Cancelled(msg)
            self._type()
            wanted = select.POLLIN | (select.POLLOUT if self._sending else 0)
            poll.register(self._connection, wanted)
            for _, event in poll.poll(min(left, STEP) * 1000):
                if event & select.POLLOUT:
                    self._send()
                if event & ~select.POLLOUT:
                    self._receive()

    def text(self) -> tuple[str, str]:
        """Return what came on its standard output and on its standard error."""
        output, errors = self._streams.output, self._streams.errors
        return output.decode("utf-8", "replace"), errors.decode("utf-8", "replace")

    def _type(self) -> None:
        """Make the next step ready to be sent, where what it waits for has come."""
        while not self._sending and self._steps and self._is_due(self._steps[0]):
            step = self._steps.pop(0)
            self._pause.since = 0.0
            self._sending = step.send.encode("utf-8", "surrogateescape")
            self._seen = len(self._streams.output), len(self._streams.errors)
            self.typed += 1
        if not self._sending and not self._steps and self._ends_input:
            self._ends_input = False
            self._close()

    def _is_due(self, step: InputStep) -> bool:
        if time.monotonic() - self._streams.heard < step.quiet:
            return False
        if step.after:
            awaited, (output, errors) = step.after.encode(), self._seen
            streams = self._streams
            if awaited not in streams.output[output:] and awaited not in streams.errors[errors:]:
                return False
        return INTERRUPT not in step.send or self._pause.is_over()

    def _send(self) -> None:
        try:
            sent = self._connection.send(self._sending[:CHUNK])
        except OSError:  # it has ended, or closed its input; what it printed says how
            sent = len(self._sending)
        self._sending = self._sending[sent:]

    def _close(self) -> None:
        try:
            self._connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has ended already

    def _receive(self) -> None:
        try:
            data = self._connection.recv(CHUNK)
        except OSError:
            data = b""
        self.over = not data
        self._streams.take(data)
