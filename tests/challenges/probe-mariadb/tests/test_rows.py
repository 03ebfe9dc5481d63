import pytest


def post(app, draw):
    """The text of a new note."""
    text = draw.sentence()
    app.post("/notes", json={"text": text}).expect(201)
    return text


@pytest.mark.criterion("rows.kept")
def test_a_note_is_kept(app, db, draw):
    places = db.find(post(app, draw))
    assert places, "No table holds the note."
    assert {table for table, _ in places} <= set(db.tables())


@pytest.mark.criterion("rows.read")
def test_the_table_holds_it(app, db, draw):
    text = post(app, draw)
    found = [row["text"] for row in db.rows("SELECT text FROM notes")]
    assert text in found, "The table notes does not hold the note."
    assert "notes" in db.tables(), "There is no table notes."
    assert text in db.column("notes", "text")
    assert text in [row["text"] for row in db.records("notes")]
    assert db.value("SELECT COUNT(*) AS n FROM notes WHERE text = %s", [text]) == 1


@pytest.mark.criterion("rows.changed")
def test_a_change_is_answered(app, db, draw):
    text, changed, added = post(app, draw), draw.sentence(), draw.sentence()
    assert db.write("UPDATE notes SET text = %s WHERE text = %s", [changed, text]) == 0
    number = db.write("INSERT INTO notes (text) VALUES (%s)", [added])
    assert db.value("SELECT text FROM notes WHERE id = %s", [number]) == added
    answered = [note["text"] for note in app.get("/notes").expect(200).json(list)]
    assert {changed, added} <= set(answered), "The app does not answer with what is in the table."


@pytest.mark.criterion("rows.rights")
def test_a_refused_write_is_answered(app, db, draw):
    text = post(app, draw)
    with db.restricted("SELECT"):
        app.post("/notes", json={"text": draw.sentence()}).expect(503)
        answered = [note["text"] for note in app.get("/notes").expect(200).json(list)]
        assert text in answered
    post(app, draw)


@pytest.mark.criterion("rows.queries")
def test_a_longer_list_takes_no_more_statements(app, db, draw):
    post(app, draw)
    with db.queries() as few:
        app.get("/notes").expect(200)
    for _ in range(5):
        post(app, draw)
    with db.queries() as more:
        app.get("/notes").expect(200)
    assert few.count > 0, "The list comes from elsewhere than MariaDB."
    assert more.count == few.count, f"{few.count} statements became {more.count} with more notes."


@pytest.mark.criterion("rows.account")
def test_the_app_logs_in_as_its_own_account(app, db, draw):
    db.restart()  # connections that the app has kept are gone
    with db.logins() as seen:
        post(app, draw)
    assert seen.users == {db.account}, f"Log-ins were those of {sorted(seen.users)}."


@pytest.mark.criterion("rows.outage")
def test_the_app_goes_on_after_an_outage(app, db, draw):
    text = post(app, draw)
    with db.outage():
        app.get("/notes").expect(503)
    answered = [note["text"] for note in app.get("/notes").expect(200).json(list)]
    assert text in answered, "The note is gone after the outage."


@pytest.mark.criterion("rows.restart")
def test_notes_survive_a_crash(app, db, draw):
    text = post(app, draw)
    db.restart()
    assert db.find(text), "The note is gone after the crash."
    answered = [note["text"] for note in app.get("/notes").expect(200).json(list)]
    assert text in answered
