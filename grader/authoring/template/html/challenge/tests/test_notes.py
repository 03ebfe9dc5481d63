"""The suite: plain pytest. Each test names the criterion that it examines.

Several tests may name one criterion; all of them must pass. The message of an assertion is what the
student reads, so write it for a student; the request and the answer are added to it. Everything
that a test relies on has to stand in the brief (README.md).
"""

import pytest


def save(app, text):
    """Fill in the form on the page and send it, as a browser does; gives the answer.

    Whatever is no error will do here: the redirect has a criterion of its own.
    """
    reply = app.form("/", {"text": text})
    if reply.status >= 400:
        reply.fail(f"This note is valid, but the form was answered with {reply.status}.")
    return reply


@pytest.mark.criterion("page.list")
def test_a_saved_note_is_on_the_page(app, draw):
    # `draw` gives random data of the run's seed: an answer that is written into an app cannot pass
    text = draw.sentence()
    save(app, text)
    app.page("/").expect(text)


@pytest.mark.criterion("page.escaped")
def test_html_in_a_note_is_text(app, draw):
    text = draw.markup()
    save(app, text)
    page = app.page("/")
    if page.find("img[onerror]"):
        page.fail("HTML in a note was put into the page; a browser runs it.")
    page.expect(text)


@pytest.mark.criterion("form.redirect")
def test_a_saved_note_is_answered_with_a_redirect(app, draw):
    reply = save(app, draw.sentence())
    if reply.status not in {302, 303}:
        reply.fail("After it has saved a note, POST /notes should answer 302 or 303.")


@pytest.mark.criterion("form.errors")
def test_a_blank_note_is_refused(app, draw):
    for text, what in (("   ", "A blank note"), (draw.text(201), "A note of 201 characters")):
        reply = app.form("/", {"text": text})
        if reply.status != 400:
            reply.fail(f"{what} should be answered with 400, not {reply.status}.")


@pytest.mark.criterion("db.stored")
def test_a_note_is_in_mysql(app, db, draw):
    # `db` is the grader's own connection: it sees what the app has committed, and nothing else
    text = draw.sentence()
    save(app, text)
    assert db.find(text), "The form was taken, but no table of the database holds the note's text."
