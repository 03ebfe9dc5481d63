"""What the app refuses, and how it says so."""

import json

import pytest

MAX_TITLE = 120
MAX_DESCRIPTION = 1000


def refuse(app, body, what):
    """POST `body`; it has to be answered with 400."""
    reply = app.post("/todos", json=body)
    if reply.status != 400:
        reply.fail(f"A todo with {what} has to be refused with 400; this was {reply.status}.")
    return reply


@pytest.mark.criterion("validation.title")
def test_a_bad_title_is_refused(app, draw):
    """The title is required, a text, not blank, and at most 120 characters long."""
    refuse(app, {"description": draw.sentence()}, "no title")
    refuse(app, {"title": None}, "the title null")
    refuse(app, {"title": draw.integer(1, 10**6)}, "a number for a title")
    refuse(app, {"title": ""}, "an empty title")
    refuse(app, {"title": " \t  "}, "only white space for a title")
    refuse(app, {"title": draw.choice("abcdefg") * (MAX_TITLE + 1)}, "a title of 121 characters")


@pytest.mark.criterion("validation.title")
def test_the_longest_title_is_accepted(todos, draw):
    """120 characters are allowed, also where each is more than one byte in UTF-8."""
    todos.make(title=draw.choice("éüñøß") * MAX_TITLE)


@pytest.mark.criterion("validation.types")
def test_wrong_values_are_refused(app, todos, draw):
    """The description is a text, done is true or false, due_date is a date or null."""
    wrong = {
        "description": [draw.integer(1, 99), "x" * (MAX_DESCRIPTION + 1)],
        "done": [1, draw.choice(["true", "yes", "on"]), None],
        "due_date": [20310517, draw.word(), "2031-02-30", "17/05/2031", True],
    }
    for name, values in wrong.items():
        for value in values:
            shown = json.dumps(value) if len(str(value)) < 40 else "a text of 1001 characters"
            refuse(app, {"title": todos.title(), name: value}, f"{name} set to {shown}")


@pytest.mark.criterion("validation.types")
def test_a_body_that_is_no_object_is_refused(app, todos):
    """A list, a text, a number and null are JSON, but no todo."""
    for body in ([{"title": todos.title()}], todos.title(), 7, None):
        reply = app.post(
            "/todos",
            body=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        if reply.status != 400:
            reply.fail(f"A body that is no object has to be refused; this was {reply.status}.")


@pytest.mark.criterion("validation.types")
def test_the_longest_description_is_accepted(todos, draw):
    """1000 characters are allowed."""
    description = draw.choice("éüñøß") * MAX_DESCRIPTION
    todo = todos.make(description=description)
    assert todo["description"] == description, "A description of 1000 characters was changed."


@pytest.mark.criterion("validation.unknown_fields")
def test_unknown_fields_are_refused(app, todos, draw):
    """A misspelt field, and those that only the app sets, are refused, not ignored."""
    todo = todos.make()
    refuse(app, {"title": todos.title(), todos.tag(): draw.word()}, "an unknown field")
    refuse(app, {"title": todos.title(), "id": todo["id"] + 10**7}, "an id")
    refuse(app, {"title": todos.title(), "created_at": "2001-01-01T00:00:00Z"}, "a created_at")


@pytest.mark.criterion("validation.updates")
def test_a_refused_update_changes_nothing(app, todos, draw):
    """PUT and PATCH follow the rules of POST, and take all of the body or nothing."""
    todo = todos.make(description=draw.sentence())
    path, title = f"/todos/{todo['id']}", todos.title()
    bodies = (
        (app.put, {"description": draw.sentence()}),
        (app.put, {"title": title, "done": "yes"}),
        (app.patch, {"title": "   "}),
        (app.patch, {"title": title, "due_date": "2031-02-30"}),
        (app.patch, {"description": draw.sentence(), "title": "x" * (MAX_TITLE + 1)}),
    )
    for send, body in bodies:
        send(path, json=body).expect(400)
        now = todos.read(todo["id"])
        for name in ("title", "description", "done", "due_date"):
            assert now[name] == todo[name], f"It was refused with 400, but has changed the {name}."


@pytest.mark.criterion("errors.json")
def test_errors_of_the_framework_are_json(app, draw, error_of):
    """Unknown path, unknown id, wrong method, malformed JSON, a form: all errors are alike."""
    error_of(app.get(f"/{draw.word()}/{draw.word()}"), 404)
    error_of(app.get(f"/todos/{draw.word()}"), 404)
    error_of(app.get(f"/todos/{draw.integer(10**8, 10**9)}"), 404)
    error_of(app.delete("/todos"))
    malformed = b'{"title": "' + draw.word().encode()
    reply = app.post("/todos", body=malformed, headers={"Content-Type": "application/json"})
    error_of(reply)
    error_of(app.post("/todos", data={"title": draw.word()}), 400, 415)


@pytest.mark.criterion("errors.fields")
def test_a_400_names_the_wrong_fields(app, todos, draw, error_of):
    """`fields` has an entry for each field that is wrong, and for no other."""
    cases = (
        ({"title": ""}, {"title"}),
        ({"description": draw.sentence()}, {"title"}),
        ({"title": todos.title(), "done": "yes"}, {"done"}),
        (
            {"title": "", "description": draw.word(), "due_date": draw.word()},
            {"title", "due_date"},
        ),
    )
    for body, wrong in cases:
        fields = error_of(app.post("/todos", json=body), 400)["fields"]
        assert isinstance(fields, dict), "fields has to be an object."
        listed = " and ".join(sorted(wrong))
        assert set(fields) == wrong, f"Wrong is {listed}; fields has to name just that."
        for text in fields.values():
            good = isinstance(text, str) and text.strip()
            assert good, "fields has a sentence for each field that is wrong."
