"""The pictures of docs/images: the HTML report of two real runs, on a desk and on a phone."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from grader.model import Challenge, GradeReport
from grader.pipeline import Options, grade
from grader.report.formats import render
from grader.settings import REPOSITORY, Settings
from grader.spec.loader import load
from grader.verify.solutions import assemble, rejected_solutions

Scheme = Literal["light", "dark"]
IMAGES = REPOSITORY / "docs" / "images"
CHALLENGE, ACCEPTED, REJECTED = "todo-api", "pymysql", "memory-instead-of-database"
SEED = 7
DESK: ViewportSize = {"width": 1100, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
MOST = 200_000
"""Bytes of a picture."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> None:
    """Grade both, and take each picture."""
    settings = Settings.from_env(os.environ)
    challenge = load(REPOSITORY / "challenges" / CHALLENGE)
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        folder = Path("my-answer")
        (lost,) = (
            one
            for one in rejected_solutions(settings.references_of(challenge.root), challenge)
            if one.name == REJECTED
        )
        assemble(lost, folder)
        reports = {"report": run(challenge, folder, settings)}
        shutil.rmtree(folder)
        accepted = settings.references_of(challenge.root) / CHALLENGE / "accepted" / ACCEPTED
        shutil.copytree(accepted, folder)
        reports["report-passed"] = run(challenge, folder, settings)
        with sync_playwright() as engine:
            path = next(filter(None, map(shutil.which, NAMES)), None)
            browser = engine.chromium.launch(executable_path=path, args=["--no-sandbox"])
            for name, report in reports.items():
                page = Path(f"{name}.html").resolve()
                page.write_text(render(report, "html"), "utf-8")
                take(browser, page, f"{name}-desktop.png", DESK, "light")
                take(browser, page, f"{name}-phone.png", PHONE, "dark")
            browser.close()


def run(challenge: Challenge, folder: Path, settings: Settings) -> GradeReport:
    """Return the result of the submission in `folder`."""
    return grade(challenge, folder, settings, options=Options(seed=SEED))


def take(browser: Browser, page: Path, name: str, size: ViewportSize, scheme: Scheme) -> None:
    """One picture of the first screen of `page`."""
    shown = browser.new_page(viewport=size, color_scheme=scheme)
    shown.goto(page.as_uri())
    shown.screenshot(path=IMAGES / name)
    shown.close()
    bytes_taken = (IMAGES / name).stat().st_size
    if bytes_taken > MOST:
        msg = f"{name} has {bytes_taken} bytes; {MOST} are the most."
        raise SystemExit(msg)
    print(f"{name}: {bytes_taken // 1000} kB")


if __name__ == "__main__":
    main()
