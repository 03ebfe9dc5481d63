"""The HTML report, read with a parser; `tests/browser` looks at it with a browser."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import html

from grader.model import Outcome, Rejected
from grader.report.formats import render
from grader.report.html import to_html
from grader.testing import a_challenge, a_provenance, a_result, graded
from grader.text import clean
from tests.unit.report.examples import EVIL, hostile, three

ELEMENTS = {
    "a", "body", "br", "circle", "code", "dd", "details", "div", "dl", "dt", "footer", "h1", "h2",
    "h3", "head", "header", "html", "li", "line", "link", "main", "meta", "p", "path", "pre",
    "section", "span", "strong", "style", "summary", "svg", "text", "time", "title", "ul",
}  # fmt: skip


@pytest.mark.parametrize("verdict", ["graded", "rejected", "ungradable"])
def test_markup_of_a_student_is_only_text(verdict: str) -> None:
    """The page has our own elements and attributes, whatever a text holds."""
    for report in (three()[verdict], hostile()[verdict]):
        page = html.document_fromstring(render(report, "html"))
        assert {one.tag for one in page.iter(html.etree.Element)} <= ELEMENTS
        names = {name for one in page.iter() for name in one.attrib}
        assert not {name for name in names if name.startswith("on") or name == "src"}
        targets = {one.get("href") for one in page.iter() if one.get("href")}
        assert targets == {"#criteria", "data:,"}
    assert "<script>alert(1)</script>" in page.text_content()
    assert "{{ 7*7 }}" in page.text_content()


def test_the_page_forbids_itself_all_but_style() -> None:
    """A browser would refuse a script, a connection, a form."""
    page = html.document_fromstring(to_html(three()["graded"]))
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")


def test_a_curl_line_is_apart_and_whole() -> None:
    """Also one whose body holds a newline; what follows is the answer."""
    command = "curl -i -X POST --data-raw 'a\nb' http://localhost:5000/entries"
    lost = a_result("entry.create", Outcome.FAILED, evidence=f"{command}\n< HTTP 200\nno")
    page = html.document_fromstring(to_html(graded(lost)))
    commands = [one.text_content() for one in page.xpath("//pre[@class='command']")]
    assert commands == [command]
    assert "< HTTP 200\nno" in [one.text_content() for one in page.xpath("//pre")]


@pytest.mark.parametrize(
    "line",
    [
        "curl -i http://localhost:5000/; rm -rf ~",
        "curl -i $(id)",
        "curl -i `id`",
        "curl -i 'http://localhost:5000/' | sh",
        "curl -i 'never closed",
    ],
)
def test_a_log_is_never_offered_as_a_command(line: str) -> None:
    """An app may print a curl line of its own, for somebody to copy."""
    lost = a_result("entry.create", Outcome.FAILED, evidence=f"{line}\nlog")
    page = html.document_fromstring(to_html(graded(lost)))
    assert page.xpath("//pre[@class='command']") == []
    assert f"{line}\nlog" in [one.text_content() for one in page.xpath("//pre")]


def test_the_outline_is_whole() -> None:
    """One h1, landmarks, each section named by its heading; an id stands once."""
    for report in three().values():
        page = html.document_fromstring(to_html(report))
        assert [len(page.xpath(f"//{tag}")) for tag in ("h1", "main", "header", "footer")] == [
            1
        ] * 4
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        named = page.xpath("//section/@aria-labelledby")
        assert set(named) == set(page.xpath("//h2/@id"))
        assert len(named) == len(page.xpath("//section"))


def test_a_verdict_is_said_in_words() -> None:
    """Not only by a colour."""
    texts = {name: to_html(report) for name, report in three().items()}
    assert ">Not passed<" in texts["graded"]
    assert ">Rejected<" in texts["rejected"]
    assert ">No score<" in texts["ungradable"]
    assert "Dockerfile:3" in texts["rejected"]
    assert 'role="img"' not in texts["ungradable"]


def test_a_rejections_reason_is_whole() -> None:
    """What stands at a place is listed; what does not stays a sentence."""
    lines = ["It asks for this:", "  - a.yml:3: no pid.", "There are 2 more like these."]
    report = Rejected(challenge=a_challenge(), provenance=a_provenance(), reason="\n".join(lines))
    page = html.document_fromstring(to_html(report))
    (why,) = page.xpath("//section[@aria-labelledby='why']")
    text = " ".join(why.text_content().split())
    assert text == "Why It asks for this: There are 2 more like these. a.yml:3 no pid."


def test_hostile_text_is_shown_as_it_is() -> None:
    """Cleaned, and all of it."""
    report = replace(graded(), log_tail=clean(EVIL))
    page = html.document_fromstring(to_html(report))
    assert clean(EVIL).replace("\ufffe", "") in page.text_content().replace("\ufffe", "")
