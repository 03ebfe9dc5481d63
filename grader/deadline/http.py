"""HTTP answers with bounds that Python's own reader lacks.

`http.client` skips `100 Continue` as often as it comes, takes every other interim answer for the
final one, and bounds the lines of a head, not the head.
"""

from __future__ import annotations

import http.client
import io
import re
from typing import IO, cast

from grader.deadline import dial

MOST_INTERIM = 8
"""Interim answers (1xx, RFC 9110 section 15.2) before the final one; more are a flood."""
MOST_HEAD = 256 * 1024
"""Bytes of all heads of one answer, those of interim answers included."""
INTERIM = re.compile(rb"HTTP/1\.\d 1(?!01)\d\d\b")
"""The first line of an answer that another one follows; 101 ends HTTP on its connection."""


class BoundedResponse(http.client.HTTPResponse):
    """An answer whose head is bounded, and whose interim answers are skipped up to a number."""

    def begin(self) -> None:
        """Read the head. Raises `http.client.HTTPException` where it is larger than the bounds."""
        if self.headers is not None:  # it is, until it was read
            return
        reader = self.fp
        self.fp = cast("io.BufferedReader", _Head(reader))
        try:
            super().begin()
        finally:
            if self.fp is not None:  # it is closed by an error
                self.fp = reader
        if self.status == http.client.SWITCHING_PROTOCOLS:
            self.will_close = True  # what follows is no HTTP, and no answer to the next request


class _Head:
    """Reads the lines of a head, without those of the interim answers before it."""

    def __init__(self, reader: IO[bytes]) -> None:
        self._reader = reader
        self._size = self._interim = 0
        self._first = True

    def readline(self, limit: int = -1) -> bytes:
        line = self._line(limit)
        while self._first and INTERIM.match(line):
            self._interim += 1
            if self._interim > MOST_INTERIM:
                msg = f"more than {MOST_INTERIM} interim answers (1xx)"
                raise http.client.HTTPException(msg)
            while self._line(limit) not in {b"\r\n", b"\n", b""}:
                pass  # a header of an interim answer
            line = self._line(limit)
        self._first = False
        return line

    def _line(self, limit: int) -> bytes:
        line = self._reader.readline(limit)
        self._size += len(line)
        if self._size > MOST_HEAD:
            msg = f"more than {MOST_HEAD >> 10} KiB of headers"
            raise http.client.HTTPException(msg)
        return line

    def close(self) -> None:
        self._reader.close()

    def flush(self) -> None:
        """Do nothing: it is for reading only."""


class Connection(http.client.HTTPConnection):
    """One request and its answer's head, within `seconds` from its making to its end."""

    response_class = BoundedResponse

    def __init__(self, address: tuple[str, int], seconds: float) -> None:
        super().__init__(*address)
        self._address = address
        self._seconds = seconds

    def connect(self) -> None:
        """Connect, with the deadline for all that follows."""
        self.sock = dial(self._address, self._seconds)


def status_of(address: tuple[str, int], path: str, seconds: float) -> int:
    """Send one GET and give its answer's status; the body is not read.

    Raises `TimeoutError` once `seconds` are over, `OSError` and `http.client.HTTPException` where
    no HTTP answer comes.
    """
    connection = Connection(address, seconds)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        return connection.getresponse().status
    finally:
        connection.close()
