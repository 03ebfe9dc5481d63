"""What is saved stays."""

import pytest


@pytest.mark.criterion("data.down_up")
def test_notes_survive_down_and_up(app, compose, db, draw):
    text = draw.sentence()
    app.form("/", {"text": text})
    assert db.find(text), "The note is not in the database, so it cannot survive."
    compose.down_up()  # `docker compose down` without -v, then `up`
    app.page("/").expect(text)
