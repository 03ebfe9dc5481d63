"""The student's and the instructor's way in a real browser, on a phone and a desk, by keyboard."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect
from werkzeug.serving import make_server

from grader.events import CheckFinished, PhaseStarted, RunStarted
from grader.model import GradeReport, Outcome
from grader.portal.data.exams import ExamVersion
from grader.portal.data.people import Course
from grader.settings import Settings
from grader.testing import a_result, graded
from grader.waiting import wait_until
from tests.browser.test_report_page import LOW_CONTRAST
from tests.docker.portal.people import School
from tests.docker.portal.test_worker import working
from tests.docker.portal.web import archive, site

PASSWORD = "three or four words"
PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 900}
WITHIN = 30_000
expect.set_options(timeout=WITHIN)
pytestmark = pytest.mark.alone  # Chromium gives up what it loads when others make networks
SERIOUS = {"serious", "critical"}
"""The impact of what axe finds that fails a page."""
LONG = "An extraordinarily long title of an exam: " + "x" * 120
IN_ORDER = """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')]
  .filter(one => one.checkVisibility() && one.type !== 'hidden')
  .filter(one => one.tabIndex < 0 || one.disabled)
  .map(one => one.outerHTML.slice(0, 80))"""
"""What cannot be reached by keyboard."""
UNNAMED = """() => [...document.querySelectorAll('input, select, textarea')]
  .filter(one => one.type !== 'hidden' && !one.labels?.length && !one.ariaLabel)
  .map(one => one.outerHTML.slice(0, 80))"""
"""Fields without a label."""


class Gate:
    """A stand-in for `grade` that goes on when it is told."""

    def __init__(self) -> None:
        self.open = threading.Event()

    def grade(
        self, challenge: object, source: object, settings: object, **more: object
    ) -> GradeReport:
        """Tell of a run; end it once the gate is open."""
        listener = more["listener"]
        assert callable(listener)
        lost = a_result("entry.stored", Outcome.FAILED, rationale="No row was stored.")
        listener(RunStarted(run="r", challenge=challenge, origin="x", seed=1))  # type: ignore[arg-type]
        listener(PhaseStarted(phase="build"))
        listener(CheckFinished(result=a_result("entry.create")))
        assert self.open.wait(60)
        return graded(a_result("repo.files"), a_result("entry.create"), lost)


@contextmanager
def served(here: School, folder: Path, *, port: int = 0, **changes: Any) -> Iterator[str]:
    """The site on a port, with the one password for all."""
    hashed = PasswordHasher().hash(PASSWORD)
    with here.database.transaction() as session:
        for name in here.people:
            here.user(session, name).password_hash = hashed
        exam = session.get_one(ExamVersion, 1)
        exam.facts = {"pass_mark": 60, "criteria": [
            {"id": "entry.create", "title": "POST /entries answers 201", "points": 5},
            {"id": "entry.stored", "title": "Entries are in MySQL", "points": 3},
        ]}  # fmt: skip
    place = site(here, folder, WTF_CSRF_ENABLED=True, **changes)
    server = make_server("127.0.0.1", port, place.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
        place.close()


@contextmanager
def looked_at(browser: Browser, address: str) -> Iterator[Page]:
    """A page of the site; fails where the browser complains of anything."""
    complaints: list[str] = []
    with browser.new_context(base_url=address, viewport=DESK) as context:
        page = context.new_page()
        page.set_default_timeout(WITHIN)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
    assert complaints == []


def sign_in(page: Page, name: str) -> None:
    """By keyboard alone."""
    page.goto("/sign-in")
    page.get_by_label("E-mail address").focus()
    page.keyboard.type(f"{name}@school.example")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My exams")).to_be_visible()


def check(page: Page) -> None:
    """On a phone and a desk, in the light and the dark: no scrolling to the side, readable."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate(IN_ORDER) == []
    assert page.evaluate(UNNAMED) == []
    assert page.locator("h1").count() == 1
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate(LOW_CONTRAST) == []
        assert [
            (one["id"], [node["html"] for node in one["nodes"]])
            for one in Axe().run(page).response["violations"]
            if one["impact"] in SERIOUS
        ] == []
        for size in (PHONE, DESK):
            page.set_viewport_size(size)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_the_students_way(
    browser: Browser,
    here: School,
    machine: Settings,
    tmp_path: Path,
) -> None:
    """Sign in, read, hand in, watch, read the result, and hand in again."""
    gate = Gate()
    file = tmp_path / "answer.zip"
    file.write_bytes(archive())
    with (
        served(here, machine.state) as address,
        looked_at(browser, address) as page,
        working(here, machine, gate.grade),
    ):
        sign_in(page, "ada")
        check(page)
        page.get_by_role("link", name="Exam of Web 1").click()
        expect(page.get_by_text("Build it.")).to_be_visible()
        check(page)
        page.get_by_label("Archive").set_input_files(file)
        page.get_by_role("button", name="Hand in").click()
        expect(page.get_by_text("Being graded since")).to_be_visible()
        expect(page.get_by_text("POST /entries answers 201")).to_be_visible()
        expect(page.locator(".mark.passed")).to_have_count(1)
        check(page)
        gate.open.set()
        page.get_by_role("link", name="Read the report").click()
        expect(page.get_by_text("No row was stored.")).to_be_visible()
        page.go_back()
        check(page)
        page.get_by_role("link", name="Exam of Web 1").click()
        page.get_by_label("Archive").set_input_files(file)
        page.get_by_role("button", name="Hand in").click()
        expect(page.get_by_role("link", name="Read the report")).to_be_visible()
        expect(page.get_by_role("heading", name="Submission 2")).to_be_visible()
        page.get_by_role("link", name="Compare with submission 1").click()
        expect(page.get_by_text("3 criteria came to the same.")).to_be_visible()
        check(page)
        page.get_by_role("button", name="Sign out").click()
        check(page)


def test_it_works_without_script(
    browser: Browser,
    here: School,
    machine: Settings,
    tmp_path: Path,
) -> None:
    """The page of a run asks again by itself."""
    gate = Gate()
    file = tmp_path / "answer.zip"
    file.write_bytes(archive())
    with (
        served(here, machine.state) as address,
        browser.new_context(base_url=address, java_script_enabled=False) as context,
        working(here, machine, gate.grade),
    ):
        page = context.new_page()
        page.set_default_timeout(WITHIN)
        sign_in(page, "ada")
        page.get_by_role("link", name="Exam of Web 1").click()
        page.get_by_label("Archive").set_input_files(file)
        page.get_by_role("button", name="Hand in").click()
        gate.open.set()
        expect(page.get_by_role("link", name="Read the report")).to_be_visible()


def test_the_instructors_way(
    browser: Browser,
    here: School,
    machine: Settings,
) -> None:
    """Look at the class, make an assignment, extend, adjust, take the grades away."""
    gate = Gate()
    gate.open.set()
    with here.database.transaction() as session:
        session.get_one(Course, 1).title = LONG
    for name in ("ada", "ben"):
        here.hand_in(name)
    with (
        served(here, machine.state) as address,
        looked_at(browser, address) as page,
        working(here, machine, gate.grade),
    ):
        sign_in(page, "ines")
        page.get_by_role("link", name=LONG).click()
        check(page)
        page.get_by_role("link", name="Exam of Web 1").click()
        expect(page.get_by_role("link", name="Submission 1 of Ada")).to_be_visible()
        check(page)
        with page.expect_download() as download:
            page.get_by_role("link", name="Grades as CSV").click()
        assert "ada@school.example" in download.value.path().read_text("utf-8")
        page.get_by_role("link", name="Change, extensions").click()
        page.get_by_role("combobox", name="Student").select_option(label="Ada")
        page.get_by_label("Due then, in UTC").fill("2031-01-01T12:00")
        page.get_by_label("Why").fill("ill")
        page.get_by_role("button", name="Extend").click()
        expect(page.get_by_role("cell", name="2031-01-01 12:00 UTC")).to_be_visible()
        check(page)
        page.goto(f"/assignments/{here.assignment}/class")
        page.get_by_role("link", name="Submission 1 of Ada").click()
        page.get_by_label("Points to add or take").fill("1/2")
        page.get_by_label("Why").fill("A right answer that the test did not know.")
        page.get_by_role("button", name="Add").click()
        expect(page.get_by_text("½ points")).to_be_visible()
        check(page)
        page.get_by_label("Where this is").get_by_role("link", name="Ada").click()
        expect(page.get_by_role("link", name="Submission 1")).to_be_visible()
        check(page)


class Kinder(Gate):
    """A stand-in that finds the same at first, and nothing wrong once it is told to be kind."""

    def __init__(self) -> None:
        super().__init__()
        self.kind = False

    def grade(
        self, challenge: object, source: object, settings: object, **more: object
    ) -> GradeReport:
        """Grade it."""
        found = super().grade(challenge, source, settings, **more)
        if not self.kind:
            return found
        names = ("repo.files", "entry.create", "entry.stored")
        return graded(*(a_result(name) for name in names))


def test_a_regrade_in_the_browser(browser: Browser, here: School, machine: Settings) -> None:
    """Begin it, look while it waits and once it is done, apply it; students are told."""
    grade = Kinder()
    grade.open.set()
    here.hand_in("ada")
    with (
        served(here, machine.state) as address,
        looked_at(browser, address) as page,
        working(here, machine, grade.grade),
    ):
        sign_in(page, "ines")
        page.goto(f"/assignments/{here.assignment}/class")
        expect(page.get_by_role("link", name="Submission 1 of Ada")).to_be_visible()
        page.get_by_role("link", name="Regrade").click()
        expect(page.get_by_text("1 result by version 1.0.0")).to_be_visible()
        check(page)
        grade.open.clear()
        grade.kind = True
        page.get_by_label("each submission that has a result").check()
        page.get_by_label("Why").fill("No row was looked for. " + LONG)
        page.get_by_role("button", name="Grade them, and show what changes").click()
        expect(page.get_by_text("0 of 1 are done")).to_be_visible()
        check(page)
        grade.open.set()
        opens = page.get_by_role("button", name="The regrade of Exam of Web 1 is done")

        def told() -> bool:
            page.goto("/notifications")
            return opens.is_visible()

        assert wait_until(told, within=30, poll=0.2)
        check(page)
        opens.click()
        expect(page.get_by_text("Ada, submission 1: 7 → 10 of 10")).to_be_visible()
        expect(page.get_by_text("No row was stored.")).to_be_visible()
        check(page)
        page.get_by_role("button", name="Apply: let it count").click()
        expect(page.get_by_text("It was applied by Ines")).to_be_visible()
        check(page)
        page.get_by_role("link", name="The submission of Ada").click()
        expect(page.get_by_text("All results")).to_be_visible()
        check(page)
        page.get_by_role("button", name="Sign out").click()
        sign_in(page, "ada")
        page.get_by_role("link", name="Notifications").click()
        said = "was graded again for the whole class: 10 of 10"
        expect(page.get_by_role("button", name=said)).to_be_visible()
        check(page)


@pytest.mark.parametrize(
    "address",
    ["/operations", "/operations/audit", "/receipt-key", "/tokens", "/notifications", "/nowhere"],
)
def test_the_operators_pages(
    browser: Browser,
    here: School,
    machine: Settings,
    address: str,
) -> None:
    """With something in them, or nothing."""
    here.hand_in()
    with (
        served(here, machine.state) as site_address,
        browser.new_context(base_url=site_address, viewport=DESK) as context,
    ):
        page = context.new_page()
        page.set_default_timeout(WITHIN)
        sign_in(page, "root")
        page.goto(address)
        check(page)
