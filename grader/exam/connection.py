"""How requests reach an app: deadlines that hold, and bodies that are bounded.

`requests` alone bounds neither a slow drip (see `transport`) nor what a compressed body unfolds to.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NoReturn
from urllib.parse import urlsplit

import requests
import urllib3
from requests.cookies import MockRequest, MockResponse, get_cookie_header

from grader.deadline import ANY_SIZE, TOO_MUCH, DeadlineSocket, dial
from grader.deadline.tls import OpeningSocket, TlsSocket
from grader.exam.exchange import Exchange
from grader.exam.faults import AppTimeout, AppUnreachable, Mismatch
from grader.exam.reply import Sent
from grader.exam.tls_trust import TlsFault, TlsTrust, patiently
from grader.exam.transport import IDLE_SECONDS, Adapter, RequestClock, decoder
from grader.text import clean, clip

CHUNK = 16 * 1024
TLS_ROOM, TLS_FACTOR = 1 << 20, 8
"""Encrypted bytes that an answer may have, and those for each byte that its body may have: a server
that sends a byte at a time has 30 around each."""
TOLD = 1.0
"""Seconds of waiting for answers after which the grader is told of them."""
FORWARDED = "X-Forwarded-Proto"
"""Says what a proxy in front of the app speaks with the browser."""
SECURE = DefaultCookiePolicy(secure_protocols=("http", "https", "wss"))
"""Cookies with `Secure` go along, as from a browser that has the app at http://localhost."""


@dataclass
class Waited:
    """How long a submission has let us wait, all clients of its apps together."""

    told: Callable[[], None] = lambda: None
    """Called when the time for answers has grown by `TOLD` seconds."""
    owed: Callable[[], float] = lambda: 0.0
    """Gives the seconds that a request gets whose time is up while the machine is overloaded."""
    seconds: float = 0.0
    answered: float = 0.0
    """What of it went by for answers that came in time."""
    _last: float = 0.0

    def add(self, seconds: float, *, in_time: bool) -> None:
        """Note that a request took `seconds`, and whether it was answered within its limit."""
        self.seconds += seconds
        if in_time:
            self.answered += seconds
        if self.answered - self._last >= TOLD:
            self._last = self.answered
            self.told()


@dataclass(frozen=True, kw_only=True)
class AppTarget:
    """An app that requests go to, and what one of them may cost."""

    address: tuple[str, int]
    """Host and port where it is reached."""
    shown: str
    """The base URL that evidence names instead."""
    deadline: float
    """Seconds for a whole request."""
    body_cap: int
    """Decoded bytes of an answer's body."""
    tls: TlsTrust | None = None
    """Whom to trust, where it speaks TLS; None: plain HTTP."""

    @property
    def base(self) -> str:
        """The base URL where it is reached, TLS or not: below it, all is the same."""
        return f"http://{self.address[0]}:{self.address[1]}"

    @property
    def origin(self) -> str:
        """The base URL that the app knows: with TLS it is asked by its name."""
        return self.shown if self.tls else self.base

    @property
    def host(self) -> str:
        """What the header Host says: name and port."""
        return urlsplit(self.origin).netloc

    @property
    def most(self) -> int:
        """Bytes that may come back for one request, as they come; no cap where it is plain HTTP."""
        return TLS_ROOM + TLS_FACTOR * self.body_cap if self.tls else ANY_SIZE

    def dial(self, most: int) -> DeadlineSocket | TlsSocket:
        """Connect, in the time of a request; at most `most` bytes come back.

        Raises `OSError` where nobody takes the connection, `TlsFault`.
        """
        tls = self.tls
        if tls is None:
            return dial(self.address, self.deadline, most)
        until = time.monotonic() + self.deadline

        def secured() -> TlsSocket:
            connection = dial(self.address, until - time.monotonic())
            return tls.secured(OpeningSocket.over(connection, connection.left), most=most)

        return patiently(secured, self.deadline)


@dataclass(frozen=True, kw_only=True)
class Received:
    """What came back for one request."""

    response: requests.Response
    body: bytes
    """Decoded."""
    seconds: float
    """From the first byte sent to the last one read."""


class AppConnection:
    """Sends the requests of one client over connections of its own."""

    def __init__(self, target: AppTarget, *, keep_cookies: bool) -> None:
        self._target = target
        self._keep = keep_cookies
        self._ended = 0.0
        """When the last request was over, as `time.monotonic` has it."""
        self._lock = threading.Lock()
        self._under_way = 0
        self._several = False
        """Whether several requests were under way at the same time since there was none."""
        self._session = requests.Session()
        self._session.trust_env = False  # no proxies, no .netrc
        self._session.headers.update({"Accept-Encoding": "identity", "User-Agent": "curl/8.5.0"})
        self._session.mount("http://", Adapter(target.tls, target.most))
        self._session.cookies.set_policy(SECURE)

    @property
    def cookies(self) -> Any:
        """The cookies that it holds (a `requests` cookie jar)."""
        return self._session.cookies

    def cookie_header(self, target: str) -> str:
        """Return the Cookie header for a path and query; empty where no cookie goes along."""
        request = requests.Request("GET", self._target.base + target).prepare()
        return get_cookie_header(self._session.cookies, request) or ""  # type: ignore[no-untyped-call]

    def take_cookies(self, target: str, values: Sequence[str]) -> None:
        """Keep the cookies of Set-Cookie headers that answered a path and query."""
        request = requests.Request("GET", self._target.base + target).prepare()
        head = Message()
        for value in values:
            head["Set-Cookie"] = value
        self._session.cookies.extract_cookies(MockResponse(head), MockRequest(request))  # type: ignore[arg-type]

    def close(self) -> None:
        """Close what is idle."""
        self._session.close()

    def send(self, sent: Sent, exchange: Exchange, waited: Waited) -> Received:
        """Send one request; `exchange` is its evidence so far, and `waited` hears what it took.

        Raises as `Client.request` does.
        """
        if not self._keep:
            self._session.cookies.clear()
        started = time.monotonic()
        self._begin(started)
        in_time = True
        try:
            return self._send(sent, exchange, waited.owed)
        except AppTimeout:
            in_time = False
            raise
        finally:
            ended = time.monotonic()
            self._end(ended)
            waited.add(ended - started, in_time=in_time)

    def _begin(self, started: float) -> None:
        """Close what lay idle: the server may be about to, and would lose a request."""
        with self._lock:
            if not self._under_way and started - self._ended > IDLE_SECONDS:
                self.close()
            self._under_way += 1
            self._several = self._several or self._under_way > 1

    def _end(self, ended: float) -> None:
        """Keep one connection at most: of several, nobody knows how long each has lain idle."""
        with self._lock:
            self._under_way -= 1
            self._ended = ended
            if self._several and not self._under_way:
                self._several = False
                self.close()

    def _send(self, sent: Sent, exchange: Exchange, owed: Callable[[], float]) -> Received:
        started = time.monotonic()
        deadline = self._target.deadline
        watch = RequestClock(deadline, owed)
        adapter = self._session.get_adapter(self._target.base)
        assert isinstance(adapter, Adapter)
        prepared = self._prepared(sent)
        try:
            with adapter.watched(watch):
                response = self._session.send(
                    prepared, timeout=deadline, allow_redirects=False, stream=True
                )
                content = self._body(response, exchange)
        except TlsFault as fault:
            raise_insecure(fault, deadline, exchange)
        except UnicodeEncodeError as error:
            msg = f"The suite sends a header that is no Latin-1: {error}"
            raise ValueError(msg) from error
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
            ValueError,
        ) as error:
            if watch.expired or isinstance(error, (requests.Timeout, TimeoutError)):
                _raise_timeout(deadline, exchange)
            _raise_unreadable(error, exchange)
        if watch.expired:
            _raise_timeout(deadline, exchange)
        return Received(response=response, body=content, seconds=time.monotonic() - started)

    def _prepared(self, sent: Sent) -> requests.PreparedRequest:
        """Return the request with what a browser adds.

        Raises `ValueError` for one that cannot be sent.
        """
        headers = dict(sent.headers)
        headers |= from_page(sent.method, self._target.origin, sent.referer, sent.headers)
        if self._target.tls:
            headers.setdefault("Host", self._target.host)
        path = sent.path.encode("utf-8", "replace").decode()
        try:
            prepared = self._session.prepare_request(
                requests.Request(
                    sent.method, self._target.base + path, headers=headers, data=sent.body
                )
            )
        except (requests.RequestException, ValueError) as error:
            msg = f"The suite cannot send {sent.method} {clip(clean(sent.path), 80)}: {error}"
            raise ValueError(msg) from error
        if self._keep and "Cookie" not in headers:
            prepared.headers.pop("Cookie", None)  # made without the session's own policy
            cookies = get_cookie_header(self._session.cookies, prepared)  # type: ignore[no-untyped-call]
            if cookies:
                prepared.headers["Cookie"] = cookies
        return prepared

    def _body(self, response: requests.Response, exchange: Exchange) -> bytes:
        """Return the body, decompressed, up to the cap."""
        decode = decoder(response.headers.get("Content-Encoding", ""))
        cap = self._target.body_cap
        parts, size = [], 0
        with response:
            while chunk := response.raw.read(CHUNK, decode_content=False):
                part = decode(chunk, cap + 1 - size)
                parts.append(part)
                size += len(part)
                if size > cap:
                    msg = f"The answer is longer than {cap >> 10} KiB."
                    raise Mismatch(msg, exchange)
        return b"".join(parts)


def from_page(method: str, base: str, referer: str, headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that a browser adds to what the page at the path `referer` sends.

    Behind a proxy that speaks HTTPS (`X-Forwarded-Proto` of `headers`), the browser knows the page
    by https.
    """
    if not referer:
        return {}
    if headers.get(FORWARDED) == "https":
        base = base.replace("http://", "https://", 1)
    origin = {"Origin": base} if method not in {"GET", "HEAD"} else {}
    return origin | {"Referer": base + referer}


def _raise_timeout(deadline: float, sent: Exchange) -> NoReturn:
    msg = f"It did not answer within {deadline:g} s."
    said = f"(no answer in {deadline:g} s)"
    raise AppTimeout(
        msg, Exchange(curl=sent.curl, answer=said, began=sent.began, seconds=deadline),
        hinted=False,
    )  # fmt: skip


def raise_insecure(fault: TlsFault, deadline: float, sent: Exchange) -> NoReturn:
    """Raise that there is no TLS to speak, and why."""
    kind = AppTimeout if fault.timed_out else Mismatch
    seconds = deadline if fault.timed_out else 0.0
    said = "(no TLS)"
    evidence = Exchange(curl=sent.curl, answer=said, began=sent.began, seconds=seconds)
    raise kind(str(fault), evidence, hinted=False) from fault


def _raise_unreadable(error: Exception, sent: Exchange) -> NoReturn:
    """Raise what it means that a request ended with `error`, in time."""
    text = str(error)
    if ("more than" in text and "headers" in text) or "header line" in text:
        msg = "The answer has more or longer headers than any browser takes."
        raise Mismatch(msg, Exchange(curl=sent.curl, answer="(too many headers)"))
    if "interim answers" in text:
        msg = "It sends interim answers (1xx), one after the other, in place of an answer."
        raise Mismatch(msg, Exchange(curl=sent.curl, answer="(interim answers only)"))
    if isinstance(error, requests.exceptions.InvalidHeader) or "BadStatusLine" in text:
        msg = "What came back is no HTTP answer."
        raise Mismatch(msg, Exchange(curl=sent.curl, answer=clip(clean(text), 200)))
    if TOO_MUCH in text:
        msg = "It sends more than the answer that it was asked for, without an end."
        raise Mismatch(msg, Exchange(curl=sent.curl, answer="(an endless answer)"))
    msg = "It closed the connection without a complete answer; the app may have crashed."
    exchange = Exchange(curl=sent.curl, answer="(connection closed)", began=sent.began)
    raise AppUnreachable(msg, exchange, hinted=False)
