"""The client fills in, chooses and sends forms as a browser without scripts does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.exam.pages import browsing, failure


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
