"""Bad input, unknown addresses, and a new container, which comes last."""

from urllib.parse import quote

import pytest

TRACES = ("Traceback (most recent call last)", "werkzeug.debug", "pymysql.err", "SQL syntax",
          "sqlalchemy.exc", "IntegrityError", "DataError", "OperationalError")  # fmt: skip
FORM = "application/x-www-form-urlencoded"


@pytest.mark.criterion("errors.pages")
def test_bad_input_is_a_4xx(app, book, draw):
    """Too long, missing, of another kind: never a 500, and no insides of the app."""
    author = book.author()
    long = draw.text(9000)
    replies = {
        "a form with long fields": book.send({"name": long, "message": long, "rating": long}),
        "a form without fields": app.post("/entries", data={}),
        "a long new name": book.rename(author, long),
    }
    bodies = (
        (b"name=%ff%fe&message=%c3&rating=%ff", FORM),
        (b'{"name": "x", "message": "x", "rating": 5}', "application/json"),
        (b"x", "multipart/form-data; boundary=none"),
    )
    for body, kind in bodies:
        for path in ("/entries", f"/authors/{author}/rename"):
            sent = body if path == "/entries" else body.replace(b"name=%ff%fe", b"other=1")
            reply = app.post(path, body=sent, headers={"Content-Type": kind})
            replies[f"a body of another kind ({kind}) for {path}"] = reply
    for what, reply in replies.items():
        require_4xx(reply, what)
    for values in (book.valid(name=f"{draw.word()}\0"), book.valid(message=f"{draw.word()}\0x"),
                   book.valid(rating="1\0")):  # fmt: skip
        reply = book.send(values)
        if reply.status >= 500:
            reply.fail(f"A NUL in a field should not be answered with {reply.status}.")
        require_no_trace(reply, "a NUL in a field")
    for query in (f"q={draw.text(3000)}", "q=%00", "q=%ff", "q=%27"):
        reply = app.get(f"/?{query}")
        if reply.status >= 500:
            reply.fail(f"A search for {query[:40]} should not be answered with {reply.status}.")
        require_no_trace(reply, "a strange search")


@pytest.mark.criterion("errors.pages")
def test_what_there_is_not_is_a_404(app, book, draw):
    """Unknown addresses, and ids that are none."""
    author = book.author()
    entry = book.add(author)
    for address in (f"/{draw.word()}", f"/authors/{author}/{draw.word()}", "/entriesx"):
        require_404(app.get(address), "An unknown address")
    for case in draw.bad_ids(max(author, entry)):
        part = quote(case.value, safe="")
        for reply in (
            app.get(f"/authors/{part}"), book.rename(part, book.name()),
            book.delete("authors", part), book.delete("entries", part),
        ):  # fmt: skip
            require_404(reply, f"An id that is {case.why}")
    assert book.name_of(author), "An id that is none has deleted an author."
    assert len(book.of(author)) == 1, "An id that is none has deleted an entry."


@pytest.mark.criterion("errors.pages")
def test_other_methods_are_a_4xx(app, book):
    """And change nothing: no GET deletes."""
    name = book.name()
    author = book.author(name)
    entry = book.add(author)
    for method, path in (
        ("GET", f"/entries/{entry}/delete"), ("GET", f"/authors/{author}/delete"),
        ("GET", f"/authors/{author}/rename?name=x"), ("DELETE", "/"), ("PUT", "/authors"),
        ("DELETE", f"/authors/{author}"), ("PUT", "/entries"),
    ):  # fmt: skip
        require_4xx(app.request(method, path), f"{method} {path.partition('?')[0]}")
    assert book.name_of(author) == name, "A method that is not in the table has changed an author."
    assert len(book.of(author)) == 1, "A method that is not in the table has deleted an entry."


@pytest.mark.criterion("rows.persist")
def test_rows_outlive_the_container(app, book):
    """What was there before is there after it, and what is written then is saved as well."""
    author = book.author()
    entry = book.add(author)
    values = book.valid()
    book.send(values)
    kept = book.counts()
    app.recreate()
    assert book.counts() == kept, "A new container deletes rows."
    page = book.page(f"/authors/{author}")
    assert book.ids(page) == [entry], "After a new container an author's page lacks an entry."
    reply = book.send(values)
    if reply.status >= 400:
        reply.fail(f"After a new container an entry is answered with {reply.status}.")


def require_404(reply, what):
    """Fail unless what is not there was answered with 404 without the insides of the app."""
    if reply.status != 404:
        reply.fail(f"{what} should answer 404, not {reply.status}.")
    require_no_trace(reply, what)


def require_4xx(reply, what):
    """Fail unless bad input was answered with a 4xx without the insides of the app."""
    if not 400 <= reply.status < 500:
        reply.fail(f"It was {what}, which should get a 4xx, not {reply.status}.")
    require_no_trace(reply, what)


def require_no_trace(reply, what):
    """Fail where an answer shows a stack trace, SQL or a message of the database driver."""
    if any(trace in reply.text for trace in TRACES):
        reply.fail(f"It was {what}, and the answer shows the insides of the app.")
