"""The channel between the grader and the suite's process: JSON Lines over a socket pair."""

from __future__ import annotations

import json
import socket
import threading
from typing import Any, cast

from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.protocol import MESSAGES, Call, CallResult, Message
from grader.exam.serialization import MalformedValue, from_json, reader, to_json

MAX_LINE = 16 * 1024 * 1024
TOO_LONG = (
    f"What was asked of your submission here comes to more than {MAX_LINE >> 20} MiB, which is "
    "more than is read at once. Print less, or keep less in each file."
)
"""All that can be so long is a submission's: output, files, its history."""


class WireError(Exception):
    """A message that is no message, or the other side has gone."""


def encode(message: Message) -> bytes:
    """Return `message` as one line."""
    return json.dumps({"kind": type(message).__name__, **to_json(message)}).encode() + b"\n"


def decode(line: bytes) -> Message:
    """Return the message in `line`. Raises `WireError` where it is none."""
    try:
        content = json.loads(line)
        if not isinstance(content, dict):
            msg = "it is no object"
            raise MalformedValue(msg)
        kind = content.pop("kind", None)
        form = MESSAGES.get(kind) if isinstance(kind, str) else None
        if form is None:
            msg = f"its kind is {kind!r}, which is none of {', '.join(MESSAGES)}"
            raise MalformedValue(msg)
        message: Message = from_json(form, content, form.__name__)
    except (ValueError, RecursionError) as error:
        msg = f"A message on the exam's channel is malformed: {error}."
        raise WireError(msg) from error
    return message


def prepare() -> None:
    """Make what reads the messages, so that no process that is forked from this one has to."""
    for form in MESSAGES.values():
        reader(cast("Any", form))


class Channel:
    """One end of the channel. Sending and calling are safe from several threads."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reader = connection.makefile("rb")
        self._lock = threading.Lock()
        self._calling = threading.Lock()
        self._calls = 0

    def send(self, message: Message) -> None:
        """Send one message. Raises `WireError` where nobody reads any more."""
        self._write(encode(message))

    def answer(self, result: CallResult) -> None:
        """Send what a call came to; what the other side could not read is the student's loss.

        Raises `WireError` where nobody reads any more.
        """
        line = encode(result)
        if len(line) > MAX_LINE:
            line = encode(CallResult(id=result.id, fault="student", reason=TOO_LONG))
        self._write(line)

    def _write(self, line: bytes) -> None:
        try:
            with self._lock:
                self._connection.sendall(line)
        except OSError as error:
            msg = "The other side of the exam's channel has gone."
            raise WireError(msg) from error

    def receive(self) -> Message | None:
        """Return the next message; None at the end. Raises `WireError` for a malformed one."""
        try:
            line = self._reader.readline(MAX_LINE)
        except OSError:
            return None
        return decode(line) if line else None

    def call_if_free(self, name: str, /) -> Any:
        """Do as `call`; None at once where another call is under way."""
        if self._calling.locked():
            return None
        return self.call(name)

    def call(self, name: str, /, **arguments: Any) -> Any:
        """Have the other side do `name` and return JSON's value of its answer; for the suite.

        Raises `Mismatch` where the app is to blame that it failed, `PlatformFault` otherwise.
        """
        with self._calling:
            self._calls += 1
            self.send(Call(id=self._calls, name=name, arguments=arguments))
            answer = self.receive()
            if not isinstance(answer, CallResult) or answer.id != self._calls:
                msg = f"The grader did not answer {name}."
                raise PlatformFault(msg)
        match answer.fault:
            case None:
                return answer.value
            case "student":
                raise Mismatch(answer.reason)
            case "platform":
                raise PlatformFault(answer.reason)

    def close(self) -> None:
        """Close this end, once or again; a `receive` that waits on it ends."""
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the other side was first, or it is closed already
        self._reader.close()
        self._connection.close()
