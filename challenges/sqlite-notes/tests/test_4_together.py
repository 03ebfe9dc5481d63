"""Many notes at once, and many clients at once."""

import pytest

WRITERS = 20
NOTES = 60


@pytest.mark.criterion("import.works")
def test_import(app, notes, draw):
    """A notebook with its notes, in their order, and an empty one."""
    count = draw.integer(31, 60)
    name, reply = notes.imported(count)
    made = reply.expect(201).json(dict)
    if made.get("name") != name or made.get("notes") != count:
        reply.fail(f"The answer has to be the notebook, with its name and {count} notes.")
    listed = notes.notebooks().get(name)
    assert listed == made, "GET /notebooks has to list the imported notebook as it was answered."
    wanted = [f"{name} {number}" for number in range(count)][::-1]
    assert notes.titles(made["id"]) == wanted, (
        "The notes of an import are made in the order of the list, so the last one is the newest."
    )
    empty = app.post("/import", json={"name": notes.name(), "notes": []}).expect(201)
    if empty.json(dict).get("notes") != 0:
        empty.fail("An import without notes makes an empty notebook.")
    most = [{"title": f"{number}", "body": name} for number in range(500)]
    largest = app.post("/import", json={"name": notes.name(), "notes": most}).expect(201)
    if largest.json(dict).get("notes") != 500:
        largest.fail("500 notes may be imported at once.")
    over = app.post("/import", json={"name": notes.name(), "notes": [*most, {"title": "501"}]})
    if over.status != 400:
        over.fail(f"More than 500 notes are refused with 400; this was {over.status}.")


@pytest.mark.criterion("writers.at_once")
def test_writers(app, notes):
    """Imports, notes and reads at the same moment: each is answered as if it were alone."""
    notebook = notes.notebook()
    clients = [app.session() for _ in range(WRITERS)]

    def write(number, client):
        """Import a notebook, or write six notes, and read in between."""
        if number % 2:
            name, reply = notes.imported(NOTES, client)
            return [(name, reply)]
        found = []
        for _ in range(6):
            title = notes.name()
            body = {"notebook": notebook, "title": title, "body": title}
            found.append((title, client.post("/notes", json=body)))
            found.append(("", client.get("/notes", params={"notebook": notebook, "limit": 5})))
        return found

    made = app.together([lambda one=one: write(*one) for one in enumerate(clients)])
    for title, reply in (one for each in made for one in each):
        wanted = 201 if title else 200
        if reply.status != wanted:
            reply.fail(
                f"{WRITERS} clients write at the same moment, and this request was answered "
                f"{reply.status} instead of {wanted}: one that waits for another is no error."
            )
    books, titles = notes.notebooks(), set(notes.titles(notebook))
    for number, each in enumerate(made):
        for title, _ in each:
            if not title:
                continue
            there = books.get(title, {}).get("notes") == NOTES if number % 2 else title in titles
            assert there, "What was answered 201 to one of many clients is not there."
