"""`grader serve --demo` in a real browser: the student's and the instructor's whole way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from grader.portal.serve.demo import TITLE
from grader.waiting import wait_until
from tests.docker.portal.test_browser import check, looked_at
from tests.docker.portal.test_serve import GRADE_SECONDS, answer, free_port, name, served

__all__ = ["name"]  # the fixture
pytestmark = pytest.mark.alone
GRADED = GRADE_SECONDS * 1000


def sign_in(page: Page, person: str, password: str) -> None:
    """As one of the demo's people."""
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(f"{person}@demo.example")
    page.get_by_role("textbox", name="Password").fill(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My exams")).to_be_visible()


def hand_in(page: Page, file: Path, number: int) -> None:
    """By the form; watch, and read the report."""
    page.goto("/")
    page.get_by_role("link", name="Calculator").click()
    check(page)
    page.get_by_label("Archive").set_input_files(file)
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_role("heading", name=f"Submission {number}")).to_be_visible()
    expect(page.locator(".mark.passed").first).to_be_visible(timeout=GRADED)
    expect(page.get_by_role("link", name="Read the report")).to_be_visible(timeout=GRADED)
    check(page)
    page.get_by_role("link", name="Read the report").click()
    expect(page.get_by_text("100").first).to_be_visible()


def test_the_demo_from_both_sides(browser: Browser, name: str, tmp_path: Path) -> None:
    """Hand in twice, with real runs; see the class, extend, take grades, and grade again."""
    file = tmp_path / "answer.zip"
    file.write_bytes(answer())
    with served(name, tmp_path, free_port(), "--demo") as portal:
        password = re.search(r"with the password (\S+)", portal.said)
        assert password
        with looked_at(browser, portal.address) as page:
            sign_in(page, "ada", password[1])
            hand_in(page, file, 1)
            hand_in(page, file, 2)
        with looked_at(browser, portal.address) as page:
            sign_in(page, "ines", password[1])
            page.get_by_role("link", name=TITLE).first.click()
            page.get_by_role("link", name="Calculator").first.click()
            expect(page.get_by_role("link", name="Submission 1 of Ada Student")).to_be_visible()
            check(page)
            with page.expect_download() as download:
                page.get_by_role("link", name="Grades as CSV").click()
            assert "ada@demo.example" in download.value.path().read_text("utf-8")
            page.get_by_role("link", name="Change, extensions").click()
            page.get_by_role("combobox", name="Student").select_option(label="Ben Student")
            page.get_by_label("Due then, in UTC").fill("2031-01-01T12:00")
            page.get_by_label("Why").fill("ill")
            page.get_by_role("button", name="Extend").click()
            expect(page.get_by_role("cell", name="2031-01-01 12:00 UTC")).to_be_visible()
            regrade(page)
        portal.end()


def regrade(page: Page) -> None:
    """From the assignment's page: grade again, look at the preview, apply it."""
    page.go_back()
    page.go_back()
    page.get_by_role("link", name="Regrade").click()
    page.get_by_label("each submission that has a result").check()
    page.get_by_label("Why").fill("The machine was changed.")
    page.get_by_role("button", name="Grade them, and show what changes").click()
    apply = page.get_by_role("button", name="Apply: let it count")

    def done() -> bool:
        page.reload()
        return apply.is_visible()

    assert wait_until(done, within=GRADE_SECONDS, poll=0.5)
    check(page)
    apply.click()
    expect(page.get_by_text("It was applied by Ines Instructor")).to_be_visible()
