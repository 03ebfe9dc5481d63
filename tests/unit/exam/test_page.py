"""The client reads pages and follows links as a browser without scripts does."""

from __future__ import annotations

import time
from typing import Any

import pytest

from grader.exam.client import Client
from grader.exam.faults import Mismatch
from grader.testing import reply, serve
from tests.unit.exam.pages import browsing, failure


def test_a_page_is_read() -> None:
    """Title, text, elements, forms; scripts and fields are nothing that a reader sees."""
    with browsing() as (app, _):
        page = app.page("/entries", params={"page": 2})
    assert page.title == "Guestbook"
    assert page.name == "GET /entries"
    assert page.one("h1").text == "Entries"
    assert [tag.name for tag in page.find("h1, b")] == ["h1", "b"]
    assert page.expect("Ada & Bob") is page
    assert "Twowords" in page.text
    assert "script" not in page.text
    assert "kept" not in page.text
    assert {"Entries", "Ada & Bob"} <= page.strings
    assert [form.method for form in page.forms] == ["GET", "POST"]


def test_a_field_that_cannot_be_edited_shows_its_text() -> None:
    """A reader has no other way to see it than such a field; what can be edited is not shown."""
    with browsing("<textarea readonly>kept</textarea><textarea>draft</textarea>") as (app, _):
        text = app.page("/notes/7").text
    assert "kept" in text
    assert "draft" not in text


def test_what_a_page_lacks_is_a_sentence_with_its_evidence() -> None:
    """The request is a curl line, as for any other failure."""
    with browsing("<p>Nothing</p>") as (app, _):
        page = app.page("/x?y=1")
    for call, sentence in (
        (lambda: page.one("h1"), "There is no h1 on GET /x."),
        (lambda: page.expect("Hello"), "GET /x should show 'Hello'; it does not."),
        (page.form, "There is no form on GET /x."),
        (lambda: page.form("#login"), "There is no form that '#login' finds on GET /x."),
    ):
        error = failure(call)
        assert str(error) == sentence
        assert str(error.exchange).startswith("curl -i 'http://localhost:5000/x?y=1'\n< HTTP 200")


def test_what_is_no_page_is_told() -> None:
    """JSON, or a page of a size that nobody reads."""
    with browsing("{}", kind="application/json") as (app, _):
        said = str(failure(app.page, "/x"))
    assert said == (
        "The answer has to be a page (text/html); its Content-Type is 'application/json'."
    )
    with browsing("<" * 20_001) as (app, _):
        assert "too large" in str(failure(app.page, "/x"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 19_000, "<a " * 19_000, "<p a='" * 19_000, "<!--" * 19_000, "<" * 20_000,
        "<form><select name=a>" + "<option>" * 19_000, "<form>" * 9000 + "<input name=a>" * 9000,
        "<form>" + "<fieldset>" * 9000 + "<input name=a>" * 9000, "&" * 1_000_000,
    ],
    ids=lambda html: html[:12],
)  # fmt: skip
def test_a_page_made_to_be_slow_is_not(html: str) -> None:
    """Each is read in moments: what a student's app answers must not use up the exam's time."""
    with browsing(html) as (app, _):
        reply = app.get("/")
    started = time.process_time()
    page = reply.page()
    assert isinstance(page.text, str)
    assert sum(len(form.fields) for form in page.forms) <= 19_000
    assert time.process_time() - started < 5


LINKS = """<a href="../notes/7">rel</a><a href="/notes/7">path</a>
<a href="HOST/notes/7#x">whole</a><a href="//HERE/notes/7">scheme</a>"""


@pytest.mark.parametrize("at", range(4), ids=["relative", "path", "absolute", "protocol-relative"])
def test_a_link_can_be_opened_as_it_stands(at: int) -> None:
    """`app.page(link["href"])` asks the app for what a browser would ask it for."""
    with browsing() as (app, site):
        address = app._target.base.removeprefix("http://")
        site.html = LINKS.replace("HOST", f"http://{address}").replace("HERE", address)
        page = app.page("/shop/list")
        app.page(str(page.find("a")[at]["href"]))
        assert site.requests[-1][0] == "GET /notes/7"
        app.page("/shop/list").follow(page.find("a")[at])
        assert site.requests[-1][0] == "GET /notes/7"
        assert site.requests[-1][1]["referer"] == f"http://{address}/shop/list"


@pytest.mark.parametrize("address", ["", "#main", " "])
def test_a_link_to_the_page_itself_opens_it_again(address: str) -> None:
    """An empty one, and one to a part of it; a fragment is never sent."""
    with browsing() as (app, site):
        app.page("/shop/list?page=2")
        app.page(address)
        assert site.requests[-1][0] == "GET /shop/list?page=2"
        app.get("/notes/1#top", params={"a": "b"})
        assert site.requests[-1][0] == "GET /notes/1?a=b"


def test_a_relative_address_starts_at_the_top_before_a_page_was_read() -> None:
    """And at `<base>` where the page has one; answers that are no pages do not matter."""
    with browsing('<base href="/v2/deep/">') as (app, site):
        app.get("/a/b/c")
        app.get("notes")
        assert site.requests[-1][0] == "GET /notes"
        app.page("/a/b/c")
        app.get("notes")
        assert site.requests[-1][0] == "GET /v2/deep/notes"


@pytest.mark.parametrize(
    "address",
    ["https://example.org/x", "//example.org", r"/\example.org", "mailto:a@b.c", "http://["],
)
def test_a_link_never_leads_off_the_app(address: str) -> None:
    """It is the app's loss, with the page as evidence, and nothing is sent."""
    with browsing(f'<a href="{address}">x</a>') as (app, site):
        page = app.page("/x")
        error = failure(app.page, str(page.one("a")["href"]))
        assert str(error) == f"{address!r} leads to another site than the app."
        assert "curl -i http://localhost:5000/x" in str(error.exchange)
        assert "on GET /x leads to another site" in str(failure(page.follow, page.one("a")))
        assert len(site.requests) == 1


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda app: app.page(None), TypeError),
        (lambda app: app.page(app.page("/").one("h1")), TypeError),
        (lambda app: app.get(b"/"), TypeError),
        (lambda app: app.get("/", headers={"X-Two": "a\nb"}), ValueError),
        (lambda app: app.get("/", headers={"X-Far": "\u20ac"}), ValueError),
    ],
)
def test_what_a_suite_cannot_mean_is_its_own_fault(call: Any, kind: type[Exception]) -> None:
    """No `Mismatch`, which would be the student's loss."""
    with browsing() as (app, _), pytest.raises(kind) as caught:
        call(app)
    assert not isinstance(caught.value, Mismatch)


def test_where_an_answer_redirects_to() -> None:
    """The path on the app, resolved by the request; another site's whole address."""
    answers = {"a": "login?x=1", "b": "http://localhost:5000/login", "c": "//evil.example/login"}
    found = {}
    for name, location in answers.items():
        with serve(reply(303, Location=location)) as address:
            client = Client(address, shown="http://localhost:5000", deadline=5, body_cap=1 << 20)
            found[name] = client.get("/auth/register").location
    assert found == {"a": "/auth/login?x=1", "b": "/login", "c": "//evil.example/login"}


def test_a_secure_cookie_goes_along_as_on_localhost() -> None:
    """Browsers hold http://localhost for safe: what a student sees to work works here."""
    with browsing() as (app, site):
        browser = app.session()
        browser.get("/")
        browser.cookies.set("deep", "1", secure=True)
        browser.get("/")
        assert site.last[1]["cookie"] == "session=abc; deep=1"
        browser.get("/", headers={"Cookie": "own=1"})
        assert site.last[1]["cookie"] == "own=1"
