"""Notebooks, notes, lists and search, as a client sees them."""

from itertools import zip_longest

import pytest

MAX_NAME, MAX_TITLE, MAX_BODY = 80, 120, 20_000


def location_of(reply, path):
    """Fail unless Location is the path or the URL of the new resource."""
    given = reply.headers.get("Location", "")
    if not given.rstrip("/").endswith(path):
        reply.fail(f"Location has to be {path} or its URL; it is {given[:100]!r}.")


@pytest.mark.criterion("notebook.create")
def test_notebook(app, notes, moment_of):
    """POST answers with the notebook, and both ways of reading it agree."""
    name = notes.name()
    reply = app.post("/notebooks", json={"name": name}).expect(201)
    made = reply.json(dict)
    moment_of(reply, made.get("created_at"), "created_at")
    if made.get("name") != name or made.get("notes") != 0:
        reply.fail("The answer has to hold the name as it was sent, and 0 notes.")
    number = made.get("id")
    location_of(reply, f"/notebooks/{number}")
    read = app.get(f"/notebooks/{number}")
    if read.expect(200).json(dict) != made:
        read.fail("GET has to answer with the same notebook as POST.")
    listed = notes.notebooks().get(name)
    assert listed == made, "GET /notebooks has to list the new notebook as POST answered it."
    notes.note(number)
    counted = app.get(f"/notebooks/{number}").expect(200)
    if counted.json(dict).get("notes") != 1:
        counted.fail("After a note was made in it, the notebook has to count 1 note.")


@pytest.mark.criterion("notebook.unique")
def test_the_same_name_again(app, notes):
    """By one client and by several at once; another case is another name."""
    name = notes.name()
    number = notes.notebook(name)
    again = app.post("/notebooks", json={"name": name})
    if again.status != 409:
        again.fail(f"The name {name!r} is taken: 409 was expected, not {again.status}.")
    notes.error(again)
    other = app.post("/notebooks", json={"name": name.swapcase()})
    if not 200 <= other.status < 300:
        other.fail("The name in another case is another name, and free.")
    new = notes.name()
    clients = [app.session() for _ in range(6)]
    replies = app.together(
        [lambda one=one: one.post("/notebooks", json={"name": new}) for one in clients]
    )
    # that one of them is not answered at all (503) has a criterion of its own
    statuses = sorted(one.status for one in replies if one.status != 503)
    if statuses[:1] >= [300] or not set(statuses[1:]) <= {409}:
        replies[0].fail(
            f"Of six requests for one name at the same moment, one is answered 201 and five 409; "
            f"these were {statuses}."
        )
    app.get(f"/notebooks/{number}").expect(200)


@pytest.mark.criterion("note.works")
def test_note_is_found(app, notes):
    """By its id, with its title; how POST answers has criteria of its own."""
    notebook = notes.notebook()
    made = [notes.note(notebook) for _ in range(2)]
    for one in made:
        read = app.get(f"/notes/{one['id']}").expect(200)
        value = read.json(dict)
        if (value.get("title"), value.get("notebook")) != (one["title"], notebook):
            read.fail("GET has to answer with the title and the notebook that were sent.")
    assert made[0]["id"] != made[1]["id"], "Two notes have the same id."


@pytest.mark.criterion("note.create")
def test_note(app, notes, draw, moment_of):
    """Whatever is allowed comes back as it was sent."""
    notebook = notes.notebook()
    sent = {"notebook": notebook, "title": notes.name(), "body": f"{draw.sentence()}\n\n"}
    reply = app.post("/notes", json=sent).expect(201)
    made = reply.json(dict)
    for field, value in sent.items():
        if made.get(field) != value:
            reply.fail(f"The answer has another {field} than was sent.")
    location_of(reply, f"/notes/{made.get('id')}")
    for field in ("created_at", "updated_at"):
        moment_of(reply, made.get(field), field)
    read = app.get(f"/notes/{made.get('id')}").expect(200)
    if read.json(dict) != made:
        read.fail("GET has to answer with the same note as POST.")
    plain = app.post("/notes", json={"notebook": notebook, "title": notes.name()}).expect(201)
    if plain.json(dict).get("body") != "":
        plain.fail('A note that is made without a body has the body "".')
    texts = draw.edge_texts(MAX_TITLE)
    for pair in zip_longest(texts[::2], texts[1::2], fillvalue=(draw.unicode(), "many scripts")):
        (title, why), (body, other) = pair
        answered = notes.note(notebook, title, body)
        stored = notes.read(answered["id"])
        assert stored.get("title") == title, f"A title with {why} was changed on its way."
        assert stored.get("body") == body, f"A body with {other} was changed on its way."


@pytest.mark.criterion("note.update")
def test_update(app, notes):
    """PUT replaces title and body; all else stays."""
    notebook = notes.notebook()
    made = notes.note(notebook, body=notes.word())
    before = notes.read(made["id"])
    beside = notes.note(notebook)
    title, body = notes.name(), notes.word()
    reply = app.put(f"/notes/{made['id']}", json={"title": title, "body": body}).expect(200)
    after = notes.read(made["id"])
    if reply.json(dict) != after:
        reply.fail("PUT has to answer with the note as GET gives it afterwards.")
    if (after.get("title"), after.get("body")) != (title, body):
        reply.fail("After PUT the note has to have the title and the body that were sent.")
    for field in ("id", "notebook", "created_at"):
        if after.get(field) != before.get(field):
            reply.fail(f"PUT must not change {field}.")
    if str(after.get("updated_at")) < str(before.get("updated_at")):
        reply.fail("updated_at has to be the time of the last change.")
    bare = app.put(f"/notes/{made['id']}", json={"title": title}).expect(200)
    if bare.json(dict).get("body") != "":
        bare.fail('PUT replaces the whole note: a body that is not sent becomes "".')
    notes.check_kept([beside], "After another note was changed,")
    app.put(f"/notes/{10**9}", json={"title": title}).expect(404)


@pytest.mark.criterion("note.delete")
def test_delete(app, notes):
    """One note goes, once."""
    notebook = notes.notebook()
    kept, going = notes.note(notebook), notes.note(notebook)
    path = f"/notes/{going['id']}"
    reply = app.delete(path).expect(204)
    if reply.body:
        reply.fail("A 204 has no body.")
    for again in (app.get(path), app.delete(path)):
        again.expect(404)
        notes.error(again)
    notes.check_kept([kept], "After another note was deleted,")
    assert notes.titles(notebook) == [kept["title"]], "The list still holds the deleted note."
    newer = notes.note(notebook)
    assert newer["id"] != going["id"], "The id of a deleted note must not be given out again."


@pytest.mark.criterion("list.pages")
def test_pages(app, notes, draw):
    """Newest first, within one notebook and in all; total counts without limit and offset."""
    count = draw.integer(23, 27)
    notebook, other = notes.notebook(), notes.notebook()
    made = [notes.note(notebook)["id"] for _ in range(count)][::-1]
    foreign = notes.note(other)["id"]
    limit, offset = draw.integer(3, 8), draw.integer(4, 9)
    for params, wanted in (
        ({}, made[:20]),
        ({"limit": 100}, made),
        ({"limit": limit, "offset": offset}, made[offset : offset + limit]),
        ({"offset": count - 2}, made[-2:]),
        ({"offset": count}, []),
    ):
        items, total = notes.page(notebook=notebook, **params)
        if [one["id"] for one in items] != wanted or total != count:
            app.get("/notes", params={"notebook": notebook, **params}).fail(
                f"Of {count} notes these are the ids of another page than the newest first, or "
                f"total is not {count}."
            )
    newest, _ = notes.page(limit=2)
    assert [one["id"] for one in newest] == [foreign, made[0]], (
        "Without a notebook the list has the newest notes of all notebooks first."
    )
    assert notes.page(notebook=10**9) == ([], 0), "A notebook that is not there has no notes."


@pytest.mark.criterion("search.text")
def test_search(notes, draw):
    """In title and body, in any case, as one text, also together with a notebook."""
    tag = notes.word()
    accents = draw.choice(["Überfähre", "Ñandú Éire", "Жёлтый Ключ", "Ωραία Δύναμη"])
    notebook, other = notes.notebook(), notes.notebook()
    in_title = notes.note(notebook, f"{accents} {tag}")["id"]
    in_body = notes.note(notebook, body=f"before\n{accents} {tag} after")["id"]
    elsewhere = notes.note(other, f"{accents} {tag}")["id"]
    notes.note(notebook, accents, tag)
    notes.note(notebook, f"{tag} {accents}")
    for query in (f"{accents} {tag}", f"{accents} {tag}".upper(), f"{accents} {tag}".lower()):
        items, total = notes.page(q=query)
        found = [one["id"] for one in items]
        assert found == [elsewhere, in_body, in_title], (
            f"?q={query} has to find the notes that hold this text in title or body, whatever the "
            f"case of its letters, newest first: {[elsewhere, in_body, in_title]}, not {found}."
        )
        assert total == 3, f"total has to be 3 for ?q={query}, not {total}."
    items, total = notes.page(q=tag, notebook=other)
    assert [one["id"] for one in items] == [elsewhere], "q and notebook have to work together."
    assert total == 1, "total counts what fits both q and notebook."
    assert notes.page(q="", notebook=notebook)[1] == 4, "An empty q finds everything."


@pytest.mark.criterion("search.literal")
def test_search_of_signs(app, notes, draw):
    """Signs with a meaning in LIKE, in SQL or in full-text search are only signs."""
    notebook = notes.notebook()
    tag = notes.word()
    for sign in ("%", "_", "\\", "'", '"', "*", "-", "OR 1=1 --"):
        held = notes.note(notebook, f"{tag} a{sign}b")["id"]
        notes.note(notebook, f"{tag} axb")
        items, _ = notes.page(q=f"a{sign}b", notebook=notebook, limit=100)
        found = [one["id"] for one in items]
        if found != [held]:
            app.get("/notes", params={"q": f"a{sign}b", "notebook": notebook}).fail(
                f"Only one note of the notebook holds a{sign}b; this finds {len(found)}."
            )
        app.delete(f"/notes/{held}")
    for text in draw.injections():
        items, _ = notes.page(q=text, notebook=notebook)
        assert not items, f"No note holds {text!r}, and the search finds some."
    made = notes.note(notebook, f"{tag}'); DROP TABLE notes; --")
    notes.check_kept([made], "After a note was made,")


@pytest.mark.criterion("input.refused")
def test_bodies(app, notes, draw):
    """What breaks a rule is refused with 400 in JSON, and changes nothing."""
    notebook = notes.notebook()
    made = notes.note(notebook, body="kept")
    letter = draw.choice("abcdefg")
    titles = [None, 7, True, ["a"], "", " \t", "\n\N{NO-BREAK SPACE}", letter * (MAX_TITLE + 1),
              "\N{SHRIMP}" * (MAX_TITLE + 1)]  # fmt: skip
    bodies = [None, 7, False, {"a": 1}, letter * (MAX_BODY + 1)]
    names = [None, 0, [], "", "   ", letter * (MAX_NAME + 1)]
    wrong = [
        *(("/notes", {"notebook": notebook, "title": one}) for one in titles),
        *(("/notes", {"notebook": notebook, "title": "a", "body": one}) for one in bodies),
        *(("/notes", {"notebook": one, "title": "a"}) for one in (None, "1", True, 0, -1, 1.5)),
        ("/notes", {"title": "a"}), ("/notes", {"notebook": notebook}),
        ("/notes", {"notebook": notebook, "title": "a", "id": 9}),
        *(("/notebooks", {"name": one}) for one in names), ("/notebooks", {}),
        ("/notebooks", {"name": notes.name(), "colour": "red"}),
        ("/notebooks", [1]),
    ]  # fmt: skip
    for path, body in wrong:
        refused(notes, app.post(path, json=body))
    path = f"/notes/{made['id']}"
    for body in ({"title": " "}, {"title": "a", "body": 7}, {"body": "a"}, {"title": "a", "no": 1}):
        refused(notes, app.put(path, json=body))
    typed = {"Content-Type": "application/json"}
    refused(notes, app.post("/notes", body=b'{"title": ', headers=typed))
    notes.check_kept([made], "After refused requests,")
    assert notes.page(notebook=notebook)[1] == 1, "What is refused must not be saved."


@pytest.mark.criterion("input.refused")
def test_the_longest_that_is_allowed(notes, draw):
    """Characters count, not bytes."""
    wide = draw.choice(["\N{SHRIMP}", "ж", "é", "字"])
    notebook = notes.notebook(notes.word()[:10] + wide * (MAX_NAME - 10))
    made = notes.note(notebook, wide * MAX_TITLE, wide * MAX_BODY)
    notes.check_kept([made], "Right after it was made,")


@pytest.mark.criterion("input.refused")
def test_parameters(app, notes):
    """Numbers of the query are plain digits, within their bounds."""
    bad = ["0", "-1", "101", "x", "1.0", "", "+1", "1e1", "9" * 20]
    for name, values in (
        ("limit", bad),
        ("offset", ["-1", "1000001", "x", "1.0", "", "9" * 20]),
        ("notebook", ["0", "-1", "x", "1.0", ""]),
    ):
        for value in values:
            refused(notes, app.get("/notes", params={name: value}))
    for name, value in (("limit", "1"), ("limit", "100"), ("offset", "0"), ("offset", "1000000")):
        app.get("/notes", params={name: value}).expect(200)


def refused(notes, reply):
    """Fail unless `reply` is a 400 in JSON."""
    if reply.status != 400:
        reply.fail(f"This breaks a rule of the brief: 400 was expected, not {reply.status}.")
    notes.error(reply)
