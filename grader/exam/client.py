"""HTTP to a student's app, with the evidence that is kept of it."""

from __future__ import annotations

import json as jsonlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from grader.exam.address import ACCEPTED, WEB, joined, split, target_of
from grader.exam.connection import AppConnection, AppTarget, Waited, from_page
from grader.exam.exchange import Exchange
from grader.exam.faults import Mismatch
from grader.exam.reply import Reply, Sent, curl_line
from grader.exam.simultaneous import simultaneously
from grader.exam.tls_trust import TlsTrust
from grader.text import clean, clip

if TYPE_CHECKING:
    from grader.exam.page import Page
    from grader.exam.websocket import WebSocket
    from grader.exam.websocket_opening import Opening


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
        websockets: list[WebSocket] | None = None,
        tls: TlsTrust | None = None,
    ) -> None:
        """`address` leads to the app; `shown` is the base URL that evidence names instead.

        `deadline` is in seconds for a whole request, `body_cap` in decoded bytes; `heard` is told
        of every answer. `waited` and `websockets` are shared with other clients. With `tls` all
        goes over TLS.
        """
        self._target = AppTarget(
            address=address, shown=shown, deadline=deadline, body_cap=body_cap, tls=tls
        )
        self._keep = keep_cookies
        self._heard = heard
        self._waited = waited or Waited()
        self._websockets = [] if websockets is None else websockets
        self._connection = AppConnection(self._target, keep_cookies=keep_cookies)
        self._start = f"{shown}/"
        self.last: Exchange | None = None
        """The latest exchange, for a failure that names none."""
        self.logged = True
        """Whether the log of the app under examination tells of these requests."""

    @property
    def waited(self) -> float:
        """Seconds that the app has taken to answer this client and those made from it."""
        return self._waited.seconds

    @property
    def answered(self) -> float:
        """Seconds of `waited` that went by for answers within the limit of a request."""
        return self._waited.answered

    def at(self, address: tuple[str, int]) -> Client:
        """Return a client of the same kind for another app, whose answers nobody hears of."""
        other = self._client(address)
        other.logged = False
        return other

    def listened(self, heard: Callable[[Reply], None]) -> Client:
        """Return a client of the same app whose answers `heard` is told of."""
        return self._client(self._target.address, heard=heard)

    def _client(self, address: tuple[str, int], **options: Any) -> Client:
        return Client(
            address, shown=self._target.shown, deadline=self._target.deadline,
            body_cap=self._target.body_cap, waited=self._waited, websockets=self._websockets,
            tls=self._target.tls, **options,
        )  # fmt: skip

    def disconnect(self) -> None:
        """Close idle connections: an app that is told to end may wait for those that use it."""
        self._connection.close()

    @property
    def cookies(self) -> Any:
        """The cookies that this session holds (a `requests` cookie jar)."""
        return self._connection.cookies

    def session(self) -> Client:
        """Return a new client that keeps cookies of its own, as a browser does."""
        return self._client(self._target.address, keep_cookies=True, heard=self._heard)

    def together(self, calls: Sequence[Callable[[], Any]]) -> list[Any]:
        """Make all of `calls` at the same moment and return what they give, in their order.

        Each is a function that sends a request, by this client or by sessions of its own; their
        connections are opened first, so that the requests go out within a millisecond. At most 100.
        Fails as the first of them does that fails, once all are over.
        """
        for call in calls:
            assert callable(call), "together() takes functions, such as lambda: app.get('/')"
        return simultaneously(calls)

    def url(self, target: str) -> str:
        """Return the whole URL of a path and query, as evidence shows it."""
        return self._target.shown + target

    def is_own(self, netloc: str) -> bool:
        """Return whether `host:port` is the app, by the name that it is shown or reached by."""
        return netloc in {urlsplit(self._target.shown).netloc, urlsplit(self._target.base).netloc}

    def path_of(self, address: str, base: str = "") -> str | None:
        """Return the path and query on the app that `address` leads to.

        None where it leads elsewhere.

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

    def websocket(self, path: str, **options: Any) -> WebSocket:
        """Open a WebSocket at `path`; fails where the app refuses it.

        - `params`: the query.
        - `headers`: more headers.
        - `subprotocols`: those that are offered.
        - `origin`: the Origin of the page that opens it: a whole one (`"https://elsewhere.example"`),
          or a path, for a page of the app's own; none is sent as a rule.
        - `compressed`: whether compression is offered (permessage-deflate).
        - `lasts`: the seconds of the whole conversation at most; 60 as a rule.

        A session's cookies go along. Two at once are two WebSockets.
        """
        opened = self._opening(path, **options).open()
        self._websockets.append(opened)
        return opened

    def handshake(self, path: str, **options: Any) -> Reply:
        """Ask for a WebSocket at `path`, return the answer to that, and leave.

        Its status is 101 where the app opens one; options as for `websocket`.
        """
        return self._opening(path, **options).ask()

    def drop_websockets(self) -> None:
        """End the connections of WebSockets that are open, those of sessions included."""
        while self._websockets:
            self._websockets.pop().drop()

    def _opening(
        self, path: str, *, params: Mapping[str, Any] | None = None, **options: Any
    ) -> Opening:
        from grader.exam.websocket_opening import Opening, OpeningOptions  # few suites need it

        target = _with_query(self._asked(path), params)
        headers = dict(options.pop("headers", None) or {})
        if self._keep and (cookies := self._connection.cookie_header(target)):
            headers.setdefault("Cookie", cookies)
        return Opening(
            self._target, target, OpeningOptions(headers=headers, **options),
            waited=self._waited, heard=self._hear_handshake, noted=self._note, logged=self.logged,
        )  # fmt: skip

    def _hear_handshake(self, reply: Reply) -> None:
        """Hear the answer to a handshake, and each message; keep the cookies of a session."""
        if self._keep and reply.set_cookies:
            self._connection.take_cookies(reply.sent.path, reply.set_cookies)
        self._heard(reply)

    def _note(self, exchange: Exchange) -> None:
        self.last = exchange

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
        something may be changed; with https where `headers` have `X-Forwarded-Proto: https`.
        Cookies are kept by a `session` only. Raises `AppTimeout` past the deadline,
        `AppUnreachable` without an answer, `Mismatch` for an answer that is too large or no HTTP
        and for an address of another site; `TypeError` and `ValueError` for what no client can
        send, which is the suite's fault.
        """
        path = self._asked(path)
        sent = dict(headers or {})
        if json is not None:
            body = jsonlib.dumps(json, ensure_ascii=False).encode()
            sent.setdefault("Content-Type", "application/json")
        elif data is not None:
            body = urlencode(data, doseq=True).encode()
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        target = _with_query(path, params)
        shown = {name: value for name, value in sent.items() if value != ACCEPTED}
        shown |= from_page(method, self._target.shown, referer, sent)
        curl = curl_line(method, self._target.shown + target, shown, body)
        began = time.time() if self.logged else 0.0
        self.last = exchange = Exchange(curl=curl, answer="(no answer)", began=began)
        sending = Sent(method=method, path=target, headers=sent, body=body, referer=referer)
        received = self._connection.send(sending, exchange, self._waited)
        reply = Reply(
            status=received.response.status_code, headers=received.response.headers,
            body=received.body, seconds=received.seconds, curl=curl,
            set_cookies=tuple(received.response.raw.headers.getlist("Set-Cookie")),
            sent=sending, client=self, began=began,
        )  # fmt: skip
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


def _with_query(path: str, params: Mapping[str, Any] | None) -> str:
    """Return `path` with `params` added to its query."""
    if not params:
        return path
    return f"{path}{'&' if '?' in path else '?'}{urlencode(params, doseq=True)}"
