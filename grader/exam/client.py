"""HTTP to a student's app: deadlines that hold, bodies that are bounded, evidence that is kept.

`requests` alone bounds neither a slow drip (see `transport`) nor what a compressed body unfolds to.
"""

from __future__ import annotations

import json as jsonlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlencode, urlsplit

import requests
import urllib3
from requests.cookies import get_cookie_header

from grader.exam.address import WEB, joined, split, target_of
from grader.exam.exchange import Exchange
from grader.exam.faults import AppTimeout, AppUnreachable, Mismatch
from grader.exam.reply import Reply, Sent, curl_line
from grader.exam.transport import Adapter, RequestClock, decoder
from grader.text import clean, clip

if TYPE_CHECKING:
    from grader.exam.page import Page

CHUNK = 16 * 1024
TOLD = 1.0
"""Seconds of waiting for answers after which the grader is told of them."""
IDLE_SECONDS = 0.5
"""How long a connection may lie idle and be used again; servers keep them for a second or more."""


ACCEPTED = "text/html,application/xhtml+xml,*/*;q=0.8"
"""What a browser accepts where it opens a page."""
SECURE = DefaultCookiePolicy(secure_protocols=("http", "https", "wss"))
"""Cookies with `Secure` go along, as from a browser that has the app at http://localhost."""


@dataclass
class Waited:
    """How long a submission has let us wait, all clients of its apps together."""

    told: Callable[[], None] = lambda: None
    """Called when the time for answers has grown by `TOLD` seconds."""
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


class Client:
    """Sends requests to one app and remembers the last exchange.

    A path may be any address that stands on a page of the app: `/notes/1`, `../1?x=2`, `#top`,
    `//host/notes`, `http://host:5000/notes`. It is resolved as in a browser, starting at the page
    that this client has read last (at `/` before it has read one).
    """

    def __init__(
        self,
        address: tuple[str, int],
        *,
        shown: str,
        deadline: float,
        body_cap: int,
        keep_cookies: bool = False,
        heard: Callable[[Reply], None] = lambda reply: None,
        waited: Waited | None = None,
    ) -> None:
        """`address` leads to the app; `shown` is the base URL that evidence names instead.

        `deadline` is in seconds for a whole request, `body_cap` in decoded bytes; `heard` is told
        of every answer. `waited` is shared with other clients.
        """
        self._base = f"http://{address[0]}:{address[1]}"
        self._address = address
        self._shown = shown
        self._deadline = deadline
        self._cap = body_cap
        self._keep = keep_cookies
        self._heard = heard
        self._session = self._fresh()
        self.last: Exchange | None = None
        """The latest exchange, for a failure that names none."""
        self._start = f"{shown}/"
        self._answered = 0.0
        self._began = 0.0
        self.logged = True
        """Whether the log of the app under examination tells of these requests."""
        self._waited = waited or Waited()

    def _fresh(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False  # no proxies, no .netrc
        session.headers.update({"Accept-Encoding": "identity", "User-Agent": "curl/8.5.0"})
        session.mount("http://", Adapter())
        session.cookies.set_policy(SECURE)
        return session

    @property
    def waited(self) -> float:
        """Seconds that the app has taken to answer this client and those made from it."""
        return self._waited.seconds

    @property
    def answered(self) -> float:
        """Seconds of `waited` that went by for answers within the limit of a request."""
        return self._waited.answered

    def at(self, address: tuple[str, int]) -> Client:
        """A client of the same kind for another app, whose answers nobody hears of."""
        other = Client(
            address, shown=self._shown, deadline=self._deadline, body_cap=self._cap,
            waited=self._waited,
        )  # fmt: skip
        other.logged = False
        return other

    def listened(self, heard: Callable[[Reply], None]) -> Client:
        """A client of the same app whose answers `heard` is told of."""
        return Client(
            self._address, shown=self._shown, deadline=self._deadline, body_cap=self._cap,
            heard=heard, waited=self._waited,
        )  # fmt: skip

    def disconnect(self) -> None:
        """Close idle connections: an app that is told to end may wait for those that use it."""
        self._session.close()

    @property
    def cookies(self) -> Any:
        """The cookies that this session holds (a `requests` cookie jar)."""
        return self._session.cookies

    def session(self) -> Client:
        """A new client that keeps cookies of its own, as a browser does."""
        return Client(
            self._address, shown=self._shown, deadline=self._deadline, body_cap=self._cap,
            keep_cookies=True, heard=self._heard, waited=self._waited,
        )  # fmt: skip

    def url(self, target: str) -> str:
        """The whole URL of a path and query, as evidence shows it."""
        return self._shown + target

    def is_own(self, netloc: str) -> bool:
        """Whether `host:port` is the app, by the name that it is shown or reached by."""
        return netloc in {urlsplit(self._shown).netloc, urlsplit(self._base).netloc}

    def path_of(self, address: str, base: str = "") -> str | None:
        """The path and query on the app that `address` leads to; None where it leads elsewhere.

        It starts at the URL `base`, or at the page that was read last.
        """
        try:
            parts = split(joined(base or self._start, address))
        except ValueError:
            return None
        own = parts.scheme in WEB and self.is_own(parts.netloc)
        return target_of(parts) if own else None

    def start_at(self, url: str) -> None:
        """Resolve the addresses that are asked for next as on a page at `url`."""
        self._start = url

    def page(self, path: str, **options: Any) -> Page:
        """GET `path`, expect 200, and read the answer as an HTML page; options as for `request`."""
        options["headers"] = {"Accept": ACCEPTED} | dict(options.get("headers") or {})
        return self.get(path, **options).expect(200).page()

    def form(
        self,
        path: str,
        values: Mapping[str, Any] | None = None,
        *,
        where: str = "form",
        action: str | None = None,
        button: str | None = None,
    ) -> Reply:
        """Open the page at `path`, fill in its form, send it as a browser does; gives the answer.

        The form is the one that the CSS selector `where` finds, that is sent to the path `action`
        where one is given, and that has the fields of `values`; `values` and `button` are as for
        `grader.exam.form.Form.submit`. Page and form share a session: a new one, unless this client
        keeps cookies.
        """
        browser = self if self._keep else self.session()
        try:
            form = browser.page(path).form(where, having=values or (), action=action)
            return form.submit(values, button=button)
        finally:
            if browser is not self:
                self.last = browser.last

    def get(self, path: str, **options: Any) -> Reply:
        """GET `path`; options as for `request`."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Reply:
        """POST to `path`; options as for `request`."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> Reply:
        """PUT to `path`; options as for `request`."""
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Reply:
        """PATCH `path`; options as for `request`."""
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Reply:
        """DELETE `path`; options as for `request`."""
        return self.request("DELETE", path, **options)

    def head(self, path: str, **options: Any) -> Reply:
        """HEAD of `path`; options as for `request`."""
        return self.request("HEAD", path, **options)

    def options(self, path: str, **options: Any) -> Reply:
        """OPTIONS of `path`; options as for `request`."""
        return self.request("OPTIONS", path, **options)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        referer: str = "",
    ) -> Reply:
        """Send one request; redirects are not followed.

        `path` is an address as for the class. `params` become the query; `json` is sent as
        application/json, `data` as a form, `body` as it is, and `headers` go along. `referer` is
        the path of the page that a browser sends it from: it adds Referer, and Origin where
        something may be changed. Cookies are kept by a `session` only. Raises `AppTimeout` past
        the deadline, `AppUnreachable` without an answer, `Mismatch` for an answer that is too
        large or no HTTP and for an address of another site; `TypeError` and `ValueError` for what
        no client can send, which is the suite's fault.
        """
        path = self._asked(path)
        sent = dict(headers or {})
        if json is not None:
            body = jsonlib.dumps(json, ensure_ascii=False).encode()
            sent.setdefault("Content-Type", "application/json")
        elif data is not None:
            body = urlencode(data, doseq=True).encode()
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        target = (
            f"{path}{'&' if '?' in path else '?'}{urlencode(params, doseq=True)}"
            if params
            else path
        )
        shown = {name: value for name, value in sent.items() if value != ACCEPTED}
        shown |= _from_page(method, self._shown, referer)
        curl = curl_line(method, self._shown + target, shown, body)
        self._began = time.time() if self.logged else 0.0
        self.last = Exchange(curl=curl, answer="(no answer)", began=self._began)
        if not self._keep:
            self._session.cookies.clear()
        started = time.monotonic()
        if started - self._answered > IDLE_SECONDS:
            self._session.close()  # the server may be about to, and would lose the request
        in_time = True
        try:
            sending = Sent(method=method, path=target, headers=sent, body=body, referer=referer)
            reply = self._send(sending, curl)
        except AppTimeout:
            in_time = False
            raise
        finally:
            self._answered = time.monotonic()
            self._waited.add(self._answered - started, in_time=in_time)
        self.last = reply.exchange
        self._heard(reply)
        return reply

    def _asked(self, address: str) -> str:
        """`address` as path and query on the app."""
        if not isinstance(address, str):
            msg = (
                f"A request takes a path or a link as text, not {type(address).__name__}: "
                'client.get("/notes"), client.page(tag["href"]).'
            )
            raise TypeError(msg)
        if address[:1] == "/" and address[1:2] not in {"/", "\\"}:
            return address.partition("#")[0]
        path = self.path_of(address)
        if path is None:
            msg = f"{clip(clean(address), 200)!r} leads to another site than the app."
            raise Mismatch(msg, self.last)
        return path

    def _prepared(self, sent: Sent) -> requests.PreparedRequest:
        """The request with what a browser adds. Raises `ValueError` for one that cannot be sent."""
        headers = dict(sent.headers) | _from_page(sent.method, self._base, sent.referer)
        target = sent.path.encode("utf-8", "replace").decode()
        try:
            prepared = self._session.prepare_request(
                requests.Request(sent.method, self._base + target, headers=headers, data=sent.body)
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

    def _send(self, sent: Sent, curl: str) -> Reply:
        started = time.monotonic()
        watch = RequestClock(self._deadline)
        adapter = self._session.get_adapter(self._base)
        assert isinstance(adapter, Adapter)
        prepared = self._prepared(sent)
        try:
            with adapter.watched(watch):
                response = self._session.send(
                    prepared, timeout=self._deadline, allow_redirects=False, stream=True
                )
                content = self._body(response)
        except UnicodeEncodeError as error:
            msg = f"The suite sends a header that is no Latin-1: {error}"
            raise ValueError(msg) from error
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
            ValueError,
        ) as error:
            self._raise(error, watch, curl)
        if watch.expired:
            self._raise(TimeoutError(), watch, curl)
        return Reply(
            status=response.status_code, headers=response.headers, body=content,
            seconds=time.monotonic() - started, curl=curl,
            set_cookies=tuple(response.raw.headers.getlist("Set-Cookie")),
            sent=sent, client=self, began=self._began,
        )  # fmt: skip

    def _body(self, response: requests.Response) -> bytes:
        """The body, decompressed, up to the cap."""
        decode = decoder(response.headers.get("Content-Encoding", ""))
        parts, size = [], 0
        while chunk := response.raw.read(CHUNK, decode_content=False):
            part = decode(chunk, self._cap + 1 - size)
            parts.append(part)
            size += len(part)
            if size > self._cap:
                msg = f"The answer is longer than {self._cap >> 10} KiB."
                raise Mismatch(msg, self.last)
        response.close()
        return b"".join(parts)

    def _raise(self, error: Exception, watch: RequestClock, curl: str) -> NoReturn:
        if watch.expired or isinstance(error, (requests.Timeout, TimeoutError)):
            msg = f"It did not answer within {self._deadline:g} s."
            said = f"(no answer in {self._deadline:g} s)"
            raise AppTimeout(
                msg, Exchange(curl=curl, answer=said, began=self._began, seconds=self._deadline),
                hinted=False,
            )  # fmt: skip
        text = str(error)
        if ("more than" in text and "headers" in text) or "header line" in text:
            msg = "The answer has more or longer headers than any browser takes."
            raise Mismatch(msg, Exchange(curl=curl, answer="(too many headers)"))
        if "interim answers" in text:
            msg = "It sends interim answers (1xx), one after the other, in place of an answer."
            raise Mismatch(msg, Exchange(curl=curl, answer="(interim answers only)"))
        if isinstance(error, requests.exceptions.InvalidHeader) or "BadStatusLine" in text:
            msg = "What came back is no HTTP answer."
            raise Mismatch(msg, Exchange(curl=curl, answer=clip(clean(text), 200)))
        msg = "It closed the connection without a complete answer; the app may have crashed."
        exchange = Exchange(curl=curl, answer="(connection closed)", began=self._began)
        raise AppUnreachable(msg, exchange, hinted=False)


def _from_page(method: str, base: str, referer: str) -> dict[str, str]:
    """The headers that a browser adds to what the page at the path `referer` sends."""
    if not referer:
        return {}
    origin = {"Origin": base} if method not in {"GET", "HEAD"} else {}
    return origin | {"Referer": base + referer}
