"""What others write while the app runs; the first tests of all, as most others build on it."""

import pytest


@pytest.mark.criterion("connections.fresh")
def test_each_request_sees_what_is_there(app, book, remembered):
    """Also over a connection that has read before."""
    author = book.author()
    app.together([lambda: app.get("/")] * 12)
    entry = book.add(author, at=book.later())
    for reply in app.together([lambda: app.get("/")] * 12):
        if entry not in book.ids(reply.expect(200).page()):
            remembered.stale = is_seen_later(app, book, entry)
            reply.fail(
                "A row was added in MySQL, and a page that was asked for afterwards does not have "
                "it: its connection still sees what it saw first."
                if remembered.stale
                else "A row was added in MySQL, and / does not have it."
            )


def is_seen_later(app, book, entry):
    """Whether the app sees a row once it has been started again."""
    app.restart()
    reply = app.get("/")
    return reply.status == 200 and entry in book.ids(reply.page())
