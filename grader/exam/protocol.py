"""What the grader and the suite's process say to each other: JSON Lines over a socket pair.

Every message is checked against `protocol.schema.json` on reading. Nothing that a student can write
to comes near this channel.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from grader.exam.faults import Mismatch, PlatformFault

Message = dict[str, Any]
Caller = Callable[..., Any]
"""`call(name, **arguments)`: has the grader do something and gives what it answers."""

MAX_LINE = 16 * 1024 * 1024


class WireError(Exception):
    """A message that is no message, or the other side has gone."""


@cache
def validator() -> Callable[[Message], Message]:
    """Gives a message back, or raises `JsonSchemaException`; compiled when first asked for."""
    import fastjsonschema

    schema = json.loads(Path(__file__).with_name("protocol.schema.json").read_text("utf-8"))
    validate: Callable[[Message], Message] = fastjsonschema.compile(schema)
    return validate


class Channel:
    """One end of the channel. Sending is safe from several threads."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reader = connection.makefile("rb")
        self._lock = threading.Lock()
        self._calls = 0

    def send(self, message: Message) -> None:
        """Send one message. Raises `WireError` where nobody reads any more."""
        line = json.dumps(message, ensure_ascii=True).encode() + b"\n"
        try:
            with self._lock:
                self._connection.sendall(line)
        except OSError as error:
            msg = "the other side of the exam's channel has gone"
            raise WireError(msg) from error

    def receive(self) -> Message | None:
        """The next message; None at the end. Raises `WireError` for one of no known form."""
        import fastjsonschema

        try:
            line = self._reader.readline(MAX_LINE)
        except OSError:
            return None
        if not line:
            return None
        try:
            return validator()(json.loads(line))
        except (ValueError, fastjsonschema.JsonSchemaException) as error:
            msg = f"a message on the exam's channel is malformed: {error}"
            raise WireError(msg) from error

    def call(self, name: str, **arguments: Any) -> Any:
        """Have the other side do `name`; for the suite's side.

        Raises `Mismatch` where the app is to blame that it failed, `PlatformFault` otherwise.
        """
        self._calls += 1
        self.send({"kind": "call", "id": self._calls, "name": name, "arguments": arguments})
        reply = self.receive()
        if reply is None or reply["kind"] != "reply" or reply["id"] != self._calls:
            msg = f"the grader did not answer {name}"
            raise PlatformFault(msg)
        match reply.get("fault"):
            case None:
                return reply["value"]
            case "student":
                raise Mismatch(reply["value"])
            case _:
                raise PlatformFault(reply["value"])

    def close(self) -> None:
        """Close this end, once or again; a `receive` that waits on it ends."""
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the other side was first, or it is closed already
        self._reader.close()
        self._connection.close()
