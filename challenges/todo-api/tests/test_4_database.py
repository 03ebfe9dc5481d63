"""What is in MySQL, and what happens without it. The outage comes last."""

import json
import re

import pytest

AFTER = (
    "MySQL is back after the outage, and a request still fails. Connections of before are closed "
    "by then: check each one before it is used (a ping, pool_pre_ping), or open a new one."
)


@pytest.mark.criterion("db.committed")
def test_a_new_todo_is_in_mysql(app, todos, db, draw, elsewhere):
    """Once POST has answered, another connection sees title and description."""
    description = f"{draw.sentence()} {todos.tag()}"
    todo = todos.make(description=description)
    missing = "The todo was answered, but no text column of the database holds its {} as sent."
    for name, text in (("title", todo["title"]), ("description", description)):
        found = db.find(text)
        if not found and (where := elsewhere(text)):
            app.get(f"/todos/{todo['id']}").fail(missing.format(name) + where, hinted=False)
        assert found, missing.format(name)


@pytest.mark.criterion("db.committed")
def test_a_change_is_in_mysql(app, todos, db):
    """Once PUT or PATCH has answered, another connection sees the new title.

    The old one may stay elsewhere, in a table of changes, say.
    """
    todo = todos.make()
    for send, method in ((app.put, "PUT"), (app.patch, "PATCH")):
        title = todos.title()
        if send(f"/todos/{todo['id']}", json={"title": title}).status != 200:
            continue  # updates have criteria of their own
        assert db.find(title), (
            f"{method} was answered, but no text column of the database holds the new title."
        )


@pytest.mark.criterion("update.patch")
def test_a_later_change_leaves_created_at(app, todos):
    """A todo is changed that was made long before: seconds matter for a column that follows."""
    for number in sorted(todos.listed())[:1]:
        before = todos.read(number)["created_at"]
        app.patch(f"/todos/{number}", json={"title": todos.title()}).expect(200)
        assert todos.read(number)["created_at"] == before, (
            "PATCH of a todo from seconds ago has changed its created_at, which nothing changes."
        )


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


@pytest.mark.criterion("db.unicode")
def test_a_text_is_stored_as_it_was_sent(todos, db):
    """Blanks, signs, accents and line breaks stand in the table as they were sent."""
    stock = todos.stock()
    for one in stock:
        if not one.number:
            one.reply.fail(
                f"This todo is valid, but POST /todos answered {one.reply.status}. The title has "
                f"{one.why['title']}, the description {one.why['description']}."
            )
    for one in stock[:5]:
        for name, text in one.fields.items():
            assert db.find(text), (
                f"A {name} is stored in MySQL, but not as the text that was sent: it has "
                f"{one.why[name]}."
            )


@pytest.mark.criterion("db.unicode")
def test_the_longest_texts_of_emoji_are_stored(todos, draw):
    """A limit is in characters: 120 emoji are a title, 1000 a description."""
    emoji = draw.choice("😀🎉🐍🚀")
    sent = {"title": emoji * 120, "description": emoji * 1000}
    now = todos.read(todos.make(**sent)["id"])
    for name, text in sent.items():
        assert now[name] == text, f"A {name} of {len(text)} emoji was changed or cut."


@pytest.mark.criterion("db.outage")
def test_an_outage_is_answered_and_survived(app, db, todos, error_of):
    """While MySQL is away requests are answered with 503; once it is back all is well again."""
    todo = todos.make()
    with db.outage():
        path, body = f"/todos/{todo['id']}", {"title": todos.title()}
        for method, target in (("GET", path), ("POST", "/todos"), ("GET", "/todos"),
                               ("PUT", path), ("PATCH", path), ("DELETE", path)):  # fmt: skip
            sent = None if method in {"GET", "DELETE"} else body
            reply = app.request(method, target, json=sent)
            error_of(reply, 503)
    try:
        later = todos.make()
        read = todos.read(later["id"])
    except AssertionError as error:
        if re.search(r"answered 5\d\d", str(error)):
            error.args = (f"{AFTER} {error}",)
        raise
    assert read["title"] == later["title"], "After the outage it answers with another title."
