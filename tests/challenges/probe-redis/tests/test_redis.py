import json

import pytest


def post(app, draw):
    """A new note: its text and its tag."""
    text, tag = draw.sentence(), draw.word()
    app.post("/notes", json={"text": text, "tag": tag}).expect(201)
    return text, tag


@pytest.mark.criterion("notes.kept")
def test_a_note_is_kept(app, cache, draw):
    text, _ = post(app, draw)
    found = cache.find(text)
    assert found, "No key of Redis holds the note."
    assert cache.exists(found[0])


@pytest.mark.criterion("notes.kept")
def test_it_is_kept_in_the_types_of_the_brief(app, cache, draw):
    text, tag = post(app, draw)
    newest = (cache.items("recent") or ["?"])[0]
    key = f"note:{newest}"
    assert key in cache.keys("note:*"), "The list recent does not begin with the newest note's id."
    assert cache.type(key) == "hash"
    assert cache.hash(key) == {"text": text, "tag": tag}
    assert cache.ttl(key) is None, "A note must not expire."
    assert tag in cache.members("tags"), "The set tags lacks the tag of a new note."
    assert cache.scores("uses").get(tag) == 1, "The sorted set uses does not count the tag."


@pytest.mark.criterion("notes.changed")
def test_a_change_is_answered(app, cache, draw):
    post(app, draw)
    cache.clear()
    assert app.get("/notes").expect(200).json(list) == [], "It answers with notes that are gone."


@pytest.mark.criterion("report.cached")
def test_a_report_is_cached(app, cache, draw):
    name = draw.word()
    answer = app.get(f"/report/{name}").expect(200).json(dict)
    key = f"report:{name}"
    assert cache.type(key) == "string", f"There is no text under {key} in Redis."
    assert json.loads(cache.get(key)) == answer
    left = cache.ttl(key)
    assert left is not None, f"{key} never expires."
    assert 0 < left <= 60, f"{key} has {left} seconds left."


@pytest.mark.criterion("report.hit")
def test_a_cached_report_is_answered(app, cache, draw):
    name = draw.word()
    cache.set(f"report:{name}", json.dumps({"letters": -7}), ttl=30)
    with cache.monitor() as seen:
        answer = app.get(f"/report/{name}").expect(200).json(dict)
    assert answer == {"letters": -7}, "The app computes a report that is cached."
    assert seen.about(f"report:{name}"), "The app does not ask Redis for the report."
    assert not seen.named("SET", "SETEX"), "The app caches a report again that it has just read."
    assert cache.delete(f"report:{name}") == 1
    assert app.get(f"/report/{name}").expect(200).json(dict) == {"letters": len(name)}


@pytest.mark.criterion("redis.restart")
def test_notes_survive_a_restart(app, cache, draw):
    text, _ = post(app, draw)
    cache.restart()
    assert cache.find(text), "The note is no longer in Redis."
    assert text in app.get("/notes").expect(200).json(list), "It does not answer with the note."


@pytest.mark.criterion("redis.outage")
def test_the_app_outlives_an_outage(app, cache, draw):
    text, _ = post(app, draw)
    with cache.outage():
        app.get("/notes").expect(503)
    assert text in app.get("/notes").expect(200).json(list)
