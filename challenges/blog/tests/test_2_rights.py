"""An account that may change rows, and no tables."""

from contextlib import suppress

import pytest

from grader.exam.faults import Mismatch


def asked(app, blog):
    """The answers to requests that read and that write."""
    post = blog.post()
    return (
        app.get("/posts"), app.get(f"/posts/{post.slug}"), app.get("/tags"),
        app.post("/users", json={"name": blog.name()}),
        blog.send(blog.valid(tags=[blog.tag()])),
        app.put(f"/posts/{post.slug}/tags", json={"tags": [blog.tag()]}),
        app.delete(f"/posts/{post.slug}"),
    )  # fmt: skip


@pytest.mark.criterion("app.rights")
def test_the_app_needs_no_rights_on_tables(app, db, blog):
    """A new container starts with such an account, and answers as with all rights."""
    usual = [reply.status for reply in asked(app, blog)]
    try:
        with db.restricted("SELECT", "INSERT", "UPDATE", "DELETE"):
            app.recreate()
            for reply, status in zip(asked(app, blog), usual, strict=True):
                if reply.status >= 500 > status:
                    reply.fail(
                        "The account of the app has SELECT, INSERT, UPDATE and DELETE, which is "
                        f"enough for this; it was answered with {reply.status}."
                    )
    except Mismatch:
        with suppress(Mismatch):  # begin again, with all rights
            app.recreate()
        raise
