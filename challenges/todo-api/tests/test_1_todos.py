"""Create, read, list, replace, change, delete."""

import re
from datetime import UTC, datetime, timedelta

import pytest

ISO_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:00)")


@pytest.mark.criterion("create.body")
def test_a_new_todo_has_defaults(todos):
    """Whatever is not sent has its default in the answer."""
    todo = todos.make()
    assert todo["id"] > 0, "The id has to be a positive integer."
    assert todo["description"] == "", "A new todo's description is an empty text by default."
    assert todo["done"] is False, "A new todo starts with done set to false."
    assert todo["due_date"] is None, "A new todo's due_date is null by default."


@pytest.mark.criterion("create.body")
def test_a_new_todo_has_what_was_sent(todos, draw):
    """Whatever is sent stands in the answer, and every todo has its own id."""
    description = draw.sentence()
    first = todos.make(description=description, done=True)
    assert first["description"] == description, "The description is not the one that was sent."
    assert first["done"] is True, "It was sent with done set to true."
    assert todos.make()["id"] != first["id"], "Two todos have the same id."


@pytest.mark.criterion("create.status")
def test_creating_answers_201(app, todos):
    """POST answers 201, not 200."""
    reply = app.post("/todos", json={"title": todos.title()}).expect(201)
    assert "title" in reply.json(dict), "The answer has to be the new todo."


@pytest.mark.criterion("create.location")
def test_location_leads_to_the_new_todo(app, todos):
    """The Location header is the path, or the URL, of the new todo."""
    reply = app.post("/todos", json={"title": todos.title()})
    todo_id = reply.json(dict)["id"]
    location = reply.headers.get("Location", "")
    assert location, "The answer to POST /todos has no Location header."
    path = re.sub(r"^https?://[^/]*", "", location)
    assert path == f"/todos/{todo_id}", (
        f"Location should lead to /todos/{todo_id}, but is {location[:200]!r}."
    )


@pytest.mark.criterion("create.dates")
def test_due_date_is_iso(todos, draw):
    """A due date comes back as YYYY-MM-DD, at once and later."""
    year, month, day = draw.integer(2030, 2060), draw.integer(1, 12), draw.integer(1, 28)
    due = f"{year}-{month:02}-{day:02}"
    todo = todos.make(due_date=due)
    assert todo["due_date"] == due, f"due_date was sent as {due}; it has to come back like that."
    later = todos.read(todo["id"])
    assert later["due_date"] == due, f"due_date was sent as {due}; GET answers something else."


@pytest.mark.criterion("create.dates")
def test_created_at_is_now_in_utc(todos):
    """created_at is the time of creation, ISO 8601 in UTC, and the same on each reading."""
    todo = todos.make()
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
    description = draw.sentence()
    todo = todos.make(description=description, done=True)
    todos.make()
    read = todos.read(todo["id"])
    assert read["id"] == todo["id"], "GET answers with a todo of another id."
    assert read["title"] == todo["title"], "GET answers with another title than was sent."
    assert read["description"] == description, "GET answers with another description."
    assert read["done"] is True, "It was created with done set to true; GET says otherwise."


@pytest.mark.criterion("read.one")
def test_an_unknown_todo_is_404(app, todos, draw):
    """An id that no todo has is answered with 404."""
    todo = todos.make()
    unknown = todo["id"] + draw.integer(10**6, 10**7)
    app.get(f"/todos/{unknown}").expect(404)


@pytest.mark.criterion("list.shape")
def test_the_list_is_one_object(todos):
    """The list is an object with items, page, per_page and total, and holds a new todo."""
    before = todos.page()
    todo = todos.make()
    after = todos.page()
    assert after.number == 1, "Without ?page= it is page 1."
    assert after.total == before.total + 1, "total should be one more after one more todo."
    titles = [item.get("title") for item in todos.page(per_page=100).items]
    assert todo["title"] in titles, "The list does not show a new todo."


@pytest.mark.criterion("update.put")
def test_put_replaces_everything(app, todos, draw):
    """PUT sets what it names and takes the rest back to its defaults; it answers the result."""
    todo = todos.make(description=draw.sentence(), done=True, due_date="2031-05-17")
    title = todos.title()
    answered = app.put(f"/todos/{todo['id']}", json={"title": title}).expect(200).json(dict)
    for where, now in (("PUT", answered), ("the next GET", todos.read(todo["id"]))):
        assert now["id"] == todo["id"], f"{where} answers with another id."
        assert now["title"] == title, f"{where} does not answer with the new title."
        assert now["description"] == "", f"PUT named no description; {where} has to answer with ''."
        assert now["done"] is False, f"PUT named no done; {where} has to answer with false."
        assert now["due_date"] is None, f"PUT named no due_date; {where} has to answer with null."


@pytest.mark.criterion("update.put")
def test_put_changes_one_todo_only(app, todos):
    """PUT leaves the other todos alone, and answers 404 where there is none."""
    other, todo = todos.make(), todos.make()
    app.put(f"/todos/{todo['id']}", json={"title": todos.title()}).expect(200)
    same = todos.read(other["id"])["title"] == other["title"]
    assert same, "PUT on one todo has changed another."
    app.put(f"/todos/{todo['id'] + 10**7}", json={"title": todos.title()}).expect(404)


@pytest.mark.criterion("update.patch")
def test_patch_keeps_the_rest(app, todos, draw):
    """PATCH sets what it names and keeps the rest; it answers with the result."""
    description = draw.sentence()
    todo = todos.make(description=description)
    answered = app.patch(f"/todos/{todo['id']}", json={"done": True}).expect(200).json(dict)
    for where, now in (("PATCH", answered), ("the next GET", todos.read(todo["id"]))):
        assert now["done"] is True, f"PATCH set done to true; {where} does not say so."
        assert now["title"] == todo["title"], f"PATCH named no title; {where} has another one."
        kept = now["description"] == description
        assert kept, f"PATCH named no description; {where} has another one."


@pytest.mark.criterion("update.patch")
def test_patch_can_take_values_back(app, todos, draw):
    """False, null and the empty text are values like any other."""
    todo = todos.make(description=draw.sentence(), done=True, due_date="2031-05-17")
    values = {"done": False, "due_date": None, "description": ""}
    app.patch(f"/todos/{todo['id']}", json=values).expect(200)
    now = todos.read(todo["id"])
    for name, value in values.items():
        assert now[name] == value, f"PATCH set {name} to {value!r}; the next GET does not say so."
    assert now["title"] == todo["title"], "PATCH named no title; the next GET has another one."


@pytest.mark.criterion("delete.gone")
def test_a_deleted_todo_is_gone(app, todos):
    """DELETE answers 204 with no body; after it the id is unknown to every method."""
    keeper, todo = todos.make(), todos.make()
    reply = app.delete(f"/todos/{todo['id']}").expect(204)
    assert reply.body == b"", "An answer of status 204 has no body."
    app.get(f"/todos/{todo['id']}").expect(404)
    app.delete(f"/todos/{todo['id']}").expect(404)
    listed = app.get("/todos").expect(200).text
    assert todo["title"] not in listed, "The list still shows the deleted todo."
    assert todos.read(keeper["id"])["title"] == keeper["title"], "DELETE took another todo too."


@pytest.mark.criterion("verbs.safe")
def test_get_changes_nothing(app, todos):
    """Reading the list and a todo, twice each, gives the same both times."""
    todo = todos.make()
    path = f"/todos/{todo['id']}"
    listed = app.get("/todos").expect(200).json()
    first, second = app.get(path).expect(200).json(), app.get(path).expect(200).json()
    assert second == first, "A GET has changed the todo: the next one answers something else."
    again = app.get("/todos").expect(200).json()
    assert again == listed, "A GET has changed the list: the next one answers something else."


@pytest.mark.criterion("verbs.safe")
def test_repeating_put_and_patch_is_harmless(app, todos, draw):
    """The second of two equal requests answers like the first, though it changes nothing."""
    todo = todos.make()
    whole = {"title": todos.title(), "description": draw.sentence(), "done": True}
    for send, body in ((app.put, whole), (app.patch, {"done": True})):
        first = send(f"/todos/{todo['id']}", json=body).expect(200).json(dict)
        again = send(f"/todos/{todo['id']}", json=body).expect(200).json(dict)
        for name in ("id", "title", "description", "done"):
            assert again[name] == first[name], f"Sent twice, it answers with another {name}."
