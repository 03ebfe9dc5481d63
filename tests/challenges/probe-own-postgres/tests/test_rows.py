"""Notes in the PostgreSQL of a Compose file."""

import pytest


def post(app, draw):
    """The text of a new note."""
    text = draw.sentence()
    app.post("/notes", json={"text": text}).expect(201)
    return text


def answered(app):
    return [note["text"] for note in app.get("/notes").expect(200).json(list)]


@pytest.mark.criterion("rows.kept")
def test_a_note_is_kept(app, db, draw):
    places = db.find(post(app, draw))
    assert places == [("notes", "text")], f"The note is in {places}, not in notes.text."


@pytest.mark.criterion("rows.read")
def test_the_table_holds_it(app, db, draw, compose):
    text = post(app, draw)
    assert db.tables() == ["notes"], f"The tables are {db.tables()}."
    assert text in db.column("notes", "text")
    assert text in [row["text"] for row in db.records("notes")]
    assert db.value("SELECT COUNT(*) AS n FROM notes WHERE text = %s", [text]) == 1
    assert compose.service("database").name == compose.database


@pytest.mark.criterion("rows.changed")
def test_a_change_is_answered(app, db, draw):
    text, changed, added = post(app, draw), draw.sentence(), draw.sentence()
    assert db.write("UPDATE notes SET text = %s WHERE text = %s", [changed, text]) == 0
    number = db.write("INSERT INTO notes (text) VALUES (%s)", [added])
    assert db.value("SELECT text FROM notes WHERE id = %s", [number]) == added
    assert {changed, added} <= set(answered(app)), "The app does not answer with what is there."


@pytest.mark.criterion("rows.outage")
def test_the_app_goes_on_after_an_outage(app, db, draw):
    text = post(app, draw)
    with db.outage():
        app.get("/notes").expect(503)
    assert text in answered(app), "The note is gone after the outage."


@pytest.mark.criterion("rows.restart")
def test_notes_survive_a_crash(app, compose, db, draw):
    text = post(app, draw)
    db.restart()
    assert text in answered(app), "The note is gone after a crash of PostgreSQL."
    compose.down_up()
    assert text in db.column("notes", "text"), "The note is gone after a new project."
