"""An app's answer, with what a suite asks of it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from requests.structures import CaseInsensitiveDict

from grader.exam.exchange import Exchange
from grader.exam.faults import Mismatch
from grader.exam.strictjson import BadJson, parse
from grader.text import clean, clip

if TYPE_CHECKING:
    from grader.exam.page import Page

BODY_SHOWN = 1200
"""Characters of a body that evidence shows."""
HEADERS_SHOWN = (
    "content-type", "allow", "location", "server", "set-cookie", "retry-after", "vary",
    "www-authenticate", "access-control-", "x-request-id",
)  # fmt: skip
"""How the names of headers begin that evidence shows."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request, as it can be sent again."""

    method: str
    """In capitals."""
    path: str
    """With the query."""
    headers: Mapping[str, str]
    """Those that were given, and the Content-Type of a body."""
    body: bytes | None
    """None where there was none."""
    referer: str = ""
    """The path of the page that it was sent from; empty where it was from none."""


class Browser(Protocol):
    """What answers and pages ask of the client that got them."""

    def url(self, target: str) -> str:
        """Return the whole URL of a path and query, as evidence shows it."""

    def path_of(self, address: str, base: str = "") -> str | None:
        """Return the path and query on the app that `address` leads to; None where elsewhere."""

    def start_at(self, url: str) -> None:
        """Resolve the addresses that are asked for next as on a page at `url`."""

    def get(self, path: str, **options: Any) -> Reply:
        """GET `path`."""

    def post(self, path: str, **options: Any) -> Reply:
        """POST to `path`."""


class Reply:
    """An app's answer. What it is asked for and does not hold fails the criterion."""

    def __init__(self, *, status: int, headers: Mapping[str, str], body: bytes, seconds: float,
                 curl: str, set_cookies: tuple[str, ...] = (), sent: Sent | None = None,
                 client: Browser | None = None, began: float = 0.0) -> None:  # fmt: skip
        self.status = status
        """Of the answer itself: redirects are not followed."""
        self.headers: Mapping[str, str] = CaseInsensitiveDict(headers)
        """Of the answer; names are matched in any case."""
        self.body = body
        """Decoded bytes."""
        self.seconds = seconds
        """From the first byte sent to the last one read."""
        self.curl = curl
        """The request as a curl line."""
        self.sent = sent or Sent(method="GET", path="/", headers={}, body=None)
        """The request itself: `sent.method`, `sent.path`, `sent.headers`, `sent.body`."""
        self.set_cookies = set_cookies
        """Every Set-Cookie header, each as it came."""
        self._client = client
        self._began = began

    @property
    def text(self) -> str:
        """The body as UTF-8; what is none is replaced."""
        return self.body.decode("utf-8", "replace")

    @property
    def exchange(self) -> Exchange:
        """The request and this answer, as evidence."""
        lines = [f"< HTTP {self.status}"]
        lines += [
            f"< {name}: {value}"
            for name, value in self.headers.items()
            if name.lower().startswith(HEADERS_SHOWN)
        ]
        body = clip(clean(self.text), BODY_SHOWN)
        return Exchange(
            curl=self.curl, answer=clean("\n".join(lines)) + (f"\n{body}" if body else ""),
            status=self.status, began=self._began, seconds=self.seconds,
        )  # fmt: skip

    def fail(self, message: str, *, hinted: bool | None = None) -> NoReturn:
        """Fail the criterion with `message`, this exchange being the evidence.

        `hinted` says whether the criterion's hint fits; None: unless the app broke.
        """
        fits = self.status < 500 if hinted is None else hinted
        raise Mismatch(message, self.exchange, hinted=fits)

    def expect(self, *statuses: int | Iterable[int]) -> Reply:
        """Return the reply, if it has one of `statuses`: `expect(201)`, `expect(302, 303)`.

        A list or a range of statuses is taken for those in it. Raises `TypeError` for what is no
        status, and for none at all: the suite's own mistake, which costs no student anything.
        """
        wanted_ones = _statuses(statuses)
        if self.status not in wanted_ones:
            wanted = _spoken(wanted_ones)
            refusal = min(wanted_ones) >= 400  # a hint tells how to refuse
            self.fail(
                f"It answered {self.status} where {wanted} was expected.",
                hinted=refusal or self.status < 500,
            )
        return self

    @property
    def location(self) -> str:
        """Where it redirects to; empty where it is no redirect.

        The path with its query where that is on the app, the whole address where it is not.
        """
        if not 300 <= self.status < 400:
            return ""
        found = self.headers.get("Location", "")
        if not found or self._client is None:
            return found
        path = self._client.path_of(found, self._client.url(self.sent.path))
        return found if path is None else path

    @property
    def media_type(self) -> str:
        """Its Content-Type in small letters, without parameters; empty where it has none."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def json(self, kind: type | None = None, *, labelled: bool = True) -> Any:
        """Return the body as strict JSON, of type `kind` (`dict`, `list`) where one is given.

        `labelled` is False where its Content-Type has a criterion of its own.
        """
        if labelled and self.media_type not in {"application/json", "application/problem+json"}:
            content_type = self.headers.get("Content-Type", "")
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

    def page(self) -> Page:
        """Return the body as an HTML page; fails where it is none."""
        from grader.exam.page import Page  # bs4 takes its time to load

        assert self._client is not None, "Only an answer that a client got can be a page."
        return Page(self, self._client)


def _statuses(given: tuple[int | Iterable[int], ...]) -> tuple[int, ...]:
    """Return the statuses in `given`, one after the other. Raises `TypeError` for what is none."""
    flat: list[object] = []
    for one in given:
        flat += [one] if isinstance(one, str | bytes) or not isinstance(one, Iterable) else one
    statuses = tuple(
        int(one)
        for one in flat
        if isinstance(one, int) and not isinstance(one, bool) and 100 <= one <= 599
    )
    if len(statuses) != len(flat) or not statuses:
        msg = f"expect() takes statuses from 100 to 599, like expect(302, 303), not {given!r}."
        raise TypeError(msg)
    return statuses


def _spoken(statuses: tuple[int, ...]) -> str:
    """`201`, `302 or 303`; `400 to 499` for many that follow each other."""
    if len(statuses) > 3 and statuses == tuple(range(statuses[0], statuses[0] + len(statuses))):
        return f"{statuses[0]} to {statuses[-1]}"
    return " or ".join(map(str, statuses))


def curl_line(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> str:
    """Return the request as a line for a shell."""
    words = ["curl", "-i"]
    if url.startswith("https:"):
        words.append("--insecure")  # what a student has at home is signed by nobody
    if method == "HEAD":
        words.append("--head")
    elif method != "GET" or body is not None:
        words += ["-X", method]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    if body is not None:
        words += ["--data-raw", clip(body.decode("utf-8", "replace"), 600)]
    return clean(shlex.join([*words, url]))
