"""Replace, change, delete; and what reading leaves as it is."""

import json

import pytest


def lasting(todos, todo_id):
    """What no request may change of a todo: its id and the time of its creation."""
    now = todos.read(todo_id)
    return {name: now[name] for name in ("id", "created_at")}


@pytest.mark.criterion("update.put")
def test_put_replaces_everything(app, todos, draw):
    """PUT sets what it names and takes the rest back to its defaults; it answers the result."""
    todo = todos.make(description=draw.sentence(), done=True, due_date="2031-05-17")
    kept, title = lasting(todos, todo["id"]), todos.title()
    defaults = {"description": "", "done": False, "due_date": None}
    answered = app.put(f"/todos/{todo['id']}", json={"title": title}).expect(200).json(dict)
    for where, now in (("PUT", answered), ("the next GET", todos.read(todo["id"]))):
        for name, value in kept.items():
            assert now[name] == value, f"PUT has changed the {name}, which nothing changes."
        assert now["title"] == title, f"{where} does not answer with the new title."
        for name, value in defaults.items():
            default = json.dumps(value)
            assert now[name] == value, f"PUT named no {name}; {where} has to answer with {default}."


@pytest.mark.criterion("update.put")
def test_put_sets_every_field(app, todos, plain_pairs, fields_of):
    """Title, description and done become what was sent, to the letter; a date is set."""
    path = f"/todos/{todos.make()['id']}"
    for at, ((title, why), (description, other)) in enumerate(plain_pairs):
        sent = {"title": title, "description": description, "done": at % 2 == 0}
        now = app.put(path, json={**sent, "due_date": "2032-02-29"}).expect(200).json(dict)
        for name, value in sent.items():
            assert now[name] == value, (
                f"PUT does not answer with the {name} that it set. (The title has {why}, the "
                f"description {other}.)"
            )
        assert now["due_date"], "PUT set a due_date, but answers without one."
    read = app.get(path).expect(200).json(dict)
    assert fields_of(read) == fields_of(now), "The next GET answers otherwise than PUT."


AT_ONCE = 8


def read_at_once(app, path):
    """What several clients read at the same moment: several processes of the app answer them."""
    return app.together([lambda: app.get(path)] * AT_ONCE)


def changes_for_all(app, todos, send, method):
    """Fail unless each of several clients, who have read a todo before, reads what `send` made."""
    path = f"/todos/{todos.make()['id']}"
    read_at_once(app, path)
    title = todos.title()
    send(path, json={"title": title}).expect(200)
    for reply in read_at_once(app, path):
        if reply.status != 200 or reply.json(dict).get("title") != title:
            reply.fail(
                f"{method} has changed the title, but this GET of it answers otherwise. Does a "
                "process of the app remember what it has read before? Read each todo from MySQL."
            )


@pytest.mark.criterion("update.put")
def test_put_is_seen_by_all(app, todos):
    """Whichever of its processes the app answers with, it knows the todo as it is now."""
    changes_for_all(app, todos, app.put, "PUT")


@pytest.mark.criterion("update.patch")
def test_patch_is_seen_by_all(app, todos):
    """Whichever of its processes the app answers with, it knows the todo as it is now."""
    changes_for_all(app, todos, app.patch, "PATCH")


def refuses_unknown(draw, unknown_ids, todos, send):
    """Fail unless `send`, with a body that is right, gets 404 for ids of no todo."""
    todo = todos.make()
    for part, why in unknown_ids(draw, todo["id"], numbers=True):
        reply = send(f"/todos/{part}", json={"title": todos.title()})
        if reply.status != 404:
            reply.fail(f"No todo has this id ({why}), so 404 is the answer, not {reply.status}.")
    same = todos.read(todo["id"])["title"] == todo["title"]
    assert same, "A request for the id of no todo has changed another one."


@pytest.mark.criterion("update.put")
def test_put_changes_one_todo_only(app, todos, draw, unknown_ids):
    """PUT leaves the other todos alone, and answers 404 where there is none."""
    other, todo = todos.make(done=True), todos.make()
    app.put(f"/todos/{todo['id']}", json={"title": todos.title()}).expect(200)
    now = todos.read(other["id"])
    assert now["title"] == other["title"], "PUT on one todo has changed another."
    assert now["done"], "PUT on one todo has changed another."
    refuses_unknown(draw, unknown_ids, todos, app.put)


@pytest.mark.criterion("update.patch")
def test_patch_sets_texts_to_the_letter(app, todos, plain_pairs):
    """Title and description become what was sent, whatever is in them."""
    path = f"/todos/{todos.make()['id']}"
    for (title, why), (description, other) in plain_pairs:
        sent = {"title": title, "description": description}
        now = app.patch(path, json=sent).expect(200).json(dict)
        for name, value in sent.items():
            assert now[name] == value, (
                f"PATCH does not answer with the {name} that it set. (The title has {why}, the "
                f"description {other}.)"
            )


@pytest.mark.criterion("update.patch")
def test_patch_keeps_the_rest(app, todos, draw, fields_of):
    """PATCH sets what it names and keeps the rest, whichever field it is."""
    path = f"/todos/{todos.make(description=draw.sentence())['id']}"
    wanted = fields_of(app.get(path).expect(200).json(dict))
    due = {"due_date": f"20{draw.integer(31, 60)}-05-17"}
    texts = [{"title": todos.title()}, {"description": draw.sentence()}]
    for change in ({"done": True}, due, *texts, {"done": False}):
        now = app.patch(path, json=change).expect(200).json(dict)
        for name, value in change.items():
            same = now[name] == value or (name == "due_date" and now[name])
            assert same, f"PATCH does not answer with the {name} that it set."
            wanted[name] = now[name]
        for name, value in wanted.items():
            assert now.get(name) == value, (
                f"PATCH named {', '.join(change)} only, but the {name} is another one now."
            )
    read = fields_of(app.get(path).expect(200).json(dict))
    assert read == wanted, "The next GET answers otherwise than PATCH."


@pytest.mark.criterion("update.patch")
def test_patch_can_take_values_back(app, todos, draw):
    """False, null and the empty text are values like any other."""
    other = todos.make(done=True)
    todo = todos.make(description=draw.sentence(), done=True, due_date="2031-05-17")
    values = {"done": False, "due_date": None, "description": ""}
    app.patch(f"/todos/{todo['id']}", json=values).expect(200)
    now = todos.read(todo["id"])
    for name, value in values.items():
        assert now[name] == value, f"PATCH set {name} to {value!r}; the next GET does not say so."
    assert now["title"] == todo["title"], "PATCH named no title; the next GET has another one."
    assert todos.read(other["id"])["done"], "PATCH of one todo has changed another."


@pytest.mark.criterion("update.patch")
def test_patch_of_an_unknown_todo_is_404(app, todos, draw, unknown_ids):
    """PATCH answers 404 where there is no todo."""
    refuses_unknown(draw, unknown_ids, todos, app.patch)


@pytest.mark.criterion("delete.gone")
def test_a_deleted_todo_is_gone(app, todos):
    """DELETE answers 204 with no body; after it the id is unknown to every method."""
    keeper, todo = todos.make(), todos.make()
    path = f"/todos/{todo['id']}"
    reply = app.delete(path).expect(204)
    assert reply.body == b"", "An answer of status 204 has no body."
    body = {"title": todos.title()}
    for again in (
        app.get(path),
        app.put(path, json=body),
        app.patch(path, json=body),
        app.patch(path, json={"done": True}),
        app.delete(path),
    ):
        if again.status != 404:
            again.fail(f"The todo was deleted, so 404 is the answer; this was {again.status}.")
    for params, title in (({}, todo["title"]), ({"q": body["title"]}, body["title"])):
        listed = app.get("/todos", params=params).expect(200).text
        assert title not in listed, "The list still shows the deleted todo."
    assert todos.read(keeper["id"])["title"] == keeper["title"], "DELETE took another todo too."


@pytest.mark.criterion("delete.gone")
def test_a_deleted_todo_is_gone_for_all(app, todos):
    """Several clients have read it before, and each of them gets 404 after."""
    path = f"/todos/{todos.make()['id']}"
    read_at_once(app, path)
    app.delete(path).expect(204)
    for reply in read_at_once(app, path):
        if reply.status != 404:
            reply.fail(f"The todo was deleted, so 404 is the answer; this was {reply.status}.")


@pytest.mark.criterion("delete.gone")
def test_deleting_an_unknown_todo_is_404(app, todos, draw, unknown_ids):
    """DELETE answers 404 where there is no todo, and takes no other one."""
    todo = todos.make()
    for part, why in unknown_ids(draw, todo["id"], numbers=True):
        reply = app.delete(f"/todos/{part}")
        if reply.status != 404:
            reply.fail(f"No todo has this id ({why}), so 404 is the answer, not {reply.status}.")
    todos.read(todo["id"])


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
    late = {done: todos.make(due_date="2001-01-31", done=done)["id"] for done in (False, True)}
    shown = {done: todos.listed().get(late[done], {}).get("done", done) for done in late}
    for seen in (shown, {done: todos.read(late[done])["done"] for done in late}):
        # what POST made of True has a criterion of its own
        assert seen == {False: False, True: shown[True]}, (
            "Reading a todo that is overdue has changed whether it is done."
        )


@pytest.mark.criterion("verbs.safe")
def test_repeating_put_and_patch_is_harmless(app, todos, draw):
    """The second of two equal requests answers like the first, though it changes nothing."""
    todo = todos.make()
    whole = {"title": todos.title(), "description": draw.sentence(), "done": True}
    for send, body in ((app.put, whole), (app.patch, {"done": True})):
        first = send(f"/todos/{todo['id']}", json=body).expect(200).json(dict)
        again = send(f"/todos/{todo['id']}", json=body).expect(200).json(dict)
        for name in ("id", "title", "description", "done", "created_at"):
            assert again[name] == first[name], f"Sent twice, it answers with another {name}."
