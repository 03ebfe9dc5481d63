import pytest


def post(app, draw):
    """The text of a new note."""
    text = draw.sentence()
    app.post("/notes", json={"text": text}).expect(201)
    return text


@pytest.mark.criterion("rows.kept")
def test_a_note_is_kept(app, db, draw):
    assert db.find(post(app, draw)), "No table holds the note."


@pytest.mark.criterion("rows.read")
def test_the_table_holds_it(app, db, draw):
    text = post(app, draw)
    found = [row["text"] for row in db.rows("SELECT text FROM notes")]
    assert text in found, "The table notes does not hold the note."


@pytest.mark.criterion("rows.changed")
def test_a_change_is_answered(app, db, draw):
    text, changed = post(app, draw), draw.sentence()
    db.write("UPDATE notes SET text = %s WHERE text = %s", [changed, text])
    answered = app.get("/notes").expect(200).json(list)
    assert changed in answered, "The app does not answer with what is in the table."
