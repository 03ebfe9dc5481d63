"""A volume that cannot be written: errors that say so, and no loss."""

import pytest

REQUESTS = 200
"""A log that is there already takes some notes more."""


def check_read(app, notes, kept, when):
    """Reading works, or is answered 503 in JSON; a note that is shown is the right one."""
    for one in kept:
        reply = app.get(f"/notes/{one['id']}")
        if reply.status not in {200, 503}:
            reply.fail(f"{when} reading is answered 200, or 503; this was {reply.status}.")
        if reply.status == 503:
            notes.error(reply)
        elif reply.json(dict).get("title") != one["title"]:
            reply.fail(f"{when} a note is another one than before.")
    app.get("/health").expect(200)


@pytest.mark.criterion("volume.full")
def test_full(app, notes, draw, started_again):
    """Writes are answered 503, or kept; afterwards the app goes on by itself."""
    with started_again():
        write_until_full(app, notes, draw)


def write_until_full(app, notes, draw):
    """Fill the volume, write until nothing more fits, and see that nothing is lost."""
    notebook = notes.notebook()
    kept = [notes.note(notebook, body=notes.word()) for _ in range(3)]
    notes.check_kept(kept, "Right after they were made,")
    text = draw.text(1000) * 20
    refused = None
    with app.volume("/data").full():
        for _ in range(REQUESTS):
            title = notes.name()
            reply = app.post("/notes", json={"notebook": notebook, "title": title, "body": text})
            if reply.status == 503:
                refused = title
                notes.error(reply)
                break
            made = reply.expect(201, 503).json(dict)
            kept.append({"id": made.get("id"), "title": title, "body": text})
        assert refused, (
            f"The volume is full, and {REQUESTS} notes of 20,000 characters were answered 201: "
            "they are kept elsewhere."
        )
        name = notes.name()
        body = {"name": name, "notes": [{"title": refused, "body": text}] * 60}
        imported = app.post("/import", json=body)
        if imported.status != 503:
            imported.fail(f"The volume is full: 503 was expected, not {imported.status}.")
        notes.error(imported)
        check_read(app, notes, kept, "While the volume is full,")
    reply = app.post("/notes", json={"notebook": notebook, "title": notes.name()})
    if reply.status != 201:
        reply.fail(
            f"There is space again, and the next note was answered {reply.status}: the app has to "
            "go on without a restart."
        )
    notes.check_kept(kept, "After the volume was full,")
    assert notes.page(q=refused) == ([], 0), "A note is there that was answered 503."
    assert name not in notes.notebooks(), "A notebook is there that was answered 503."


@pytest.mark.criterion("volume.read_only")
def test_read_only(app, notes):
    """The app starts, refuses what writes, and has lost nothing when it can write again."""
    notebook = notes.notebook()
    kept = [notes.note(notebook, body=notes.word()) for _ in range(3)]
    notes.check_kept(kept, "Right after they were made,")
    title = notes.name()
    with app.volume("/data").read_only():
        for reply in (
            app.post("/notes", json={"notebook": notebook, "title": title}),
            app.post("/notebooks", json={"name": title}),
            app.put(f"/notes/{kept[0]['id']}", json={"title": title}),
            app.delete(f"/notes/{kept[1]['id']}"),
        ):
            if reply.status != 503:
                reply.fail(f"The volume is read-only: 503 was expected, not {reply.status}.")
            notes.error(reply)
        check_read(app, notes, kept, "While the volume is read-only,")
    kept.append(notes.note(notebook))
    notes.check_kept(kept, "After the volume was read-only,")
    assert notes.page(q=title) == ([], 0), "A note is there that was answered 503."
