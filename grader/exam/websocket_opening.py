"""How a client opens a WebSocket: the connection, the handshake, and what became of it."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from requests.utils import requote_uri

from grader.deadline import DeadlineSocket
from grader.deadline.tls import TlsSocket
from grader.exam.connection import AppTarget, Waited, raise_insecure
from grader.exam.exchange import Exchange
from grader.exam.faults import AppTimeout, AppUnreachable, Mismatch
from grader.exam.reply import Reply, Sent
from grader.exam.tls_trust import TlsFault
from grader.exam.transport import Adapter
from grader.exam.websocket import WebSocket
from grader.exam.websocket_conversation import Conversation, ConversationBounds
from grader.exam.websocket_handshake import (
    BadHandshake,
    HandshakeAnswer,
    HandshakeRequest,
    shake_hands,
)
from grader.text import clean, clip


@dataclass(frozen=True, kw_only=True)
class OpeningOptions:
    """What a suite asks of a handshake."""

    headers: dict[str, str] = field(default_factory=dict)
    subprotocols: Sequence[str] = ()
    origin: str = ""
    compressed: bool = False
    lasts: float = 60.0


class Opening:
    """One handshake of a client with its app."""

    def __init__(
        self, target: AppTarget, path: str, options: OpeningOptions, *, waited: Waited,
        heard: Callable[[Reply], None], noted: Callable[[Exchange], None], logged: bool,
    ) -> None:  # fmt: skip
        """`heard` is told of answers and messages, `noted` of the evidence as it grows."""
        self._target, self._path, self._options = target, path, options
        self._waited, self._heard, self._noted = waited, heard, noted
        own = options.origin.startswith("/")
        origin = target.origin if own else options.origin
        self._headers = dict(options.headers) | ({"Origin": origin} if origin else {})
        shown = dict(options.headers)
        if origin:
            shown["Origin"] = target.shown if own else origin
        self._shown = _command_line(target.shown + path, shown, options.subprotocols)
        self._began = time.time() if logged else 0.0

    def open(self) -> WebSocket:
        """Return the open WebSocket; fails the criterion where the app refuses it."""
        socket, answer, reply = self._shake()
        if answer.connection is None:
            socket.close()
            reply.fail(
                f"It answered the handshake of a WebSocket with {reply.status} where 101"
                " (Switching Protocols) was expected.",
                hinted=reply.status < 500,
            )
        bounds = ConversationBounds(
            operation=self._target.deadline, lasts=self._options.lasts,
            message_cap=self._target.body_cap, compressed=self._options.compressed,
        )  # fmt: skip
        talk = Conversation(
            socket, answer.connection, reply=reply, bounds=bounds, waited=self._waited,
            heard=self._heard, noted=self._noted,
        )  # fmt: skip
        return WebSocket(talk, reply, answer.subprotocol)

    def ask(self) -> Reply:
        """Return the answer to the handshake, whichever it is, and leave."""
        socket, _, reply = self._shake()
        socket.close()
        return reply

    def _shake(self) -> tuple[DeadlineSocket | TlsSocket, HandshakeAnswer, Reply]:
        self._noted(self._evidence("(no answer)"))
        started, in_time = time.monotonic(), True
        try:
            socket, answer = self._answer()
        except TlsFault as fault:
            in_time = not fault.timed_out
            raise_insecure(fault, self._target.deadline, self._evidence(""))
        except TimeoutError as error:
            in_time = False
            deadline = self._target.deadline
            msg = f"It did not answer the handshake of a WebSocket within {deadline:g} s."
            evidence = self._evidence(f"(no answer in {deadline:g} s)", deadline)
            raise AppTimeout(msg, evidence, hinted=False) from error
        except OSError as error:
            msg = "It closed the connection in the handshake of a WebSocket; it may have crashed."
            evidence = self._evidence("(connection closed)")
            raise AppUnreachable(msg, evidence, hinted=False) from error
        except BadHandshake as error:
            said = clip(clean(str(error)), 200)
            msg = f"Its answer opens no WebSocket and is no refusal in HTTP: {said}."
            raise Mismatch(msg, self._evidence("(no valid answer)")) from error
        finally:
            self._waited.add(time.monotonic() - started, in_time=in_time)
        reply = self._reply(answer, time.monotonic() - started)
        self._noted(reply.exchange)
        self._heard(reply)
        return socket, answer, reply

    def _answer(self) -> tuple[DeadlineSocket | TlsSocket, HandshakeAnswer]:
        socket = self._target.dial(2 * self._target.body_cap)
        try:
            Adapter.pass_gate()
            request = HandshakeRequest(
                host=self._target.host, target=requote_uri(self._path),
                headers=list(self._headers.items()), subprotocols=self._options.subprotocols,
                compressed=self._options.compressed,
            )  # fmt: skip
            return socket, shake_hands(socket, request, body_cap=self._target.body_cap)
        except BaseException:
            socket.close()
            raise

    def _reply(self, answer: HandshakeAnswer, seconds: float) -> Reply:
        headers: dict[str, str] = {}
        for name, value in answer.headers:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        cookies = tuple(value for name, value in answer.headers if name == "Set-Cookie")
        return Reply(
            status=answer.status, headers=headers, body=answer.body, seconds=seconds,
            curl=self._shown, set_cookies=cookies, began=self._began,
            sent=Sent(method="GET", path=self._path, headers=self._headers, body=None),
        )  # fmt: skip

    def _evidence(self, answer: str, seconds: float = 0.0) -> Exchange:
        return Exchange(curl=self._shown, answer=answer, began=self._began, seconds=seconds)


def _command_line(url: str, headers: dict[str, str], subprotocols: Sequence[str]) -> str:
    """Return the handshake as a line for a shell that has websocat."""
    words = ["websocat"]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    for name in subprotocols:
        words += ["--protocol", name]
    return clean(shlex.join([*words, f"ws{url.removeprefix('http')}"]))
