"""Pages and forms, as a browser without scripts sees them."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

import pytest

from grader.exam.client import Client
from grader.exam.faults import Mismatch
from grader.testing import reply, response, serve

PAGE = """<!doctype html><title> Guestbook </title>
<h1>Entries</h1><p>Ada &amp; Bob<p>Two<b>words</b>
<script>var hidden = "script";</script>
<form id="search" action="/search?old=1"><input name="q" value="milk"></form>
<form id="entry" method="post" action="save">
  <input type="hidden" name="csrf_token" value="t0k&quot;en">
  <input name="author"><textarea name="text">
kept as it is</textarea>
  <select name="mood"><option value="g">good<option selected>bad<option disabled>none</select>
  <select name="tags" multiple><option selected>a</option><option>b</option><option selected>c
  </select>
  <input type="checkbox" name="public" checked><input type="checkbox" name="news" value="yes">
  <input type="radio" name="size" value="s"><input type="radio" name="size" value="l" checked>
  <input name="off" value="x" disabled><fieldset disabled><input name="set" value="x"></fieldset>
  <input name="" value="nameless"><input type="reset" name="r"><button type="button" name="b">
  </button>
  <button name="do" value="save">Save</button><input type="submit" name="do" value="Preview">
  <button formaction="/drafts" formmethod="get">Draft</button>
</form>
<input form="entry" name="outside" value="o">
"""


class Site:
    """Answers GET with a page and remembers what it was sent."""

    def __init__(self, html: str, kind: str = "text/html; charset=utf-8") -> None:
        self.html = html
        self.kind = kind
        self.requests: list[tuple[str, dict[str, str], bytes]] = []

    def __call__(self, request: bytes, connection: socket.socket) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        self.requests.append((first.rpartition(" ")[0], headers, body))
        more = {"Content-Type": self.kind, "Set-Cookie": "session=abc; Path=/"}
        connection.sendall(response(200, self.html.encode(), **more))

    @property
    def last(self) -> tuple[str, dict[str, str], list[tuple[str, str]]]:
        """The last request: method with target, headers, fields of its body."""
        line, headers, body = self.requests[-1]
        return line, headers, parse_qsl(body.decode(), keep_blank_values=True)


@contextmanager
def browsing(html: str = PAGE, **more: str) -> Iterator[tuple[Client, Site]]:
    site = Site(html, **more)
    with serve(site) as address:
        yield (
            Client(address, shown="http://localhost:5000", deadline=5, body_cap=4 << 20),
            site,
        )


def failure(call: Any, *arguments: Any, **options: Any) -> Mismatch:
    with pytest.raises(Mismatch) as caught:
        call(*arguments, **options)
    return caught.value


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


def test_a_form_is_sent_as_a_browser_does() -> None:
    """Hidden fields, what is selected and ticked, and the first button go along, in order."""
    with browsing() as (app, site):
        app.form("/entries/new", {"author": "Ada", "text": "Hi!"})
    line, headers, fields = site.last
    assert line == "POST /entries/save"
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert headers["cookie"] == "session=abc", "The form is sent in the session of its page."
    assert fields == [
        ("csrf_token", 't0k"en'), ("author", "Ada"), ("text", "Hi!"), ("mood", "bad"),
        ("tags", "a"), ("tags", "c"), ("public", "on"), ("size", "l"), ("outside", "o"),
        ("do", "save"),
    ]  # fmt: skip


def test_every_kind_of_field_can_be_filled() -> None:
    """By value or by what is shown; True and False tick; None leaves a field out."""
    with browsing() as (app, site):
        app.form(
            "/entries/new",
            {"mood": "good", "tags": ["b"], "public": False, "news": True, "size": "s",
             "csrf_token": None, "author": 7},
            button="Preview",
        )  # fmt: skip
    assert dict(site.last[2]) == {
        "author": "7", "text": "kept as it is", "mood": "g", "tags": "b", "news": "yes",
        "size": "s", "outside": "o", "do": "Preview",
    }  # fmt: skip


def test_a_form_for_get_and_a_button_with_its_own_way() -> None:
    """Fields are the query, in the place of the one that the action had."""
    with browsing() as (app, site):
        app.form("/entries", {"q": "a b"})
        assert site.last[0] == "GET /search?q=a+b"
        app.form("/entries", {"author": "A"}, button="Draft")
        assert site.last[0].startswith("GET /drafts?csrf_token=t0k%22en&author=A&text=kept")


@pytest.mark.parametrize(
    ("values", "options", "sentence"),
    [
        ({"athor": "x"}, {"where": "#entry"}, ("The form on GET /x has no field named 'athor'; it "
         "has: csrf_token, author, text, mood, tags, public, news, size, outside. Did you mean "
         "'author'?")),
        ({"mood": "none"}, {}, ("The field 'mood' of the form does not offer 'none'; it has: g, "
         "bad.")),
        ({"size": "xl"}, {}, "The field 'size' of the form does not offer 'xl'; it has: s, l."),
        ({"author": True}, {}, "The field 'author' of the form should be a check box."),
        ({"author": "x"}, {"button": "Delete"}, ("The form on GET /x has no button 'Delete'; it "
         "has: Save, Preview, Draft.")),
    ],
)  # fmt: skip
def test_what_a_form_lacks_is_a_sentence(
    values: dict[str, Any], options: dict[str, str], sentence: str
) -> None:
    """For students, with what is there and the page as evidence."""
    with browsing() as (app, _):
        error = failure(app.form, "/x", values, **options)
    assert str(error) == sentence
    assert str(error.exchange).startswith("curl -i http://localhost:5000/x\n")


STARS = """<form action=/entries method=post><input name=name><button name=draft>Draft</button>
<button name=rating value=1>One star</button><input type=submit name=rating value=2></form>
<form action=/search><input name=name></form>"""


@pytest.mark.parametrize(
    ("values", "body"),
    [
        ({"name": "A", "rating": 2}, "name=A&rating=2"),
        ({"name": "A", "rating": "One star"}, "name=A&rating=1"),
        ({"name": "A"}, "name=A&draft="),
        ({"name": "A", "draft": None}, "name=A"),
    ],
)
def test_a_row_of_buttons_is_a_field(values: dict[str, Any], body: str) -> None:
    """Pressing the one with the value fills it in, and finds the form."""
    with browsing(STARS) as (app, site):
        app.page("/x").form(having=["name", "rating"]).submit(values)
        assert site.last[0] == "POST /entries"
        assert "&".join("=".join(one) for one in site.last[2]) == body
        message = str(failure(app.page("/x").form().submit, {"rating": "3"}))
        assert message == "The field 'rating' of the form does not offer '3'; it has: 1, 2."


@pytest.mark.parametrize(
    ("page", "action", "line"),
    [
        ("/app/notes/new", "", "POST /app/notes/new"),
        ("/app/notes/new?from=1", None, "POST /app/notes/new?from=1"),
        ("/app/notes/new", "save", "POST /app/notes/save"),
        ("/app/notes/", "../save?x=1#top", "POST /app/save?x=1"),
        ("/app/notes", "/save", "POST /save"),
        ("/app/notes", "?again=1", "POST /app/notes?again=1"),
        ("/app/notes", "http://localhost:5000/save", "POST /save"),
        ("/app/notes", "//localhost:5000", "POST /"),
    ],
)
def test_an_action_is_relative_to_its_page(page: str, action: str | None, line: str) -> None:
    """Also below a prefix, and as a whole URL of the app."""
    attribute = "" if action is None else f' action="{action}"'
    with browsing(f"<form method=post{attribute}><input name=a></form>") as (app, site):
        app.form(page)
    assert site.last[0] == line


def test_a_base_moves_an_action() -> None:
    """`<base href>` is where relative addresses start."""
    with browsing('<base href="/v2/"><form method=post action=save></form>') as (app, site):
        app.form("/notes")
    assert site.last[0] == "POST /v2/save"


@pytest.mark.parametrize("action", ["https://example.org/x", "javascript:save()", "mailto:a@b.c"])
def test_a_form_never_leads_off_the_app(action: str) -> None:
    """Nothing is sent anywhere else."""
    with browsing(f'<form method=post action="{action}"></form>') as (app, site):
        assert "is sent to another site" in str(failure(app.form, "/x"))
        assert len(site.requests) == 1


def test_a_file_is_sent_in_parts() -> None:
    """multipart/form-data, with the other fields, the same bytes each time."""
    html = ('<form method=post enctype="multipart/form-data"><input name=t value=1>'
            "<input type=file name=f></form>")  # fmt: skip
    with browsing(html) as (app, site):
        app.form("/x", {"f": ("a.txt", b"\x00content")})
        line, headers, body = site.requests[-1]
        app.form("/x", {"f": ("a.txt", b"\x00content")})
        assert site.requests[-1][2] == body
    assert line == "POST /x"
    assert headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="f"; filename="a.txt"' in body
    assert b"\x00content" in body
    assert b'name="t"' in body


def test_the_form_with_the_fields_is_taken() -> None:
    """Not the first on the page; a selector chooses among equals."""
    html = "".join(
        f'<form method=post action="/del/{n}" class="f{n}"><input type=hidden name=id value={n}>'
        "</form>"
        for n in range(3)
    )
    with browsing(html + "<form method=post action=/new><input name=text></form>") as (app, site):
        app.form("/", {"text": "x"})
        assert site.last[0] == "POST /new"
        app.form("/", where=".f2")
        assert site.last == ("POST /del/2", site.last[1], [("id", "2")])


def test_a_form_that_came_back_is_a_page() -> None:
    """The answer to a form can be read as one, with what was entered."""
    with browsing() as (app, _):
        page = app.form("/entries", {"author": "A"}).page()
        assert page.name == "POST /save"
        form = page.form("#entry")
        assert form.value("text") == "kept as it is"
        assert form.value("mood") == "bad"
        assert form.value("author") == ""
        assert "no field named 'nothing'" in str(failure(form.value, "nothing"))
        assert app.last is not None
        assert app.last.curl.startswith("curl -i -X POST")


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


def test_a_form_is_chosen_by_where_it_is_sent() -> None:
    """Where several have the same fields, by `action` and by method; a button may decide."""
    html = """<form method=post action=/login><input name=username><input name=password></form>
    <form method=post action="http://localhost:5000/register?from=x"><input name=username>
    <input name=password><button name=go value=1>Go</button></form>
    <form action=/search><input name=q></form>
    <form method=post action=/items><button formaction="/items/%61da/delete" name=kill value=7>
    </form>"""
    with browsing(html) as (app, site):
        app.form("/", {"username": "ada", "password": "x"}, action="/register")
        assert site.last[0] == "POST /register?from=x"
        assert site.last[2][-1] == ("go", "1")
        page = app.page("/")
        page.form(action="/items/ada/delete", method="POST").submit()
        assert site.last == ("POST /items/ada/delete", site.last[1], [("kill", "7")])
        assert page.form(method="get").fields == ("q",)
        assert str(failure(page.form, action="/logout")) == (
            "There is no form that is sent to /logout on GET /."
        )
        assert "by POST" in str(failure(page.form, action="/search", method="POST"))


def test_a_form_says_where_it_comes_from() -> None:
    """Origin and Referer by the address that the app was reached at; evidence shows its own."""
    with browsing() as (app, site):
        app.form("/entries/new?x=1", {"author": "A"})
        headers = site.last[1]
        assert headers["origin"] == f"http://{headers['host']}"
        assert headers["referer"] == f"http://{headers['host']}/entries/new?x=1"
        assert headers["accept"].startswith("text/html,")
        assert app.last is not None
        assert "-H 'Origin: http://localhost:5000'" in app.last.curl
        app.form("/entries/new", {"q": "x"})
        assert "origin" not in site.last[1], "A browser sends none with a GET."
        app.post("/entries", data={"a": "b"})
        assert not {"origin", "referer"} & set(site.last[1]), "It is sent from no page."


def test_a_page_behind_a_proxy_is_known_by_https() -> None:
    """Where the request says that a proxy speaks HTTPS with the browser."""
    with browsing() as (app, site):
        headers = {"X-Forwarded-Proto": "https"}
        app.post("/entries", data={"a": "b"}, referer="/entries/new", headers=headers)
        sent = site.last[1]
        assert sent["origin"] == f"https://{sent['host']}"
        assert sent["referer"] == f"https://{sent['host']}/entries/new"
        assert app.last is not None
        assert "-H 'Origin: https://localhost:5000'" in app.last.curl


def test_a_form_can_be_sent_as_changed_by_hand() -> None:
    """Fields that it does not have, in place of those that it has, and to another path."""
    html = "<form method=post action=/a><input name=x value=1><input type=hidden name=t value=k>"
    with browsing(f"{html}<input type=image name=i>") as (app, site):
        page = app.page("/")
        page.form().submit({"x": 2}, extra={"role": "admin", "x": ["3", "4"]}, to="/b")
        assert site.last[0] == "POST /b"
        assert site.last[2] == [
            ("t", "k"), ("i.x", "0"), ("i.y", "0"), ("role", "admin"), ("x", "3"), ("x", "4"),
        ]  # fmt: skip


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
