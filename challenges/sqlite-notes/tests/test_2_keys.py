"""Notes belong to notebooks, in the database as well."""

import pytest


@pytest.mark.criterion("keys.declared")
def test_foreign_key(notes):
    """The table that holds a note's title refers to the one that holds its notebook's name."""
    name = notes.name()
    made = notes.note(notes.notebook(name))
    with notes.opened_backup() as database:
        holders = [table for table, _ in database.holding(made["title"])]
        parents = [table for table, _ in database.holding(name)]
        if not holders or not parents:
            database.fail("{} holds the note's title, or the notebook's name, in no column.")
        referred = [one.lower() for table in holders for one in database.parents(table)]
        if not {one.lower() for one in parents} & set(referred):
            database.fail(
                f"In {{}} no foreign key of {', '.join(holders)} refers to {', '.join(parents)}."
            )


@pytest.fixture
def tidied(app):
    """A function that takes ids of notes which are deleted at the end of the test.

    Notes of no notebook would stay in the database, and cost what comes next as well.
    """
    ids = []
    yield ids.append
    for number in ids:
        app.delete(f"/notes/{number}")


@pytest.mark.criterion("keys.cascade")
def test_notebook_is_deleted(app, notes, tidied):
    """With all of its notes, in the database too, and no others."""
    going, staying = notes.notebook(), notes.notebook()
    gone = [notes.note(going) for _ in range(3)]
    for one in gone:
        tidied(one["id"])
    kept = [notes.note(staying) for _ in range(2)]
    app.delete(f"/notebooks/{going}").expect(204)
    for path in (f"/notebooks/{going}", *(f"/notes/{one['id']}" for one in gone)):
        reply = app.get(path)
        if reply.status != 404:
            reply.fail("After a notebook is deleted, it and its notes are answered 404.")
    assert notes.page(q=gone[0]["title"]) == ([], 0), "The list has a note of a deleted notebook."
    notes.check_kept(kept, "After another notebook was deleted,")
    with notes.opened_backup() as database:
        if database.holding(gone[0]["title"]):
            database.fail("{} still holds a note of a notebook that was deleted.")
    app.delete(f"/notebooks/{going}").expect(404)


@pytest.mark.criterion("keys.refused")
def test_unknown_notebook(app, notes, tidied):
    """400, whether it was deleted or never there; no note is kept."""
    number = notes.notebook()
    app.delete(f"/notebooks/{number}").expect(204)
    for unknown in (number, number + 10**6, 2**62):
        title = notes.name()
        reply = app.post("/notes", json={"notebook": unknown, "title": title})
        items, total = notes.page(q=title)
        for one in items:
            tidied(one["id"])
        if reply.status != 400:
            reply.fail(f"There is no such notebook: 400 was expected, not {reply.status}.")
        notes.error(reply)
        assert total == 0, "A note that was refused is in the list."
