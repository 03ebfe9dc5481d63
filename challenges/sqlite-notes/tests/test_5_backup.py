"""Backups that open, restores that bring them back, and files that are refused."""

import pytest

from grader.exam.faults import AppUnreachable, Mismatch
from grader.exam.sqlite_file import altered, opened

MEDIA_TYPES = {
    "application/vnd.sqlite3", "application/x-sqlite3", "application/octet-stream",
}  # fmt: skip
TYPED = {"Content-Type": "application/vnd.sqlite3"}
LARGEST = 8 << 20
ENDED = (
    "The app has ended the connection while a file of 8 MiB and one byte was sent, so that its "
    "answer is lost. Read the body up to there before you answer 413."
)


def column_of(database, text):
    """The table and column that hold `text`; fails where none does."""
    found = database.holding(text)
    if not found:
        database.fail("{} holds a note's title in no column as it was sent.")
    return found[0]


@pytest.mark.criterion("backup.opens")
def test_backup(notes):
    """A file that SQLite opens by itself, whole, with every note."""
    name = notes.name()
    notebook = notes.notebook(name)
    made = [notes.note(notebook, body=notes.word()) for _ in range(4)]
    reply = notes.backup()
    with opened({"": reply.body}, what="The backup", reply=reply) as database:
        database.check()
        texts = database.texts()
        for text in (name, *(one[field] for one in made for field in ("title", "body"))):
            if text not in texts:
                database.fail("{} lacks a name, title or body that was answered before.")


@pytest.mark.criterion("backup.headers")
def test_headers(notes):
    """What a browser goes by."""
    reply = notes.backup()
    if reply.media_type not in MEDIA_TYPES:
        reply.fail(
            "Content-Type of a backup is application/vnd.sqlite3 (application/x-sqlite3 or "
            f"application/octet-stream are fine), not {reply.media_type!r}."
        )
    disposition = reply.headers.get("Content-Disposition", "")
    if not disposition.lower().startswith("attachment") or "filename" not in disposition:
        reply.fail(
            "A backup has a Content-Disposition: attachment with a filename, so that a browser "
            "saves it."
        )


@pytest.mark.criterion("backup.consistent")
def test_backup_under_writes(app, notes):
    """Each import is in it as a whole or not at all."""
    name, first = notes.imported(80)
    first.expect(201)
    clients = [app.session() for _ in range(4)]
    others = []

    def write(client):
        others.extend(notes.imported(80, client)[0] for _ in range(4))

    reader = app.session()

    def read():
        return [reader.get("/backup", headers=notes.bearer).expect(200) for _ in range(4)]

    *_, backups = app.together([*(lambda one=one: write(one) for one in clients), read])
    for reply in backups:
        with opened({"": reply.body}, what="The backup", reply=reply) as database:
            database.check()
            table, column = column_of(database, f"{name} 0")
            at = database.columns(table).index(column)
            counts, texts = {}, database.texts()
            for row in database.rows(table):
                book, _, number = str(row[at]).rpartition(" ")
                if number.isdecimal() and int(number) < 80:
                    counts[book] = counts.get(book, 0) + 1
            if counts.get(name) != 80 or name not in texts:
                database.fail("{} lacks an import that was answered before, or a part of it.")
            for other in others:
                if counts.get(other, 80) != 80 or (other in counts and other not in texts):
                    database.fail(
                        f"{{}} was taken while others wrote, and has {counts.get(other, 0)} of the "
                        "80 notes of an import: it has to be there as a whole or not at all."
                    )


@pytest.mark.criterion("backup.token")
def test_token(app, notes, draw, secrets):
    """Without it, or with another one, both routes answer 401, and nothing is restored."""
    token = secrets["BACKUP_TOKEN"]
    wrong = [
        {}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {draw.word(32)}"},
        {"Authorization": f"Bearer {token[:-1]}"}, {"Authorization": f"Bearer {token}x"},
        {"Authorization": "Bearer None"}, {"Authorization": f"Basic {token}"},
    ]  # fmt: skip
    for headers in wrong:
        for reply in (
            app.get("/backup", headers=headers),
            app.post("/restore", body=b"x" * 64, headers=headers | TYPED),
        ):
            if reply.status != 401:
                reply.fail(
                    f"Without the token of the environment 401 is expected, not {reply.status}."
                )
            notes.error(reply)
    reply = app.get("/backup", headers=notes.bearer)
    if reply.status == 401:
        reply.fail("With the token of the environment, GET /backup has to give a backup.")


@pytest.mark.criterion("restore.works")
def test_restore(app, notes):
    """What was there at the backup is there again, as it was, and nothing else."""
    name = notes.name()
    notebook = notes.notebook(name)
    kept = [notes.note(notebook, body=notes.word()) for _ in range(3)]
    before = [notes.read(one["id"]) for one in kept]
    content = notes.backup().body
    later, other = notes.note(notebook), notes.notebook(notes.name())
    app.delete(f"/notes/{kept[0]['id']}").expect(204)
    app.put(f"/notes/{kept[1]['id']}", json={"title": notes.name()}).expect(200)
    reply = notes.restore(content).expect(200)
    counted = reply.json(dict)
    assert [notes.read(one["id"]) for one in kept] == before, (
        "After a restore the notes have to be as they were at the backup, ids and times included."
    )
    for path in (f"/notes/{later['id']}", f"/notebooks/{other}"):
        gone = app.get(path)
        if gone.status != 404:
            gone.fail("After a restore, what was made after the backup is gone: 404.")
    books = notes.notebooks()
    total = notes.page()[1]
    there = len(app.get("/notebooks").expect(200).json(dict)["items"])
    if (counted.get("notebooks"), counted.get("notes")) != (there, total):
        reply.fail(
            f'The answer has to be {{"notebooks": {there}, "notes": {total}}}, what there is now.'
        )
    assert name in books, "After a restore a notebook of the backup is not there."
    notes.check_kept([notes.note(notebook)], "After a restore, right after it was made,")


@pytest.mark.criterion("restore.refused")
def test_what_is_no_database(notes, draw):
    """Text, nothing, half a file, a torn page: 400, and all is as before."""
    notebook = notes.notebook()
    notes.imported(60)[1].expect(201)
    content = notes.backup().body
    kept = [notes.note(notebook, body=notes.word()) for _ in range(2)]
    page = int.from_bytes(content[16:18], "big")
    page = 65536 if page == 1 else page
    pages = len(content) // max(page, 512)
    middle = page * (pages // 2)
    torn = bytearray(content)
    for at in range(1, pages):  # every page but the first: whichever is a table's is damaged
        torn[at * page : at * page + 64] = draw.word(64).encode()
    for bad, what in (
        (draw.sentence().encode() * 20, "A text"),
        (b"", "An empty body"),
        (content[:100], "The first 100 bytes of a backup"),
        (content[:middle], "The first half of a backup"),
        (b"SQLite format 3\0" + draw.word(4000).encode(), "A file with the header alone"),
        (bytes(torn), "A backup with damaged pages"),
    ):
        notes.check_refused(bad, what, kept, good=content)
    assert notes.page(notebook=notebook)[1] == 2, "A restore that was refused has changed notes."


@pytest.mark.criterion("restore.schema")
def test_another_schema(notes, draw):
    """A database that is sound, and not one of the app's."""
    notebook = notes.notebook()
    made = notes.note(notebook)
    reply = notes.backup()
    kept = [notes.note(notebook, body=notes.word()) for _ in range(2)]
    with opened({"": reply.body}, what="The backup", reply=reply) as database:
        table, column = column_of(database, made["title"])
    table, column, word = (one.replace('"', '""') for one in (table, column, draw.word()))
    for statements, what in (
        ([f'CREATE TABLE "{word}" (id INTEGER, {word} TEXT)'], "Another app's database"),
        (["PRAGMA user_version = 7"], "A database without tables"),
    ):
        notes.check_refused(altered(b"", statements), what, kept, good=reply.body)
    for statements, what in (
        ([f'ALTER TABLE "{table}" RENAME TO "{word}"'], "A backup without the table of notes"),
        ([f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO "{word}"'], "One without a column"),
    ):
        notes.check_refused(altered(reply.body, statements), what, kept, good=reply.body)


@pytest.mark.criterion("restore.large")
def test_too_large(app, notes, draw):
    """One byte more than 8 MiB, whatever it holds."""
    kept = [notes.note(notes.notebook())]
    padded = draw.word(64).encode() * (LARGEST // 64) + b"x"
    try:
        notes.check_refused(padded, "A file of 8 MiB and one byte", kept, status=413)
    except AppUnreachable:
        raise Mismatch(ENDED, app.last) from None
    reply = notes.restore(draw.word(64).encode() * (LARGEST // 64))
    if reply.status == 413:
        reply.fail("A file of 8 MiB is not too large: it is refused with 400, for its content.")


@pytest.mark.criterion("restore.keys")
def test_notes_of_no_notebook(notes):
    """A database that breaks its own foreign keys."""
    name = notes.name()
    notebook = notes.notebook(name)
    made = [notes.note(notebook) for _ in range(2)]
    reply = notes.backup()
    with opened({"": reply.body}, what="The backup", reply=reply) as database:
        table, column = column_of(database, name)
    table, column = (one.replace('"', '""') for one in (table, column))
    orphaned = altered(reply.body, [f'DELETE FROM "{table}" WHERE "{column}" = \'{name}\''])
    with opened({"": orphaned}) as database:
        has_keys = any(database.parents(one) for one in database.tables)
    assert has_keys, "The backup declares no foreign keys, so that nothing says what is an orphan."
    notes.check_refused(orphaned, "A database with notes of no notebook", made, good=reply.body)


@pytest.mark.criterion("restore.kept")
def test_restored_and_killed(app, notes):
    """What was restored, and what was written after it, is there after a kill."""
    notebook = notes.notebook()
    kept = [notes.note(notebook, body=notes.word()) for _ in range(2)]
    content = notes.backup().body
    later = notes.note(notebook)
    notes.restore(content).expect(200)
    kept += [notes.note(notebook) for _ in range(6)]
    app.kill()
    notes.check_kept(kept, "After a restore and a kill (SIGKILL)")
    titles = notes.titles(notebook)
    assert later["title"] not in titles, (
        "After a restore and a kill, a note is back that was made after the backup."
    )
    with notes.opened_backup() as database:
        database.check()
