"""HTTP to a student's app: deadlines that hold, bodies that are bounded, evidence that is kept.

`requests` alone bounds neither a slow drip (its time-out is for one read) nor what a compressed
body unfolds to; both are done here.
"""

from __future__ import annotations

import json as jsonlib
import shlex
import socket
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Self
from urllib.parse import urlencode

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from grader.exam.faults import AppTimeout, AppUnreachable, Mismatch
from grader.exam.strictjson import BadJson, parse
from grader.text import clean, clip

BODY_SHOWN = 1200
CHUNK = 16 * 1024


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and what came back, for people to read."""

    curl: str
    answer: str

    def __str__(self) -> str:
        return f"{self.curl}\n{self.answer}"


class Reply:
    """An app's answer. What it is asked for and does not hold fails the criterion."""

    def __init__(self, *, status: int, headers: Mapping[str, str], body: bytes, seconds: float,
                 curl: str) -> None:  # fmt: skip
        self.status = status
        self.headers: Mapping[str, str] = CaseInsensitiveDict(headers)
        """Header names are matched in any case."""
        self.body = body
        """Decoded bytes."""
        self.seconds = seconds
        self.curl = curl
        """The request as a curl line."""

    @property
    def text(self) -> str:
        """The body as UTF-8; what is none is replaced."""
        return self.body.decode("utf-8", "replace")

    @property
    def exchange(self) -> Exchange:
        """The request and this answer, as evidence."""
        shown = {"content-type", "allow", "location", "server", "set-cookie", "retry-after"}
        lines = [f"< HTTP {self.status}"]
        lines += [
            f"< {name}: {value}" for name, value in self.headers.items() if name.lower() in shown
        ]
        body = clip(clean(self.text), BODY_SHOWN)
        return Exchange(
            curl=self.curl, answer=clean("\n".join(lines)) + (f"\n{body}" if body else "")
        )

    def fail(self, message: str) -> NoReturn:
        """Fail the criterion with `message`, this exchange being the evidence."""
        raise Mismatch(message, self.exchange)

    def expect(self, *statuses: int) -> Reply:
        """This reply, if it has one of `statuses`."""
        if self.status not in statuses:
            wanted = " or ".join(map(str, statuses))
            self.fail(f"It answered {self.status} where {wanted} was expected.")
        return self

    def json(self, kind: type | None = None) -> Any:
        """The body as strict JSON, of type `kind` (`dict`, `list`) where one is given."""
        content_type = self.headers.get("Content-Type", "")
        if content_type.partition(";")[0].strip().lower() not in {
            "application/json", "application/problem+json",
        }:  # fmt: skip
            said = f"Content-Type is {content_type!r}" if content_type else "it has no Content-Type"
            self.fail(f"The answer should be JSON (application/json), but {clean(said)}.")
        try:
            value = parse(self.body.decode("utf-8"))
        except UnicodeDecodeError:
            self.fail("The answer is no JSON: it is not encoded in UTF-8.")
        except BadJson as error:
            self.fail(f"The answer is no valid JSON: {clip(str(error), 200)}.")
        if kind is not None and not isinstance(value, kind):
            names: dict[type, str] = {dict: "a JSON object", list: "a JSON array"}
            self.fail(
                f"The answer should be {names.get(kind, kind.__name__)}: {clip(self.text, 80)}"
            )
        return value


class Client:
    """Sends requests to one app and remembers the last exchange."""

    def __init__(
        self,
        address: tuple[str, int],
        *,
        shown: str,
        deadline: float,
        body_cap: int,
        keep_cookies: bool = False,
    ) -> None:
        """`address` leads to the app; `shown` is the base URL that evidence names instead.

        `deadline` is in seconds for a whole request, `body_cap` in decoded bytes.
        """
        self._base = f"http://{address[0]}:{address[1]}"
        self._address = address
        self._shown = shown
        self._deadline = deadline
        self._cap = body_cap
        self._keep = keep_cookies
        self._session = self._fresh()
        self.last: Exchange | None = None
        """The latest exchange, for a failure that names none."""
        self.waited = 0.0
        """Seconds that the app has taken to answer, all requests together."""

    def _fresh(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False  # no proxies, no .netrc
        session.headers.update({"Accept-Encoding": "identity", "User-Agent": "curl/8.5.0"})
        session.mount("http://", _Adapter())
        return session

    @property
    def cookies(self) -> Any:
        """The cookies that this session holds (a `requests` cookie jar)."""
        return self._session.cookies

    def session(self) -> Client:
        """A new client that keeps cookies of its own, as a browser does."""
        return Client(
            self._address, shown=self._shown, deadline=self._deadline, body_cap=self._cap,
            keep_cookies=True,
        )  # fmt: skip

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
    ) -> Reply:
        """Send one request; redirects are not followed.

        `json` is sent as application/json, `data` as a form, `body` as it is. Raises `AppTimeout`
        past the deadline, `AppUnreachable` without an answer, `Mismatch` for an answer that is
        too large or no HTTP.
        """
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
        curl = curl_line(method, self._shown + target, sent, body)
        self.last = Exchange(curl=curl, answer="(no answer)")
        if not self._keep:
            self._session.cookies.clear()
        started = time.monotonic()
        try:
            reply = self._send(method, target, sent, body, curl)
        finally:
            self.waited += time.monotonic() - started
        self.last = reply.exchange
        return reply

    def _send(
        self, method: str, target: str, headers: dict[str, str], body: bytes | None, curl: str
    ) -> Reply:
        started = time.monotonic()
        watch = _Watch(self._deadline)
        adapter = self._session.get_adapter(self._base)
        assert isinstance(adapter, _Adapter)
        try:
            with watch, adapter.watched(watch):
                response = self._session.request(
                    method, self._base + target, headers=headers, data=body,
                    timeout=self._deadline, allow_redirects=False, stream=True,
                )  # fmt: skip
                content = self._body(response)
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
        )  # fmt: skip

    def _body(self, response: requests.Response) -> bytes:
        """The body, decompressed, up to the cap."""
        decode = _decoder(response.headers.get("Content-Encoding", ""))
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

    def _raise(self, error: Exception, watch: _Watch, curl: str) -> NoReturn:
        if watch.expired or isinstance(error, (requests.Timeout, TimeoutError)):
            msg = f"It did not answer within {self._deadline:g} s."
            raise AppTimeout(
                msg, Exchange(curl=curl, answer=f"(no answer in {self._deadline:g} s)")
            )
        text = str(error)
        if ("more than" in text and "headers" in text) or "header line" in text:
            msg = "The answer has more or longer headers than any browser takes."
            raise Mismatch(msg, Exchange(curl=curl, answer="(too many headers)"))
        if isinstance(error, requests.exceptions.InvalidHeader) or "BadStatusLine" in text:
            msg = "What came back is no HTTP answer."
            raise Mismatch(msg, Exchange(curl=curl, answer=clip(clean(text), 200)))
        msg = "It closed the connection without a complete answer; the app may have crashed."
        raise AppUnreachable(msg, Exchange(curl=curl, answer="(connection closed)"))


def curl_line(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> str:
    """The request as a line for a shell."""
    words = ["curl", "-i"]
    if method == "HEAD":
        words.append("--head")
    elif method != "GET" or body is not None:
        words += ["-X", method]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    if body is not None:
        words += ["--data-raw", clip(body.decode("utf-8", "replace"), 600)]
    return clean(shlex.join([*words, url]))


def _decoder(encoding: str) -> Callable[[bytes, int], bytes]:
    """A function `(chunk, room)` that decompresses at most `room` bytes."""
    if encoding.strip().lower() in {"gzip", "x-gzip", "deflate"}:
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)

        def decode(chunk: bytes, room: int) -> bytes:
            try:
                return inflate.decompress(chunk, max(room, 1))
            except zlib.error as error:
                raise ValueError(str(error)) from error

        return decode
    return lambda chunk, room: chunk[: max(room, 1)]


class _Watch:
    """Closes a connection when its time is up, whatever it is doing."""

    def __init__(self, seconds: float) -> None:
        self.expired = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def guard(self, connection: socket.socket | None) -> None:
        self._socket = connection

    def _expire(self) -> None:
        self.expired = True
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it was closed already


class _Adapter(HTTPAdapter):
    """One connection for each request, known to the watch of the thread that makes it."""

    _local = threading.local()

    def watched(self, watch: _Watch) -> _Adapter:
        self._local.watch = watch
        return self

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        del self._local.watch

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        local = self._local

        class Connection(urllib3.connection.HTTPConnection):
            def connect(self) -> None:
                super().connect()
                watch = getattr(local, "watch", None)
                if watch is not None:
                    watch.guard(self.sock)

        class Pool(urllib3.HTTPConnectionPool):
            ConnectionCls = Connection

        self.poolmanager.pool_classes_by_scheme = {"http": Pool}

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        request.headers.setdefault("Connection", "close")
        return super().send(request, *args, **kwargs)
