import pytest


@pytest.mark.criterion("entry.create")
def test_an_entry_is_made(app):
    app.post("/entries", json={"text": "x"}).expect(201)
