"""The file on the volume: what is in it, and what it survives."""

from dataclasses import dataclass

import pytest

from grader.waiting import wait_until

MOST_SECONDS = 15
"""How long the writers have to get something done, until the app is killed."""
IMPORTED = 150
"""Notes of an import that may be cut off."""
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


@dataclass(frozen=True)
class Killed:
    """What an app was asked until it was killed, and what it had right afterwards."""

    kept: list
    """Notes that were answered 201."""
    titles: set
    """Of the notes that were there in their notebook."""
    imports: list
    """Names of the imports that were answered 201."""
    counts: dict
    """How many notes each notebook had that was made by an import."""


@pytest.fixture(scope="session")
def killed():
    """A function that kills the app in the middle of notes and imports, once for two criteria."""
    found = []

    def once(app, notes, until_gone):
        if not found:
            found.append(kill_under_writes(app, notes, until_gone))
        return found[0]

    return once


def kill_under_writes(app, notes, until_gone):
    """Six writers are at work when the app is killed."""
    notebook = notes.notebook()
    kept, imports, sent, over = [], [], [], []

    def write(client):
        sent = {"notebook": notebook, "title": notes.name(), "body": notes.word()}
        reply = client.post("/notes", json=sent)
        if reply.status == 201:  # what it should be has criteria of its own
            kept.append(sent | {"id": reply.json(dict).get("id")})

    def send(client):
        name = notes.name()
        sent.append(name)
        if notes.imported(IMPORTED, client, name=name)[1].status == 201:
            imports.append(name)
        over.append(name)

    def kill():
        app.get("/health")
        wait_until(lambda: len(over) > 2 and len(kept) > 9, within=MOST_SECONDS, poll=0.005)
        app.kill()

    clients = [app.session() for _ in range(6)]
    writers = [lambda one=one: until_gone(lambda: write(one), 150) for one in clients[:4]]
    senders = [lambda one=one: until_gone(lambda: send(one), 12) for one in clients[4:]]
    app.together([*writers, *senders, kill])
    books = {name: one for name, one in notes.notebooks().items() if name in sent}
    counts = {name: notes.page(notebook=one["id"], limit=1)[1] for name, one in books.items()}
    return Killed(kept, set(notes.titles(notebook)), imports, counts)


@pytest.mark.criterion("keep.kill")
def test_kill(app, notes, until_gone, killed):
    """What was answered before a kill is there after it, and the app takes new notes."""
    found = killed(app, notes, until_gone)
    when = "After a kill (SIGKILL) in the middle of writing,"
    notes.check_kept(found.kept[-12:], when)
    lost = [one["title"] for one in found.kept if one["title"] not in found.titles]
    assert not lost, (
        f"{when} {len(lost)} of {len(found.kept)} notes that were answered 201 are not in the list."
    )
    gone = [name for name in found.imports if name not in found.counts]
    assert not gone, f"{when} an import is gone that was answered 201."
    notes.check_kept(
        [notes.note(notes.notebook())], "After it was made by the app that was killed,"
    )


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
def test_an_import_that_is_cut_off(app, notes, until_gone, killed):
    """A kill in the middle of imports leaves each whole or not at all."""
    found = killed(app, notes, until_gone)
    if not found.imports:  # that they get in each other's way has a criterion of its own
        notes.imported(IMPORTED)[1].expect(201)
    for count in found.counts.values():
        assert count == IMPORTED, (
            f"After a kill in the middle of imports a notebook has {count} of {IMPORTED} notes: an "
            "import has to be there as a whole or not at all."
        )
