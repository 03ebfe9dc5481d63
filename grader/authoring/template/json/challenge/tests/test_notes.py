"""The suite: plain pytest. Each test names the criterion that it examines.

Several tests may name one criterion; all of them must pass. The message of an assertion is what the
student reads, so write it for a student; the request and the answer are added to it. Everything
that a test relies on has to stand in the brief (README.md).
"""

import pytest


def save(app, text):
    """Save a note and give the answer, as a JSON object.

    Any 2xx will do here: the status has a criterion of its own (contract.routes), and one mistake
    should not cost everything that rests on it.
    """
    reply = app.post("/notes", json={"text": text})
    if not 200 <= reply.status < 300:
        reply.fail(f"This note is valid, but POST /notes answered {reply.status}.")
    return reply.json(dict)


@pytest.mark.criterion("note.order")
def test_the_newest_note_comes_first(app, draw):
    # `draw` gives random data of the run's seed: an answer that is written into an app cannot pass
    texts = [draw.sentence() for _ in range(3)]
    for text in texts:
        save(app, text)
    items = app.get("/notes").expect(200).json(dict)["items"]
    newest = [item.get("text") for item in items[:3]]
    assert newest == texts[::-1], "The note that was saved last has to come first, and so on."


@pytest.mark.criterion("note.unicode")
def test_every_script_comes_back(app, draw):
    text = draw.unicode()
    note = save(app, text)
    read = app.get(f"/notes/{note['id']}").expect(200).json(dict)
    assert read["text"] == text, f"The text was changed on its way; it was sent as: {text}"


@pytest.mark.criterion("db.stored")
def test_a_note_is_in_mysql(app, db, draw):
    # `db` is the grader's own connection: it sees what the app has committed, and nothing else
    text = draw.sentence()
    save(app, text)
    assert db.find(text), "The note was answered, but no table of the database holds its text."
