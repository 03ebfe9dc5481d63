import pytest


@pytest.mark.criterion("notes.kept")
def test_a_note_is_kept(app, db, draw):
    text = draw.sentence()
    app.post("/notes", json={"text": text}).expect(201)
    assert db.find(text), "The note is not in MySQL."
