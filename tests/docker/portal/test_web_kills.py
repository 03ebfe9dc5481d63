"""The pages' process killed at each step of handing in, a network that is lost, a full disk."""

from __future__ import annotations

import io
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select, text

from grader.portal.actions.assignment_status import status_of
from grader.portal.data.base import utc_now
from grader.portal.data.exams import Assignment
from grader.portal.data.work import Grading, GradingResult, GradingState, SubmissionRecord
from grader.portal.store import BlobStore
from grader.portal.web.wsgi import environment
from grader.settings import REPOSITORY, Settings
from grader.waiting import wait_until
from tests.docker.portal import web_stand_in
from tests.docker.portal.people import School
from tests.docker.portal.test_transactions import jobs
from tests.docker.portal.test_worker import quick, state_of, working
from tests.docker.portal.web import archive, site

WITHIN = 60.0
COOKIE = "grader_portal"


class Pages:
    """The pages' process, for the first student of the school."""

    def __init__(self, here: School, folder: Path) -> None:
        self.here = here
        self.folder = folder
        with closing(site(here, folder)) as place:
            cookie = place.client("ada").get_cookie(COOKIE)
            assert cookie
            self._cookie = cookie.value
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def start(self, step: str = "") -> None:
        """Start it, and return once it answers."""
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = int(one.getsockname()[1])
        told = environment(
            database=self.here.database.url, folder=self.folder, https=False, streams=4
        )
        with (self.folder / f"pages-{secrets.token_hex(2)}.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "4",
                 "--bind", f"127.0.0.1:{self.port}", "--no-control-socket",
                 "tests.docker.portal.web_stand_in:app()"],
                cwd=REPOSITORY, stdout=log, stderr=log, start_new_session=True,
                env=os.environ | told | {"PYTHONPATH": ".", web_stand_in.STEP: step},
            )  # fmt: skip
        assert wait_until(self.answers, within=WITHIN, poll=0.2)

    def answers(self) -> bool:
        """Whether it answers."""
        try:
            return self.get("/health").status_code == 200
        except requests.RequestException:
            return False

    def get(self, path: str) -> requests.Response:
        """Ask as the student."""
        with self.session() as browser:
            return browser.get(f"http://127.0.0.1:{self.port}{path}", timeout=WITHIN)

    def hand_in(self, key: str, content: bytes) -> requests.Response:
        """Send the form."""
        with self.session() as browser:
            return browser.post(
                f"http://127.0.0.1:{self.port}{self.path}", timeout=WITHIN, allow_redirects=False,
                data={"request_key": key}, files={"archive": ("answer.zip", content)},
            )  # fmt: skip

    @property
    def path(self) -> str:
        """Where the form goes to."""
        return f"/assignments/{self.here.assignment}/submissions"

    def send_half(self, content: bytes) -> socket.socket:
        """Send the first half of a form, and leave the line open."""
        body = (
            b'--b\r\nContent-Disposition: form-data; name="request_key"\r\n\r\n0123456789abcdef\r\n'
            b'--b\r\nContent-Disposition: form-data; name="archive"; filename="a.zip"\r\n\r\n'
        ) + content
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {COOKIE}={self._cookie}\r\n"
            f"Content-Type: multipart/form-data; boundary=b\r\n"
            f"Content-Length: {len(body) * 2}\r\n\r\n"
        )
        line = socket.create_connection(("127.0.0.1", self.port), timeout=WITHIN)
        line.sendall(head.encode() + body)
        return line

    def kill(self) -> None:
        """As a machine that loses power: all of it at once."""
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def session(self) -> requests.Session:
        """A browser of the student's."""
        browser = requests.Session()
        browser.trust_env = False
        browser.cookies.set(COOKIE, self._cookie)
        return browser

    def left(self) -> list[str]:
        """What uploads have left that are no blobs."""
        return [one.name for one in (self.folder / "blobs").glob("incoming-*")]


@pytest.fixture
def pages(here: School, machine: Settings) -> Iterator[Pages]:
    """Not started yet; killed at the end."""
    machine.state.mkdir(parents=True)
    found = Pages(here, machine.state)
    yield found
    found.kill()


def submissions(here: School) -> list[int]:
    """What was handed in."""
    with here.database.transaction() as session:
        return list(session.scalars(select(SubmissionRecord.id)))


@contextmanager
def sending(pages: Pages, key: str, content: bytes) -> Iterator[None]:
    """Send the form meanwhile, whatever becomes of it."""

    def send() -> None:
        with pytest.raises(requests.RequestException):
            pages.hand_in(key, content)

    thread = threading.Thread(target=send)
    thread.start()
    yield
    thread.join(WITHIN)
    assert not thread.is_alive()


@pytest.mark.parametrize("step", web_stand_in.STEPS)
def test_the_pages_are_killed(pages: Pages, machine: Settings, step: str) -> None:
    """The same form, sent again, is one submission with one grading, one attempt and one result."""
    here, key, content = pages.here, secrets.token_hex(8), archive(Dockerfile="x" * 5000)
    pages.start(step)
    stopped = pages.folder / f"stopped-{step}"
    if step == web_stand_in.UPLOADING:
        with pages.send_half(content):
            assert wait_until(stopped.exists, within=WITHIN)
            pages.kill()
    else:
        with sending(pages, key, content):
            assert wait_until(stopped.exists, within=WITHIN)
            pages.kill()
    assert len(submissions(here)) == (1 if step == web_stand_in.COMMITTED else 0)

    pages.start()
    answer = pages.hand_in(key, content)
    assert answer.status_code == 303, answer.text
    (submission,) = submissions(here)
    assert answer.headers["Location"].endswith(f"/submissions/{submission}")
    assert pages.hand_in(key, content).headers["Location"] == answer.headers["Location"]
    digest = here.submission(submission).blob_digest
    assert digest
    assert BlobStore(pages.folder / "blobs").path(digest).read_bytes() == content
    with here.database.transaction() as session:
        (grading,) = session.scalars(select(Grading.id)).all()
        assert jobs(session) == [(grading, "todo")]
        assignment = session.get_one(Assignment, here.assignment)
        assert status_of(session, assignment, here.people["ada"], utc_now()).used == 1
    with working(here, machine, quick):
        assert state_of(here, grading, GradingState.DONE) is GradingState.DONE
    with here.database.transaction() as session:
        assert session.scalars(select(GradingResult.grading_id)).all() == [grading]
    assert "Read the report" in pages.get(f"/submissions/{submission}").text


def test_the_pages_are_killed_while_a_run_is_watched(pages: Pages, machine: Settings) -> None:
    """The run goes on without them, and the page shows all of it afterwards."""
    here = pages.here
    _, grading = here.hand_in()
    pages.start()
    with pages.session() as browser:
        address = f"http://127.0.0.1:{pages.port}/submissions/1/events"
        told = browser.get(address, stream=True, timeout=WITHIN)
        assert next(told.iter_lines())
        pages.kill()
    with working(here, machine, quick):
        assert state_of(here, grading, GradingState.DONE) is GradingState.DONE
    pages.start()
    assert "Read the report" in pages.get("/submissions/1").text


def test_a_network_that_is_lost_in_mid_upload(pages: Pages) -> None:
    """Nothing is there of it, nothing is left of it, and the next one is taken."""
    pages.start()
    for _ in range(3):
        pages.send_half(archive() + b"x" * 700_000).close()
    assert wait_until(lambda: not pages.left(), within=WITHIN)
    assert submissions(pages.here) == []
    assert "Nothing yet." in pages.get(f"/assignments/{pages.here.assignment}").text
    assert pages.hand_in(secrets.token_hex(8), archive()).status_code == 303
    assert len(submissions(pages.here)) == 1


@pytest.mark.parametrize("size", [web_stand_in.ROOM + 1, 900_000])
def test_a_disk_without_room(pages: Pages, size: int) -> None:
    """A sentence, wherever it is that the bytes do not fit; what is small still gets through."""
    pages.start(web_stand_in.FULL)
    answer = pages.hand_in(secrets.token_hex(8), archive() + b"x" * size)
    assert answer.status_code == 503
    assert "disk is full, so nothing was handed in" in answer.text
    assert submissions(pages.here) == []
    assert pages.left() == []
    assert pages.hand_in(secrets.token_hex(8), archive()).status_code == 303


def test_a_database_without_room(pages: Pages) -> None:
    """As PostgreSQL says it: the page says what to do, and nothing is there by half."""
    with closing(site(pages.here, pages.folder)) as place:
        with pages.here.database.transaction() as session:
            session.execute(text(
                "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$"
            ))  # fmt: skip
            session.execute(text(
                "CREATE TRIGGER full_disk BEFORE INSERT ON submission "
                "FOR EACH ROW EXECUTE FUNCTION no_room()"
            ))  # fmt: skip
        form: dict[str, Any] = {
            "request_key": secrets.token_hex(8), "archive": (io.BytesIO(archive()), "a.zip"),
        }  # fmt: skip
        answer = place.client("ada").post(pages.path, data=form)
    assert answer.status_code == 503
    assert "Nothing that was confirmed is lost" in answer.text
    assert submissions(pages.here) == []
