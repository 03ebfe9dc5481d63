"""What of a page tells the holder of a session from a stranger."""

from __future__ import annotations

import http.server
import itertools
import threading
import time
from collections.abc import Iterator

import pytest

from grader.exam.client import Client
from grader.exam.replay import FRESH, _lasting, counts, difference, first_counted, look
from grader.exam.signing import Token

HOLDER = Token(value="a", cookie="session")
COUNT = itertools.count()


class Page(http.server.BaseHTTPRequestHandler):
    """A page with a CSRF token that is another one each time."""

    def do_GET(self) -> None:
        who = "Ada" if self.headers.get("Cookie") == "session=a" else "nobody"
        token = f'<input type="hidden" name="csrf_token" value="{next(COUNT)}">'
        moment = next(COUNT) // 3 if self.path == "/clock" else ""
        body = f"<p>{who}</p>{moment}<form>{token}</form>".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@pytest.fixture
def client() -> Iterator[Client]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        made = Client(
            ("127.0.0.1", server.server_port), shown="http://app", deadline=5, body_cap=10_000
        )
        yield made
        made.disconnect()
        server.shutdown()
        thread.join()


def test_a_fresh_csrf_token_is_no_difference(client: Client) -> None:
    """Two looks at one page are equal though its hidden token is not."""
    assert look(client, "/", HOLDER) is not None
    assert look(client, "/", HOLDER) == look(client, "/", HOLDER)


def test_what_the_holder_sees_is_one(client: Client) -> None:
    """The text of the page tells holder and stranger apart; hidden fields alone do not."""
    found = difference(client, [HOLDER], ["/"])
    assert found is not None
    assert (found.path, found.token) == ("/", HOLDER)
    assert difference(client, [Token(value="b", cookie="session")], ["/"]) is None


def test_a_token_counts_or_does_not(client: Client) -> None:
    """The holder's does, another does not; where both are the same nothing can be told."""
    found = difference(client, [HOLDER], ["/"])
    assert found is not None
    other = Token(value="b", cookie="session")
    assert counts(client, found, HOLDER) is True
    assert counts(client, found, other) is False
    assert counts(client, found, HOLDER, stranger=HOLDER) is None


def test_nothing_is_told_from_a_page_that_changes_by_itself(client: Client) -> None:
    """A page that shows the time costs nobody anything."""
    assert difference(client, [HOLDER], ["/clock"]) is None


@pytest.mark.parametrize(
    "page",
    [b"<input " * 280_000, b"<input hidden " * 140_000, b"<input" + b" hidden" * 280_000,
     b"<meta " * 280_000, b"<meta csrf " * 140_000, b"<meta" + b" csrf" * 280_000],
    ids=["inputs", "hidden", "one input", "metas", "csrf", "one meta"],
)  # fmt: skip
def test_no_page_takes_long(page: bytes) -> None:
    """Two megabytes of unfinished tags are gone through once."""
    begun = time.thread_time()
    FRESH.sub(_lasting, page)
    assert time.thread_time() - begun < 1


def test_the_first_token_that_counts_is_found(client: Client) -> None:
    """Of several, by one request for each that is a stranger's."""
    found = difference(client, [HOLDER], ["/"])
    assert found is not None
    strangers = [Token(value=value, cookie="session") for value in "xyz"]
    assert first_counted(client, found, [*strangers, HOLDER]) == 3
    assert first_counted(client, found, strangers) is None
