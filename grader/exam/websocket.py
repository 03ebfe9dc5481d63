"""A WebSocket to an app, as a suite uses it."""

from __future__ import annotations

import json
import time
from typing import Any, NoReturn, Self

from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage

from grader.exam.exchange import Exchange
from grader.exam.reply import Reply
from grader.exam.strictjson import BadJson, parse
from grader.exam.websocket_conversation import ABNORMAL, ClosedWebSocket, Conversation, said
from grader.exam.websocket_frames import odd_frame
from grader.text import clean, clip


class WebSocket:
    """A WebSocket to the app. What is asked of it and does not come fails the criterion.

    `within` is in seconds, `limits.request` where it is not given. Used in a `with` block it drops
    the connection at the end; what is open at the end of a test is dropped, too. Pings of the app
    are answered while something is awaited.
    """

    def __init__(self, conversation: Conversation, reply: Reply, subprotocol: str) -> None:
        self.reply = reply
        """The answer to the handshake."""
        self.subprotocol = subprotocol
        """The one that the app chose; empty where it chose none."""
        self._conversation = conversation

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()

    @property
    def exchange(self) -> Exchange:
        """The handshake and what was said since, as evidence."""
        return self._conversation.exchange

    def fail(self, message: str, *, hinted: bool = True) -> NoReturn:
        """Fail the criterion with `message`, this conversation being the evidence."""
        self._conversation.fail(message, hinted=hinted)

    def send(self, message: str | bytes) -> None:
        """Send a message: text, or bytes as a binary one.

        Where the app has closed the WebSocket, what is received next tells so, not this.
        """
        event: TextMessage | BytesMessage
        if isinstance(message, str):
            event = TextMessage(data=message)
        else:
            event = BytesMessage(data=message)
        self._conversation.transmit(self._conversation.frame(event), f"> {said(message)}")

    def send_json(self, value: Any) -> None:
        """Send `value` as JSON in a text message."""
        self.send(json.dumps(value, ensure_ascii=False))

    def receive(self, *, within: float | None = None) -> str | bytes:
        """Return the next message, in the order in which they came."""
        seconds, talk = self._seconds(within), self._conversation
        if not talk.wait(lambda: bool(talk.inbox.messages), seconds):
            talk.require_open("a message was expected")
            begun = talk.reader.within_message
            talk.late("A message began and did not end" if begun else "No message came", seconds)
        talk.note()
        return talk.inbox.messages.popleft()

    def receive_text(self, *, within: float | None = None) -> str:
        """Return the next message, which has to be text."""
        message = self.receive(within=within)
        if isinstance(message, bytes):
            self.fail("It sent a binary message where text was expected.")
        return message

    def receive_bytes(self, *, within: float | None = None) -> bytes:
        """Return the next message, which has to be a binary one."""
        message = self.receive(within=within)
        if isinstance(message, str):
            self.fail("It sent text where a binary message was expected.")
        return message

    def receive_json(self, kind: type | None = None, *, within: float | None = None) -> Any:
        """Return the next message as strict JSON, of type `kind` (`dict`, `list`) if given."""
        text = self.receive_text(within=within)
        try:
            value = parse(text)
        except BadJson as error:
            self.fail(f"It sent a message that is no valid JSON: {clip(str(error), 200)}.")
        if kind is not None and not isinstance(value, kind):
            names: dict[type, str] = {dict: "a JSON object", list: "a JSON array"}
            wanted = names.get(kind, kind.__name__)
            self.fail(f"It should send {wanted}, not {clip(clean(text), 80)}")
        return value

    def quiet(self, seconds: float) -> None:
        """Expect no message, and no end of the connection, for `seconds`."""
        talk = self._conversation
        talk.wait(lambda: bool(talk.inbox.messages), seconds, own=True)
        if talk.inbox.messages:
            self.fail(f"It sent a message where none was expected: {said(talk.inbox.messages[0])}")
        talk.require_open("nothing was expected")
        talk.note()

    def ping(self, payload: bytes = b"ping", *, within: float | None = None) -> float:
        """Send a ping, wait for its pong, and return the seconds that it took.

        Messages that come meanwhile are kept for `receive`.
        """
        seconds, started, talk = self._seconds(within), time.monotonic(), self._conversation
        talk.transmit(talk.frame(Ping(payload=payload)), f"> ping {said(payload)}")
        if not talk.wait(lambda: payload in talk.inbox.pongs, seconds):
            talk.require_open("a pong was expected")
            if talk.inbox.pongs:
                self.fail("It answered a ping with another payload than the ping's.")
            talk.late("No pong came", seconds)
        talk.inbox.pongs.clear()
        talk.note()
        return time.monotonic() - started

    def closed(self, *codes: int, within: float | None = None) -> ClosedWebSocket:
        """Wait for the app to close the WebSocket, with one of `codes` where any are given.

        Messages that come before are skipped. Without a close frame it fails, unless 1006 is among
        the codes.
        """
        seconds, talk = self._seconds(within), self._conversation
        wanted = " or ".join(map(str, codes)) or "a close frame"
        if not talk.wait(lambda: talk.over, seconds):
            talk.late(f"It did not close the WebSocket ({wanted} was expected)", seconds)
        talk.inbox.messages.clear()
        found = talk.inbox.closed
        fits = found is not None and (found.code in codes or not (codes or talk.dropped))
        if found is None or not fits:
            talk.require_open(f"{wanted} was expected")
        assert found is not None
        talk.note()
        return found

    def close(
        self, code: int = 1000, reason: str = "", *, within: float | None = None
    ) -> ClosedWebSocket:
        """Close the WebSocket, wait for the app's close frame, and return what that says.

        Messages that come meanwhile are skipped.
        """
        seconds, talk = self._seconds(within), self._conversation
        if talk.inbox.closed is None:
            event = CloseConnection(code=code, reason=reason or None)
            talk.transmit(talk.frame(event), f"> close {code} {reason}")
        if not talk.wait(lambda: talk.over, seconds):
            talk.late("It did not answer the close frame", seconds)
        talk.inbox.messages.clear()
        if talk.inbox.closed is None or talk.inbox.closed.code == ABNORMAL:
            talk.require_open("its close frame was expected")
        assert talk.inbox.closed is not None
        self.drop()
        return talk.inbox.closed

    def drop(self, *, reset: bool = False) -> None:
        """End the connection without a word, as a computer that goes away; twice does no harm.

        `reset` has the app see a connection that was reset, not one that was closed.
        """
        self._conversation.drop(reset=reset)

    def send_frame(self, opcode: int | str, payload: bytes = b"", **options: Any) -> None:
        """Send one frame as it is described, also one that breaks the protocol.

        `opcode`: `"text"`, `"binary"`, `"continuation"`, `"close"`, `"ping"`, `"pong"` or a number.
        Options: `final=False` (a fragment), `masked=False`, `reserved` (three bits, up to 7) and
        `length` (what the frame says of its payload, if not the truth).
        """
        described = "".join(f" {name}={value}" for name, value in options.items())
        line = f"> frame {opcode}{described} {said(payload)}"
        self._conversation.transmit(odd_frame(opcode, payload, **options), line)

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are, which need be no frame."""
        self._conversation.transmit(data, f"> bytes {said(data)}")

    def _seconds(self, within: float | None) -> float:
        return self._conversation.bounds.operation if within is None else within
