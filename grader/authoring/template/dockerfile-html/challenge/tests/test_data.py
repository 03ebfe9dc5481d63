"""What is saved stays."""

import pytest


@pytest.mark.criterion("data.recreate")
def test_notes_survive_a_new_container(app, db, draw):
    text = draw.sentence()
    app.form("/", {"text": text})
    assert db.find(text), "The note is not in the database, so it cannot survive."
    app.recreate()  # the container is removed, and a new one started of the same image
    app.page("/").expect(text)
