"""`python -m benchmarks.portal.watchers [--students 200] [--rounds 1] [--markdown]`.

So many students come within a few seconds, each in a browser of their own: they open the
assignment, hand in an archive by its form, open the submission, follow its run live (by the stream
of events, or where that is full by asking again every five seconds, as the page's script does), and
open the report once it is over. Workers whose runs take no engine grade meanwhile. Prints how long
pages took, of each kind, and every answer that was not right; ends with 1 where there was one.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import re
import secrets
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from benchmarks.page import machine, write_part
from benchmarks.portal.crew import Crew
from benchmarks.portal.school import (
    COOKIE,
    PlannedCourse,
    make_courses,
    own_server,
    signed_in_cookies,
)
from benchmarks.portal.worker import CHALLENGE
from grader.portal.data.database import PortalDatabase
from grader.settings import Settings

HIDDEN = re.compile(r'name="(csrf_token|request_key)" value="([^"]+)"')
COOKIES = re.compile(rf"{COOKIE}=([^;]+)")
OPEN = re.compile(r'data-state="(?:queued|running)"')
"""What the part of the page has whose run is not over."""
ANSWER_SECONDS = 30.0
FOLLOW_SECONDS = 300.0
AGAIN_SECONDS = 5.0
"""After which the page's script asks again where there is no room for one more stream."""
BOUND = "b0undary"
WARMING = 10
"""Students who go the way before, and are not counted: the pages have just been started."""


@dataclass
class Seen:
    """How long answers took, by what was asked, and those that were wrong."""

    took: dict[str, list[float]] = field(default_factory=dict)
    wrong: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, seconds: float, status: int, expected: int) -> None:
        """Add an answer."""
        with self.lock:
            self.took.setdefault(kind, []).append(seconds)
            if status != expected:
                self.wrong[f"{kind}: {status}"] += 1

    def fault(self, what: str) -> None:
        """Add something that is no answer."""
        with self.lock:
            self.wrong[what] += 1


class Browser:
    """A student's browser: one connection, one cookie."""

    def __init__(self, port: int, cookie: str, seen: Seen) -> None:
        self._port, self._cookie, self._seen = port, cookie, seen
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)

    def ask(
        self, kind: str, path: str, *, body: bytes | None = None, expected: int = 200
    ) -> tuple[str, str]:
        """Return the answer's body, and where it leads."""
        headers = {"Cookie": f"{COOKIE}={self._cookie}"}
        if body is not None:
            headers["Content-Type"] = f"multipart/form-data; boundary={BOUND}"
        began = time.monotonic()
        answer = self._sent("GET" if body is None else "POST", path, body, headers)
        for header in answer.headers.get_all("Set-Cookie", []):
            if found := COOKIES.match(header):
                self._cookie = found[1]
        text = answer.read().decode("utf-8", "replace")
        self._seen.note(kind, time.monotonic() - began, answer.status, expected)
        return text, answer.headers.get("Location", "")

    def _sent(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        try:
            self._line.request(method, path, body=body, headers=headers)
            return self._line.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self._line.close()  # it was idle for longer than the pages keep one
            self._line.request(method, path, body=body, headers=headers)
            return self._line.getresponse()

    def follow(self, path: str) -> None:
        """Follow the run of a submission until it is over, as the page's script does."""
        end = time.monotonic() + FOLLOW_SECONDS
        while time.monotonic() < end:
            told = self._stream(path)
            if told == "over":
                return
            if told == "full":
                self._poll(path, end)
                return
        self._seen.fault("a run that was not over in time")

    def _stream(self, path: str) -> str:
        """Return how the stream of events ended; each message is a look at the page's part."""
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=90)
        line.request("GET", f"{path}/events", headers={"Cookie": f"{COOKIE}={self._cookie}"})
        answer = line.getresponse()
        if answer.status != 200:
            self._seen.fault(f"events: {answer.status}")
            return "over"
        try:
            while said := answer.readline():
                if said.startswith(b"event: "):
                    return said[7:].strip().decode()
                if said.startswith(b"data:"):
                    self.ask("the run, live", f"{path}/live")
        finally:
            line.close()
        return ""

    def _poll(self, path: str, end: float) -> None:
        pause = threading.Event()
        while time.monotonic() < end:
            pause.wait(AGAIN_SECONDS)
            if not OPEN.search(self.ask("the run, asked again", f"{path}/live")[0]):
                return
        self._seen.fault("a run that was not over in time")

    def close(self) -> None:
        """Close it."""
        self._line.close()


def form_of(page: str, content: bytes) -> bytes:
    """Return the form of an assignment's page, with an archive."""
    parts = []
    for name, value in HIDDEN.findall(page):
        parts.append(f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode())
    parts.append(
        b'Content-Disposition: form-data; name="archive"; filename="answer.zip"\r\n'
        b"Content-Type: application/zip\r\n\r\n" + content
    )
    edge = f"--{BOUND}\r\n".encode()
    return edge + (b"\r\n" + edge).join(parts) + f"\r\n--{BOUND}--\r\n".encode()


def one_student(browser: Browser, assignments: Sequence[int], start: float) -> None:
    """Go a student's way in each of the assignments, from `start` on (by the monotonic clock)."""
    threading.Event().wait(max(0.0, start - time.monotonic()))
    for number in assignments:
        browser.ask("my exams", "/")
        page, _ = browser.ask("an assignment", f"/assignments/{number}")
        content = b"PK\3\4" + secrets.token_bytes(20_000)
        body = form_of(page, content)
        _, place = browser.ask(
            "handing in", f"/assignments/{number}/submissions", body=body, expected=303
        )
        path = urlsplit(place).path
        browser.ask("a submission", path)
        browser.follow(path)
        browser.ask("a submission, graded", path)
        browser.ask("the report", f"{path}/report")
    browser.close()


def _all_go(
    port: int,
    cookies: Sequence[str],
    assignments: Sequence[int],
    starts: Sequence[float],
    seen: Seen,
) -> None:
    """Have everybody with one of `cookies` go the way, each from its moment of `starts` on."""
    with ThreadPoolExecutor(max_workers=len(cookies)) as pool:
        runs = [
            pool.submit(one_student, Browser(port, cookie, seen), assignments, start)
            for cookie, start in zip(cookies, starts, strict=True)
        ]
        for run in runs:
            if error := run.exception():
                seen.fault(f"{type(error).__name__}: {error}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.portal.watchers")
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=1, help="assignments, one after another")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=2.0, help="what a run takes")
    parser.add_argument("--within", type=float, default=60.0, help="seconds in which all come")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--streams", type=int, default=40)
    parser.add_argument("--markdown", action="store_true", help="write the table into the docs")
    options = parser.parse_args()
    settings, seen = Settings.from_env(os.environ), Seen()
    with own_server(settings) as server:
        database = PortalDatabase(server.url)
        planned = PlannedCourse(
            title="Web",
            weight=1,
            students=options.students + WARMING,
            assignments=options.rounds,
        )
        (course,) = make_courses(database, CHALLENGE, [planned])
        cookies = signed_in_cookies(database, server.folder, course.students)
        crew = Crew(database=server.url, folder=server.folder, seconds=str(options.seconds))
        try:
            crew.start_pages(options.streams)
            for _ in range(options.workers):
                crew.add_worker()
            warm, cookies = cookies[:WARMING], cookies[WARMING:]
            _all_go(crew.port, warm, course.assignments, [0.0] * WARMING, Seen())
            draw, began = random.Random(options.seed), time.monotonic()
            starts = [began + draw.uniform(0.0, options.within) for _ in cookies]
            _all_go(crew.port, cookies, course.assignments, starts, seen)
            took = time.monotonic() - began
        finally:
            crew.end()
            database.close()
    lines = table(seen, options, took)
    print("\n".join(lines))
    if options.markdown:
        write_part("portal-watchers", lines)
    sys.exit(1 if seen.wrong else 0)


def table(seen: Seen, options: argparse.Namespace, took: float) -> list[str]:
    """Return what to print and to write into the docs."""
    rows = [(kind, sorted(times)) for kind, times in seen.took.items()]
    rows.append(("all of them", sorted(one for _, times in rows for one in times)))
    wrong = ", ".join(f"{what} ({count})" for what, count in seen.wrong.items()) or "none"
    said = (
        f"{options.students} students who come within {options.within:g} s, submissions of each: "
        f"{options.rounds}; {options.workers} workers whose runs take {options.seconds:g} s; "
        f"{took:.0f} s in all. Wrong answers: {wrong}."
    )
    return [
        machine(),
        "",
        said,
        "",
        "| page | answers | median | p95 | longest |",
        "|---|---|---|---|---|",
        *(
            f"| {kind} | {len(times)} | {times[len(times) // 2] * 1000:.0f} ms "
            f"| {times[int(len(times) * 0.95)] * 1000:.0f} ms | {times[-1] * 1000:.0f} ms |"
            for kind, times in rows
        ),
    ]


if __name__ == "__main__":
    main()
