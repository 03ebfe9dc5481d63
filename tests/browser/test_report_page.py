"""The HTML report as people see it: on a phone and a desk, in the light and in the dark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from grader.model import GradeReport, Outcome
from grader.report.formats import render
from grader.testing import a_challenge, a_result, graded
from tests.unit.report.examples import hostile, three

COLOURS: dict[Literal["light", "dark"], str] = {
    "light": "rgb(244, 245, 247)",
    "dark": "rgb(14, 17, 21)",
}
"""The page's colour in each scheme."""
PHONE, DESK = (360, 740), (1280, 900)
ALL = {
    **three(),
    **{f"hostile {name}": report for name, report in hostile().items()},
    "endless": hostile("x" * 5000)["graded"],
    "perfect": graded(*(a_result(one.id) for one in a_challenge().criteria)),
}
OPEN_ALL = "document.querySelectorAll('details').forEach(one => one.open = true)"
LOW_CONTRAST = """() => {
  const channels = text => {
    const [r, g, b, alpha = 1] = text.match(/[\\d.]+/g).map(Number);
    const scale = text.startsWith('color(') ? 1 : 255;
    return {rgb: [r, g, b].map(one => one / scale), alpha};
  };
  const light = rgb => {
    const [r, g, b] = rgb.map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = one => {
    for (; one; one = one.parentElement) {
      const found = channels(getComputedStyle(one).backgroundColor);
      if (found.alpha === 1) return found.rgb;
    }
    return [1, 1, 1];
  };
  const own = one => [...one.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  return [...document.body.querySelectorAll('*')].filter(own).map(one => {
    const style = getComputedStyle(one);
    const front = one.namespaceURI.endsWith('svg') ? style.fill : style.color;
    const [a, b] = [light(channels(front).rgb), light(behind(one))].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), `${one.tagName}.${one.className} ${front}`];
  }).filter(([ratio]) => ratio < 4.5);
}"""


@contextmanager
def shown(browser: Browser, folder: Path, report: GradeReport) -> Iterator[Page]:
    """The page of `report`; fails where the browser finds fault with it, or asks for anything."""
    file = folder / "report.html"
    file.write_text(render(report, "html"), "utf-8")
    complaints: list[str] = []
    with browser.new_context(viewport={"width": DESK[0], "height": DESK[1]}) as context:
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url))
        page.goto(file.as_uri())
        yield page
    assert [one for one in complaints if one not in {file.as_uri(), "data:,"}] == []


@pytest.mark.parametrize("name", ALL)
def test_it_fits_a_phone_and_a_desk(browser: Browser, tmp_path: Path, name: str) -> None:
    """No scrolling to the side, whatever the texts; nothing for the browser to complain of."""
    with shown(browser, tmp_path, ALL[name]) as page:
        page.evaluate(OPEN_ALL)
        for scheme, (width, height) in product(COLOURS, (PHONE, DESK)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") == width
            colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert colour == COLOURS[scheme]


@pytest.mark.parametrize("name", ["graded", "rejected", "ungradable", "perfect"])
def test_all_text_can_be_read(browser: Browser, tmp_path: Path, name: str) -> None:
    """A contrast of 4.5 at least (WCAG 2.2, 1.4.3 AA), in the light and in the dark."""
    with shown(browser, tmp_path, ALL[name]) as page:
        page.evaluate(OPEN_ALL)
        for scheme in COLOURS:
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate(LOW_CONTRAST) == []


def test_details_open_without_a_script(browser: Browser, tmp_path: Path) -> None:
    """By mouse and by keyboard; a curl line is taken whole with one click."""
    curl = "curl -i -X POST --data-raw '{\"a\": 1}' http://localhost:5000/entries"
    lost = a_result("entry.create", Outcome.FAILED, rationale="No.", evidence=f"{curl}\n< HTTP 200")
    with shown(browser, tmp_path, graded(lost)) as page:
        first = page.locator("details.criterion").first
        summary = first.locator("summary")
        page.locator("details.criterion.failed pre.command").click()
        assert page.evaluate("getSelection().toString().trim()") == curl
        was = first.get_attribute("open")
        summary.focus()
        page.keyboard.press("Enter")
        assert first.get_attribute("open") != was
        summary.click()
        assert first.get_attribute("open") == was
