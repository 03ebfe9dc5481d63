"""Errors: one form for all, and no input that breaks the app."""

from urllib.parse import quote

import pytest
from conftest import UNKNOWN

TRACES = ("Traceback (most recent call last)", "werkzeug.debug", "pymysql.err", "SQL syntax",
          "sqlalchemy.exc", "IntegrityError", "DataError", "OperationalError")  # fmt: skip
TYPED = {"Content-Type": "application/json"}


@pytest.mark.criterion("errors.json")
def test_every_error_is_an_object(app, blog):
    """With a sentence: of routes, of unknown addresses, of methods."""
    post = blog.post()
    errors = {
        "an unknown address": (app.get(f"/{blog.draw.word()}"), 404),
        "an unknown user": (app.get(f"/users/{UNKNOWN}"), 404),
        "an unknown post": (app.get(f"/posts/{blog.slug()}"), 404),
        "tags for an unknown post": (app.put(f"/posts/{blog.slug()}/tags", json={"tags": []}), 404),
        "another method": (app.delete("/posts"), 405),
        "another method for a post": (app.patch(f"/posts/{post.slug}", json={}), 405),
        "a post without fields": (app.post("/posts", json={}), 400),
        "a bad limit": (app.get("/posts?limit=0"), 400),
        "no JSON": (app.post("/users", body=b"{", headers=TYPED), 400),
    }
    for what, (reply, status) in errors.items():
        if reply.status != status:
            reply.fail(f"It was {what}, which should be a {status}, not {reply.status}.")
        require_no_trace(reply, what)
        said = reply.json(dict).get("error")
        if not isinstance(said, str) or not said.strip():
            reply.fail(f"It was {what}; the error should have a text `error`.")


@pytest.mark.criterion("errors.json")
def test_bad_bodies_are_a_400(app, blog):
    """No JSON, and JSON that is no object."""
    post = blog.post()
    for body in (b"", b"{", b"[]", b"1", b"null", b'"x"', b"\xff\xfe", b"[" * 20):
        for method, path in (
            ("POST", "/users"), ("POST", "/posts"), ("PUT", f"/posts/{post.slug}/tags"),
            ("POST", f"/posts/{post.slug}/comments"),
        ):  # fmt: skip
            reply = app.request(method, path, body=body, headers=TYPED)
            what = f"{method} {path} with the body {body[:24]!r}"
            if reply.status != 400:
                reply.fail(f"It was {what}, which should be a 400, not {reply.status}.")
            require_no_trace(reply, what)


@pytest.mark.criterion("errors.json")
def test_strange_addresses_are_a_404(app, blog, draw):
    """Ids and slugs that are long, or hold what none holds; nothing is deleted by them."""
    post = blog.post()
    before = blog.counts()
    for case in draw.bad_ids(post.author):
        part = quote(case.value, safe="")
        for reply in (app.get(f"/users/{part}"), app.delete(f"/users/{part}")):
            require_404(reply, f"an id that is {case.why}")
    for case in draw.lookalikes(post.slug):
        if case.value.strip("/") != case.value or case.value == post.slug:
            continue
        part = quote(case.value, safe="")
        for reply in (app.get(f"/posts/{part}"), app.delete(f"/posts/{part}")):
            require_404(reply, f"a slug that is not quite one ({case.why})")
    for value in (draw.text(3000), "🐍", "' OR '1'='1", "%", "_"):
        require_404(app.get(f"/posts/{quote(value, safe='')}"), "a strange slug")
    assert blog.counts() == before, "A strange address has deleted or added a row."


def require_404(reply, what):
    """Fail unless what is not there was answered with 404."""
    if reply.status != 404:
        reply.fail(f"It was {what}, which should be a 404, not {reply.status}.")
    require_no_trace(reply, what)


def require_no_trace(reply, what):
    """Fail where an answer shows the insides of the app."""
    if any(trace in reply.text for trace in TRACES):
        reply.fail(f"It was {what}, and the answer shows the insides of the app.")
