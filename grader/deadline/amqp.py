"""Connections to RabbitMQ with a deadline for the log-in, and one for each call with its answer.

pika gives the frames of AMQP 0-9-1; its own connections wait without a bound for a whole answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pika import frame as frames
from pika import spec

from grader.deadline import DeadlineSocket, TooMuch, dial

LOGIN_BYTES = 64 * 1024
"""Bytes that the answers to a log-in may have; a server needs about a thousand."""
ANSWER_BYTES = 16 * 1024 * 1024
"""Bytes that the answer to one call may have."""
FRAME = 131_072
"""Bytes of the largest frame, as both sides agree."""
GREETING = b"AMQP\0\0\x09\x01"
CAPABILITIES = {
    "publisher_confirms": True, "basic.nack": True, "connection.blocked": True,
    "authentication_failure_close": True,
}  # fmt: skip
CHANNEL = 1
NO_SUCH = 404
"""How AMQP numbers what is not there."""
REFUSED = 403


class AmqpError(Exception):
    """A server that did not do what it was asked."""

    late = False
    """Whether a bound of ours ended the conversation: asking again would take as long again."""


class AmqpLost(AmqpError):
    """There is no connection, or no longer."""

    def __init__(self, text: str, *, late: bool = False) -> None:
        super().__init__(text)
        self.late = late


class AmqpRefused(AmqpError):
    """The server has refused a call or a log-in."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        """AMQP's number for why."""


class AmqpBlocked(AmqpError):
    """The server takes no messages until it has memory or disk again."""


@dataclass(frozen=True, kw_only=True)
class AmqpMessage:
    """A message as the server handed it out."""

    body: bytes
    exchange: str
    routing_key: str
    redelivered: bool
    left: int
    """Messages that were in the queue after it."""
    properties: dict[str, Any] = field(default_factory=dict)
    """Those that it has, `headers` among them."""


class AmqpConnection:
    """A connection with one channel, whose every call has its own end.

    Each call raises `AmqpError`.
    """

    def __init__(self, connection: DeadlineSocket, seconds: float, most: int) -> None:
        """Take `connection`, which greets nobody yet.

        A call has `seconds`, and its answer `most` bytes.
        """
        self._socket = connection
        self._seconds = seconds
        self._most = most
        self._open = self._confirms = False
        """Whether there is a channel, and whether it confirms what is published."""
        self._published = 0

    # -- what can be asked -----------------------------------------------------------------

    def log_in(self, user: str, password: str, vhost: str) -> None:
        """Greet, and open the virtual host; within the time that the socket was dialled with."""
        self._send(GREETING)
        self._expect(0, spec.Connection.Start)
        answer = spec.Connection.StartOk(
            client_properties={"product": "practical-exam-grader", "capabilities": CAPABILITIES},
            response=f"\0{user}\0{password}",
        )
        self._call(0, answer, spec.Connection.Tune)
        self._send_method(0, spec.Connection.TuneOk(channel_max=8, frame_max=FRAME, heartbeat=0))
        self._call(0, spec.Connection.Open(virtual_host=vhost), spec.Connection.OpenOk)

    def counted(self, queue: str) -> tuple[int, int]:
        """Return how many messages wait in a queue, and how many consumers it has."""
        self._begin()
        asked = spec.Queue.Declare(queue=queue, passive=True)
        answer = self._call(CHANNEL, asked, spec.Queue.DeclareOk)
        return int(answer.message_count), int(answer.consumer_count)

    def purge(self, queue: str) -> int:
        """Remove the messages that wait in a queue; return how many there were."""
        self._begin()
        answer = self._call(CHANNEL, spec.Queue.Purge(queue=queue), spec.Queue.PurgeOk)
        return int(answer.message_count)

    def get(self, queue: str) -> AmqpMessage | None:
        """Take the next message out of a queue; None where none waits."""
        self._begin()
        empty, got = spec.Basic.GetEmpty, spec.Basic.GetOk
        answer = self._call(CHANNEL, spec.Basic.Get(queue=queue), got, empty)
        if isinstance(answer, empty):
            return None
        header, body = self._content()
        self._send_method(CHANNEL, spec.Basic.Ack(delivery_tag=answer.delivery_tag))
        return AmqpMessage(
            body=body, exchange=answer.exchange, routing_key=answer.routing_key,
            redelivered=bool(answer.redelivered), left=int(answer.message_count),
            properties={name: one for name, one in vars(header).items() if one is not None},
        )  # fmt: skip

    def publish(self, exchange: str, key: str, body: bytes, properties: dict[str, Any]) -> bool:
        """Publish a message and wait until the server has it; return whether a queue got it.

        Raises `AmqpRefused` with code 0 where a queue was full, and `AmqpBlocked`.
        """
        self._begin()
        if not self._confirms:
            self._call(CHANNEL, spec.Confirm.Select(), spec.Confirm.SelectOk)
            self._confirms = True
        method = spec.Basic.Publish(exchange=exchange, routing_key=key, mandatory=True)
        header = frames.Header(CHANNEL, len(body), spec.BasicProperties(**properties))
        room = FRAME - 8
        parts = [body[at : at + room] for at in range(0, len(body), room)]
        whole = [frames.Method(CHANNEL, method), header, *(frames.Body(CHANNEL, p) for p in parts)]
        self._send(b"".join(one.marshal() for one in whole))
        ack, nack, returned = spec.Basic.Ack, spec.Basic.Nack, spec.Basic.Return
        answer = self._expect(CHANNEL, ack, nack, returned)
        if isinstance(answer, returned):
            self._content()
            self._expect(CHANNEL, ack, nack)
            return False
        if isinstance(answer, nack):
            raise AmqpRefused(0, "a queue is full")
        return True

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    # -- frames ----------------------------------------------------------------------------

    def _begin(self) -> None:
        """Begin a call, with a channel for it."""
        self._socket.begin(self._seconds, self._most)
        if not self._open:
            self._confirms = False
            self._call(CHANNEL, spec.Channel.Open(), spec.Channel.OpenOk)
            self._open = True

    def _call(self, channel: int, method: Any, *expected: type[Any]) -> Any:
        self._send_method(channel, method)
        return self._expect(channel, *expected)

    def _send_method(self, channel: int, method: Any) -> None:
        self._send(frames.Method(channel, method).marshal())

    def _send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise _lost(error) from error

    def _expect(self, channel: int, *expected: type[Any]) -> Any:
        """Return the next method of one of the types `expected`.

        The server may close the channel or the connection in its stead, or say that it is full.
        """
        while True:
            found = self._next()
            method = getattr(found, "method", None)
            if isinstance(method, expected) and found.channel_number == channel:
                return method
            if isinstance(method, spec.Connection.Close):
                self._send_method(0, spec.Connection.CloseOk())
                self.close()
                raise AmqpRefused(int(method.reply_code), str(method.reply_text))
            if isinstance(method, spec.Channel.Close):
                self._open = False
                self._send_method(channel, spec.Channel.CloseOk())
                raise AmqpRefused(int(method.reply_code), str(method.reply_text))
            if isinstance(method, spec.Connection.Blocked):
                raise AmqpBlocked(str(method.reason))

    def _content(self) -> tuple[Any, bytes]:
        """Return the properties and the body that follow a method."""
        header = self._next()
        if not isinstance(header, frames.Header):
            msg = "a message without a header came"
            raise AmqpLost(msg)
        if header.body_size > self._most:
            msg = f"a message has more than {self._most} bytes"
            raise AmqpLost(msg, late=True)
        body = bytearray()
        while len(body) < header.body_size:
            part = self._next()
            if not isinstance(part, frames.Body):
                msg = "a message ends before its end"
                raise AmqpLost(msg)
            body += part.fragment
        return header.properties, bytes(body)

    def _next(self) -> Any:
        """Return the next frame."""
        try:
            head = self._exactly(7)
            size = int.from_bytes(head[3:7], "big")
            if size > FRAME:
                msg = f"what answers is no RabbitMQ: it sends a frame of {size} bytes"
                raise AmqpLost(msg)
            _, found = frames.decode_frame(head + self._exactly(size + 1))
        except OSError as error:
            raise _lost(error) from error
        except AmqpError:
            raise
        except Exception as error:  # whatever pika makes of bytes that are no frame
            msg = f"what answers is no RabbitMQ: {type(error).__name__} {error}"
            raise AmqpLost(msg) from error
        if found is None or isinstance(found, frames.ProtocolHeader):
            msg = "what answers is no RabbitMQ: it sends no frames"
            raise AmqpLost(msg)
        return found

    def _exactly(self, size: int) -> bytes:
        read = bytearray()
        while len(read) < size:
            some = self._socket.recv(size - len(read))
            if not some:
                msg = "the server has closed the connection"
                raise ConnectionError(msg)
            read += some
        return bytes(read)


def open_amqp(
    address: tuple[str, int], *, user: str, password: str, vhost: str, login: float,
    statement: float, most: int = ANSWER_BYTES,
) -> AmqpConnection:  # fmt: skip
    """Connect and log in within `login` seconds; each call then has `statement` seconds.

    `most` is how many bytes an answer may have. Raises `AmqpError`.
    """
    try:
        connection = AmqpConnection(dial(address, login, LOGIN_BYTES), statement, most)
    except OSError as error:
        raise _lost(error) from error
    try:
        connection.log_in(user, password, vhost)
    except BaseException:
        connection.close()
        raise
    return connection


def _lost(error: OSError) -> AmqpLost:
    return AmqpLost(str(error), late=isinstance(error, TimeoutError | TooMuch))
