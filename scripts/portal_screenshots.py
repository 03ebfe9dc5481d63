"""The portal's pictures of docs/images: six pages of `grader serve --demo`, with real runs."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from grader.portal.serve.database_server import remove_database
from grader.portal.serve.demo import TITLE
from grader.sandbox.engine import Engine
from grader.settings import REPOSITORY, Settings
from grader.spec.loader import load
from grader.verify.solutions import assemble, rejected_solutions
from grader.waiting import wait_until
from scripts.screenshots import IMAGES, MOST, NAMES

EXAM = "hello-routes"
EXAMS = ("cli-calculator", EXAM, "todo-api")
ANSWERS = {"ada": "rounded-division", "ben": "", "cleo": "image-does-not-build"}
"""What each student hands in: a rejected solution; empty: an accepted one."""
SIZE: ViewportSize = {"width": 1100, "height": 820}
START_SECONDS, END_SECONDS, GRADE_SECONDS = 300.0, 60.0, 180.0
SIGN_IN = re.compile(r"with the password (\S+)")


def main() -> None:
    """Serve, hand in, and take each picture."""
    settings = Settings.from_env(os.environ)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with serving(settings, folder) as (address, password), sync_playwright() as playwright:
            path = next(filter(None, map(shutil.which, NAMES)), None)
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            title = load(REPOSITORY / "challenges" / EXAM).title
            for person in ("ben", "cleo"):
                with signed_in(browser, address, person, password) as page:
                    hand_in(page, title, answer(settings, folder, ANSWERS[person]))
                    await_report(page)
            students_way(
                browser, address, password, title, answer(settings, folder, ANSWERS["ada"])
            )
            instructors_way(browser, address, password, title)
            browser.close()


def students_way(browser: Browser, address: str, password: str, title: str, file: Path) -> None:
    """Take the pictures of a student."""
    with signed_in(browser, address, "ada", password) as page:
        take(page, "portal-my-exams")
        page.get_by_role("link", name=title).click()
        take(page, "portal-assignment")
        hand_in(page, title, file)
        expect(page.locator(".mark.passed").nth(4)).to_be_visible(timeout=GRADE_SECONDS * 1000)
        take(page, "portal-live")
        await_report(page)
        page.get_by_role("link", name="Read the report").click()
        take(page, "portal-report")


def instructors_way(browser: Browser, address: str, password: str, title: str) -> None:
    """Take the pictures of an instructor."""
    with signed_in(browser, address, "ines", password) as page:
        page.get_by_role("link", name=TITLE).first.click()
        page.get_by_role("link", name=title).first.click()
        take(page, "portal-class")
        page.get_by_role("link", name="Change, extensions").click()
        take(page, "portal-assignment-settings")


@contextmanager
def serving(settings: Settings, folder: Path) -> Iterator[tuple[str, str]]:
    """Run `grader serve --demo`; gives its address and the password of its people."""
    name = f"screenshots-{secrets.token_hex(4)}"
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    log = folder / "serve.log"
    command = [
        sys.executable, "-m", "grader", "serve", "--demo", f"--name={name}", f"--port={port}",
        f"--folder={folder / 'kept'}", *(f"--exam={one}" for one in EXAMS),
    ]  # fmt: skip
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, start_new_session=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
    try:
        wait_until(
            lambda: "The portal is at" in log.read_text("utf-8") or process.poll() is not None,
            within=START_SECONDS,
        )
        found = SIGN_IN.search(log.read_text("utf-8"))
        if found is None or process.poll() is not None:
            raise SystemExit(log.read_text("utf-8"))
        yield f"http://127.0.0.1:{port}", found[1]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(END_SECONDS)
        engine = Engine.connect(settings.docker_host)
        remove_database(engine, name)
        engine.close()


def answer(settings: Settings, folder: Path, name: str) -> Path:
    """Return a zip file of a rejected solution; of an accepted one without `name`."""
    challenge = load(REPOSITORY / "challenges" / EXAM)
    references = settings.references_of(challenge.root)
    place = folder / (name or "accepted")
    if name:
        (lost,) = (one for one in rejected_solutions(references, challenge) if one.name == name)
        assemble(lost, place)
    else:
        shutil.copytree(references / EXAM / "accepted" / "flask", place)
    file = place.with_suffix(".zip")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(place.rglob("*")):
            if path.is_file():
                packed.write(path, path.relative_to(place))
    return file


@contextmanager
def signed_in(browser: Browser, address: str, person: str, password: str) -> Iterator[Page]:
    """Give a page on which somebody of the demo has signed in."""
    with browser.new_context(base_url=address, viewport=SIZE) as context:
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("E-mail address").fill(f"{person}@demo.example")
        page.get_by_role("textbox", name="Password").fill(password)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="My exams")).to_be_visible()
        yield page


def hand_in(page: Page, title: str, file: Path) -> None:
    """Hand in by the form, and stay on the page of the run."""
    page.goto("/")
    page.get_by_role("link", name=title).click()
    page.get_by_label("Archive").set_input_files(file)
    page.get_by_role("button", name="Hand in").click()


def await_report(page: Page) -> None:
    """Wait until there is a report."""
    expect(page.get_by_role("link", name="Read the report")).to_be_visible(
        timeout=GRADE_SECONDS * 1000
    )


def take(page: Page, name: str) -> None:
    """Take one picture of the first screen."""
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    if path.stat().st_size > MOST:
        msg = f"{path.name} has {path.stat().st_size} bytes; {MOST} are the most."
        raise SystemExit(msg)
    print(f"{path.name}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
