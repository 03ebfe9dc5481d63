"""`grader serve` from nothing to a graded submission, and again after Ctrl-C."""

from __future__ import annotations

import io
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from grader.portal.serve.database_server import LABEL, remove_database
from grader.sandbox.engine import Engine
from grader.settings import REPOSITORY
from grader.waiting import wait_until

START_SECONDS = 300.0
GRADE_SECONDS = 300.0
END_SECONDS = 40.0
EXAM = "cli-calculator"
PASSWORD = "three or four words"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def name(engine: Engine) -> Iterator[str]:
    """The name of a portal that is removed afterwards."""
    found = f"test-{secrets.token_hex(4)}"
    yield found
    remove_database(engine, found)


class Served:
    """A running `grader serve`."""

    def __init__(self, name: str, folder: Path, port: int, *more: str) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.log = folder / f"serve-{secrets.token_hex(2)}.log"
        command = [
            sys.executable, "-m", "grader", "serve", f"--name={name}", f"--port={port}",
            f"--folder={folder / 'kept'}", f"--exam={EXAM}", *more,
        ]  # fmt: skip
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )  # fmt: skip

    @property
    def said(self) -> str:
        """What it has printed."""
        return self.log.read_text("utf-8")

    def await_ready(self) -> None:
        """Wait until it says where it is."""
        wait_until(
            lambda: "The portal is at" in self.said or self.process.poll() is not None,
            within=START_SECONDS,
        )
        assert "The portal is at" in self.said, self.said

    def end(self) -> None:
        """Press Ctrl-C; it ends by itself, and says so."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(END_SECONDS) == 0, self.said
        assert "nothing is lost" in self.said


@contextmanager
def served(name: str, folder: Path, port: int, *more: str) -> Iterator[Served]:
    """Run it, and end it whatever happens."""
    found = Served(name, folder, port, *more)
    try:
        found.await_ready()
        yield found
    finally:
        if found.process.poll() is None:  # in order, or its children would go on
            found.process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                found.process.wait(END_SECONDS)
            found.process.kill()
            found.process.wait()


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def token_of(page: str) -> str:
    """The token that a page's form has."""
    found = TOKEN.search(page)
    assert found, page
    return found[1]


def answer() -> bytes:
    """The accepted solution of the exam, packed."""
    out = io.BytesIO()
    (accepted,) = sorted((REPOSITORY / "reference_solutions" / EXAM / "accepted").iterdir())[:1]
    with zipfile.ZipFile(out, "w") as packed:
        for file in accepted.rglob("*"):
            if file.is_file():
                packed.write(file, file.relative_to(accepted))
    return out.getvalue()


def hand_in(browser: requests.Session, address: str) -> str:
    """Hand in to the first exam on the first page; gives the submission's address."""
    found = re.search(r'href="(/assignments/\d+)"', browser.get(f"{address}/").text)
    assert found
    page = browser.get(address + found[1]).text
    key = re.search(r'name="request_key" value="([^"]+)"', page)
    assert key
    sent = browser.post(
        f"{address}{found[1]}/submissions",
        data={"csrf_token": token_of(page), "request_key": key[1]},
        files={"archive": ("answer.zip", answer())},
    )
    assert sent.status_code == 200, sent.text
    return sent.url


def sign_in(browser: requests.Session, address: str, said: str) -> None:
    """Sign in as the demo's student."""
    password = re.search(r"with the password (\S+)", said)
    assert password
    form = browser.get(f"{address}/sign-in").text
    sent = browser.post(
        f"{address}/sign-in",
        data={"csrf_token": token_of(form), "email": "ada@demo.example", "password": password[1]},
    )
    assert sent.status_code == 200, sent.text


def test_from_nothing_to_a_result_and_again(name: str, tmp_path: Path, engine: Engine) -> None:
    """One command; Ctrl-C ends all of it, and what was queued is graded after the next start."""
    port = free_port()
    with served(name, tmp_path, port, "--demo") as first, requests.Session() as browser:
        browser.trust_env = False
        link = re.search(r"begins here, once: http://[^/]+(/sign-in/\S+)", first.said)
        assert link
        assert browser.get(first.address + link[1]).status_code == 200
        sign_in(browser, first.address, first.said)
        where = hand_in(browser, first.address)
        wait_until(
            lambda: "Read the report" in browser.get(where).text, within=GRADE_SECONDS, poll=0.5
        )
        page = browser.get(where).text
        assert "passed" in page, page
        assert "What was handed in" in page
        report = browser.get(f"{where}/report")
        assert "answer.zip" in report.text
        second = hand_in(browser, first.address)
        first.end()
        running = engine.client.containers.list(filters={"label": f"{LABEL}={name}"})
        assert running == []
        with served(name, tmp_path, port) as again:
            assert "begins here, once" in again.said  # nobody has used it yet
            wait_until(
                lambda: "Read the report" in browser.get(second).text,
                within=GRADE_SECONDS, poll=0.5,
            )  # fmt: skip
            assert "Read the report" in browser.get(second).text
            again.end()
