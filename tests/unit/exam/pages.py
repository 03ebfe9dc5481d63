"""A site with pages and forms on loopback, and a client that reads them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

import pytest

from grader.exam.client import Client
from grader.exam.faults import Mismatch
from grader.testing import response, serve

PAGE = """<!doctype html><title> Guestbook </title>
<h1>Entries</h1><p>Ada &amp; Bob<p>Two<b>words</b>
<script>var hidden = "script";</script>
<form id="search" action="/search?old=1"><input name="q" value="milk"></form>
<form id="entry" method="post" action="save">
  <input type="hidden" name="csrf_token" value="t0k&quot;en">
  <input name="author"><textarea name="text">
kept as it is</textarea>
  <select name="mood"><option value="g">good<option selected>bad<option disabled>none</select>
  <select name="tags" multiple><option selected>a</option><option>b</option><option selected>c
  </select>
  <input type="checkbox" name="public" checked><input type="checkbox" name="news" value="yes">
  <input type="radio" name="size" value="s"><input type="radio" name="size" value="l" checked>
  <input name="off" value="x" disabled><fieldset disabled><input name="set" value="x"></fieldset>
  <input name="" value="nameless"><input type="reset" name="r"><button type="button" name="b">
  </button>
  <button name="do" value="save">Save</button><input type="submit" name="do" value="Preview">
  <button formaction="/drafts" formmethod="get">Draft</button>
</form>
<input form="entry" name="outside" value="o">
"""


class Site:
    """Answers GET with a page and remembers what it was sent."""

    def __init__(self, html: str, kind: str = "text/html; charset=utf-8") -> None:
        self.html = html
        self.kind = kind
        self.requests: list[tuple[str, dict[str, str], bytes]] = []

    def __call__(self, request: bytes, connection: socket.socket) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        self.requests.append((first.rpartition(" ")[0], headers, body))
        more = {"Content-Type": self.kind, "Set-Cookie": "session=abc; Path=/"}
        connection.sendall(response(200, self.html.encode(), **more))

    @property
    def last(self) -> tuple[str, dict[str, str], list[tuple[str, str]]]:
        """The last request: method with target, headers, fields of its body."""
        line, headers, body = self.requests[-1]
        return line, headers, parse_qsl(body.decode(), keep_blank_values=True)


@contextmanager
def browsing(html: str = PAGE, **more: str) -> Iterator[tuple[Client, Site]]:
    site = Site(html, **more)
    with serve(site) as address:
        yield (
            Client(address, shown="http://localhost:5000", deadline=5, body_cap=4 << 20),
            site,
        )


def failure(call: Any, *arguments: Any, **options: Any) -> Mismatch:
    with pytest.raises(Mismatch) as caught:
        call(*arguments, **options)
    return caught.value
