"""The file on the volume: what is in it, and what it survives."""

import pytest

HEADER = "SQLite format 3"
"""What every SQLite database begins with."""


@pytest.mark.criterion("keep.file")
def test_the_file_holds_it(app, notes, database):
    """Once POST has answered, the SQLite file at DATABASE_PATH holds the note."""
    name = notes.name()
    made = notes.note(notes.notebook(name), body=notes.word())
    changed = notes.note(notes.notebook())
    title = notes.name()
    app.put(f"/notes/{changed['id']}", json={"title": title})
    with database() as file:
        for what, text in (
            ("note's title", made["title"]), ("note's body", made["body"]),
            ("notebook's name", name), ("title of a note that was changed", title),
        ):  # fmt: skip
            if not file.holding(text):
                file.fail(f"{{}} holds the {what} in no column, though it was answered.")


@pytest.mark.criterion("keep.recreate")
def test_new_container(app, notes):
    """All is there as before."""
    name = notes.name()
    notebook = notes.notebook(name)
    kept = [notes.note(notebook, body=notes.word()) for _ in range(3)]
    going = notes.note(notebook)
    app.delete(f"/notes/{going['id']}").expect(204)
    app.recreate()
    notes.check_kept(kept, "After the app's container was made again,")
    reply = app.get(f"/notes/{going['id']}")
    if reply.status != 404:
        reply.fail("After the app's container was made again, a note is back that was deleted.")
    assert name in notes.notebooks(), "The notebook is gone with the app's container."
    notes.check_kept([notes.note(notebook)], "After it was made in the new container,")


@pytest.mark.criterion("keep.kill")
def test_kill(app, notes, until_gone):
    """Four writers are at work when the app is killed: what was answered is there."""
    notebook = notes.notebook()
    kept = []

    def write(client):
        made = notes.note(notebook, body=notes.word(), client=client)
        kept.append(made)

    def kill():
        kept.extend(notes.note(notebook) for _ in range(5))
        app.kill()

    clients = [app.session() for _ in range(4)]
    app.together([*(lambda one=one: until_gone(lambda: write(one), 150) for one in clients), kill])
    notes.check_kept(kept[-12:], "After a kill (SIGKILL) in the middle of writing,")
    listed = set(notes.titles(notebook))
    lost = [one["title"] for one in kept if one["title"] not in listed]
    assert not lost, (
        f"After a kill (SIGKILL) in the middle of writing, {len(lost)} of {len(kept)} notes that "
        "were answered 201 are not in the list."
    )
    notes.check_kept([notes.note(notebook)], "After it was made by the app that was killed,")


@pytest.mark.criterion("keep.repository")
def test_no_database_is_committed(submission):
    """None of the files that were handed in is a SQLite database."""
    found = [path for path in submission.files() if submission.text(path).startswith(HEADER)]
    assert not found, (
        f"{found[0]} is a SQLite database: data does not belong into the repository. Take it out, "
        "and make the tables when the app starts."
    )


@pytest.mark.criterion("import.atomic")
def test_an_import_that_is_refused(app, notes):
    """One wrong note at its end, or a name that is taken, and nothing is saved."""
    taken = notes.name()
    notebook = notes.notebook(taken)
    for name, last, status in (
        (notes.name(), {"title": "  "}, 400),
        (notes.name(), {"title": 7}, 400),
        (taken, {"title": "fine"}, 409),
    ):
        first = notes.name()
        body = {"name": name, "notes": [{"title": first}, {"title": "b"}, last]}
        reply = app.post("/import", json=body)
        if reply.status != status:
            reply.fail(f"This import has to be refused with {status}; it was {reply.status}.")
        notes.error(reply)
        assert notes.page(q=first) == ([], 0), "A note of an import that was refused is there."
        assert name == taken or name not in notes.notebooks(), (
            "The notebook of an import that was refused is there."
        )
    assert notes.page(notebook=notebook)[1] == 0, "A refused import has added notes to a notebook."


@pytest.mark.criterion("import.atomic")
def test_an_import_that_is_cut_off(app, notes, until_gone):
    """A kill in the middle of imports leaves each whole or not at all."""
    answered = []

    def send(client):
        name, reply = notes.imported(150, client)
        if reply.status == 201:
            answered.append(name)

    def kill():
        send(app)
        app.kill()

    before = set(notes.notebooks())
    clients = [app.session() for _ in range(3)]
    app.together([*(lambda one=one: until_gone(lambda: send(one), 40) for one in clients), kill])
    after = notes.notebooks()
    for name in answered:
        assert name in after, "After a kill an import is gone that was answered 201."
    for name in set(after) - before:
        count = notes.page(notebook=after[name]["id"])[1]
        assert count == 150, (
            f"After a kill in the middle of imports a notebook has {count} of 150 notes: an import "
            "has to be there as a whole or not at all."
        )
