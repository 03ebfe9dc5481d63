"""What is in MySQL, and what happens without it. The outage comes last."""

import json

import pytest

INTERNALS = (
    "Traceback (most recent call last)",
    "site-packages",
    "pymysql.err",
    "sqlalchemy.exc",
    "mysql.connector",
    "Can't connect to MySQL server on",
)


@pytest.mark.criterion("db.committed")
def test_a_new_todo_is_in_mysql(todos, db, draw):
    """Once POST has answered, another connection sees title and description."""
    description = f"{draw.sentence()} {todos.tag()}"
    todo = todos.make(description=description)
    missing = "The todo was answered, but no table of the database holds its {}."
    assert db.find(todo["title"]), missing.format("title")
    assert db.find(description), missing.format("description")


@pytest.mark.criterion("db.unicode")
def test_any_script_is_stored(app, todos, db, draw):
    """Letters of any script and emoji, sent as plain UTF-8, are answered and stored unchanged."""
    title = f"{draw.unicode().strip()[:60]} {todos.tag()} \N{SHRIMP}"
    body = json.dumps({"title": title}, ensure_ascii=False).encode()
    reply = app.post("/todos", body=body, headers={"Content-Type": "application/json"})
    if not 200 <= reply.status < 300:
        reply.fail(f"A title in several scripts is valid, but was answered with {reply.status}.")
    todo = reply.json(dict)
    assert todo["title"] == title, "The title was changed on its way."
    assert todos.read(todo["id"])["title"] == title, "The title was changed when it was stored."
    assert db.find(title), "The title is stored in MySQL, but not as the text that was sent."


@pytest.mark.criterion("db.outage")
def test_an_outage_is_answered_and_survived(app, db, todos, error_of):
    """While MySQL is away requests are answered with 503; once it is back all is well again."""
    todo = todos.make()
    with db.outage():
        for reply in (app.get(f"/todos/{todo['id']}"), app.post("/todos", json={"title": "x"})):
            error_of(reply, 503)
            leak = next((text for text in INTERNALS if text in reply.text), None)
            assert leak is None, (
                f"An error has to keep internals to itself; this one shows {leak!r}."
            )
    later = todos.make()
    read = todos.read(later["id"])
    assert read["title"] == later["title"], "After the outage it answers with another title."
