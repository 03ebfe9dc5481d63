"""Create, read, list."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

ISO_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:00)")


def is_id(value):
    """Whether `value` is a JSON integer from 1; True is none."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


@pytest.mark.criterion("create.works")
def test_a_new_todo_can_be_found(todos, draw):
    """Whatever POST answers with, the todo is there under its id, and another one is not it."""
    first, second = todos.make(description=draw.sentence()), todos.make()
    assert first["id"] != second["id"], "Two todos have the same id."
    for todo in (first, second):
        assert todos.read(todo["id"])["title"] == todo["title"], (
            "GET /todos/{id} of a new todo does not answer with the title that was sent."
        )


@pytest.mark.criterion("create.body")
def test_a_new_todo_has_defaults(todos):
    """Whatever is not sent has its default in the answer."""
    todo = todos.post().json(dict)
    assert is_id(todo["id"]), "The id has to be a positive integer."
    assert todo["description"] == "", "A new todo's description is an empty text by default."
    assert todo["done"] is False, "A new todo starts with done set to false."
    assert todo["due_date"] is None, "A new todo's due_date is null by default."
    assert isinstance(todo["created_at"], str), "A new todo has its created_at, a text."


@pytest.mark.criterion("create.body")
def test_a_new_todo_has_what_was_sent(todos, draw):
    """Whatever is sent stands in the answer, a day that is past as well."""
    sent = {"title": todos.title(), "description": draw.sentence(), "done": True,
            "due_date": f"{draw.integer(1975, 2020)}-03-09"}  # fmt: skip
    todo = todos.post(**sent).json(dict)
    for name in ("title", "description", "due_date"):
        assert todo[name], f"A {name} was sent, but the answer has none."
    assert todo["title"] == sent["title"], "The title is not the one that was sent."
    assert todo["description"] == sent["description"], "The description is not the one sent."
    assert todo["done"] is True, "It was sent with done set to true."


@pytest.mark.criterion("create.status")
def test_creating_answers_201(app, todos):
    """POST answers 201, not 200."""
    app.post("/todos", json={"title": todos.title()}).expect(201)


@pytest.mark.criterion("create.location")
def test_location_leads_to_the_new_todo(app, todos):
    """The Location header is the path, or the URL, of the new todo."""
    reply = todos.post()
    location = reply.headers.get("Location", "")
    if not location:
        reply.fail("The answer to POST /todos has no Location header.")
    parts = urlsplit(location)
    if parts.netloc and not (parts.scheme == "http" and app.is_own(parts.netloc)):
        reply.fail(
            "Location has to be a path, or a URL with the host and port that were asked for; it is "
            f"{location[:200]!r}."
        )
    todo_id = reply.json(dict, labelled=False)["id"]
    if parts.path != f"/todos/{todo_id}":
        reply.fail(f"Location should lead to /todos/{todo_id}, but is {location[:200]!r}.")


@pytest.mark.criterion("create.location")
def test_location_has_the_host_that_was_asked_for(app, todos, draw):
    """A URL has the port that the app is published at, which the app learns from `Host` alone."""
    host = f"localhost:{draw.integer(5001, 9999)}"
    reply = app.post("/todos", json={"title": todos.title()}, headers={"Host": host})
    parts = urlsplit(reply.headers.get("Location", ""))
    if 200 <= reply.status < 300 and parts.netloc not in {"", host}:
        reply.fail(
            f"It was asked for at {host} (see the header Host), as where Docker publishes the app "
            f"at that port, but Location leads to {parts.netloc[:100]}: answer with the path only, "
            "or let Flask make the URL."
        )


@pytest.mark.criterion("create.dates")
def test_due_date_is_iso(app, todos, draw):
    """A due date comes back as YYYY-MM-DD, from every route that sets it and reads it."""
    made = {}
    for due, why in draw.sample(draw.edge_dates()[:5], 2) + draw.edge_dates()[5:6]:
        todo = todos.post(due_date=due).json(dict)
        said = f"due_date was sent as {due} ({why}); it has to come back like that"
        assert todo["due_date"] == due, f"{said}."
        made[todo["id"]] = due, said
    listed = todos.listed()
    for todo_id, (due, said) in made.items():
        shown = listed.get(todo_id, {}).get("due_date", due)
        assert shown == due, f"{said}, in the list too."
    todo_id, (due, said) = made.popitem()
    assert todos.read(todo_id)["due_date"] == due, f"{said}; GET answers something else."
    path = f"/todos/{todo_id}"
    for send, method in ((app.put, "PUT"), (app.patch, "PATCH")):
        due, why = draw.choice(draw.edge_dates())
        reply = send(path, json={"title": todos.title(), "due_date": due})
        if reply.status != 200:
            continue  # updates have criteria of their own
        assert reply.json(dict)["due_date"] == due, (
            f"{method} set due_date to {due} ({why}); it has to come back like that."
        )


@pytest.mark.criterion("create.dates")
def test_created_at_is_now_in_utc(todos):
    """created_at is the time of creation, ISO 8601 in UTC, and the same on each reading."""
    todo = todos.read(todos.make()["id"])
    text = todo["created_at"]
    assert isinstance(text, str), "created_at has to be a text."
    form = "created_at has to look like 2030-01-15T09:30:00Z (or +00:00 in place of Z)."
    assert ISO_UTC.fullmatch(text), form
    try:
        created = datetime.fromisoformat(text)
    except ValueError:
        created = None
    assert created, form
    off = abs(datetime.now(UTC) - created)
    assert off < timedelta(minutes=10), (
        "created_at is not the time at which it was created, in UTC."
    )
    assert todos.read(todo["id"])["created_at"] == text, "created_at has changed on the next GET."


@pytest.mark.criterion("read.one")
def test_a_todo_is_read_back(todos, draw):
    """GET answers with the todo as it was sent, and not with its neighbour."""
    sent = {"title": todos.title(), "description": draw.sentence(), "done": True,
            "due_date": "2031-05-17"}  # fmt: skip
    todo = todos.make(**sent)
    todos.make()
    read = todos.read(todo["id"])
    assert read["id"] == todo["id"], "GET answers with a todo of another id."
    for name in ("title", "description", "done"):
        assert read[name] == sent[name], f"GET answers with another {name} than was sent."
    for name in ("due_date", "created_at"):
        assert read[name], f"GET answers without the {name}."


@pytest.mark.criterion("read.one")
def test_a_todo_is_read_as_it_was_sent(todos):
    """Blanks, signs, accents and line breaks of title and description stay as they are."""
    stock = {one.number: one for one in todos.stocked()}
    listed = todos.listed()
    found = [(listed[number], one) for number, one in stock.items() if number in listed]
    if len(found) < len(stock):  # the list has a criterion of its own
        found = [(todos.read(one.number), one) for one in stock.values()]
    made = found[-1][1]
    for todo, one in (*found, (todos.read(made.number), made)):
        for name in ("title", "description"):
            assert todo.get(name) == one.fields[name], (
                f"GET answers with another {name} than was sent. It has {one.why[name]}, and was "
                f"sent as {one.fields[name]!r}."
            )


@pytest.mark.criterion("read.one")
def test_an_unknown_todo_is_404(app, todos, draw, unknown_ids):
    """An id that no todo has is answered with 404, also one that is no number."""
    for part, why in unknown_ids(draw, todos.make()["id"]):
        reply = app.get(f"/todos/{part}")
        if reply.status != 404:
            reply.fail(f"No todo has this id ({why}), so 404 is the answer, not {reply.status}.")


@pytest.mark.criterion("list.shape")
def test_the_list_is_one_object(todos, draw, fields_of):
    """The list is an object with items, page, per_page and total, and holds a new todo."""
    before = todos.page()
    todo = todos.make(done=True)
    after = todos.page(per_page=100, sort="title", limit=1, **{draw.word(): draw.word()})
    assert after.number == 1, "Without ?page= it is page 1."
    assert after.total == before.total + 1, "total should be one more after one more todo."
    listed = next((item for item in after.items if item.get("title") == todo["title"]), None)
    assert listed, "The list does not show a new todo. (Other parameters of a query are ignored.)"
    for name in ("title", "description", "done", "due_date", "created_at"):
        assert all(name in item for item in after.items), f"The items of the list lack {name}."
    assert fields_of(todos.read(todo["id"])) == fields_of(listed), (
        "The list shows a todo with other values than GET /todos/{id} does."
    )
