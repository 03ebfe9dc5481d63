"""The notes: who may change them, what is kept, and what is refused."""

import json

import pytest
from bodies import JSON_TYPE, no_json, no_objects


@pytest.mark.criterion("notes.create")
def test_a_note_is_created_and_read(app, draw, site):
    """POST answers 201 with the note and its place; GET answers with it, the list holds it."""
    text = draw.sentence()
    reply = app.post("/api/notes", json={"text": text}, headers=site.token).expect(201)
    note = reply.json(dict, labelled=False)
    number, kept = note["id"], note["text"]
    good = isinstance(number, int) and not isinstance(number, bool) and number > 0
    if not good or kept != text:
        reply.fail("The answer has to be the note: its id, a number, and its text as it was sent.")
    if site.place(reply) != f"/api/notes/{number}":
        location = reply.headers["Location"]
        reply.fail(f"Location should lead to /api/notes/{number}, but is {location[:200]!r}.")
    host = f"{draw.word()}.example:8080"
    headers = {**site.token, "Host": host}
    site.place(app.post("/api/notes", json={"text": text}, headers=headers).expect(201), host)
    other = site.make_note()
    read = app.get(f"/api/notes/{number}").expect(200)
    if read.json(dict, labelled=False) != note or other["id"] == number:
        read.fail("GET has to answer with the same note as POST did, and each has its own id.")
    listed = site.notes()
    for one in (note, other):
        same = any(kept.get("id") == one["id"] and kept.get("text") == one["text"]
                   for kept in listed)  # fmt: skip
        assert same, f"The list does not show the new note {one['id']} with its text."
    for reply in site.everywhere(f"/api/notes/{number}"):
        if reply.status != 200:
            reply.fail(
                f"/api/notes/{number} was there a moment ago, and over a new connection it is not: "
                "all processes of the app have to know the same notes, so start one worker."
            )


@pytest.mark.criterion("notes.create")
def test_a_new_note_takes_no_id_of_another(app, site):
    """Also after one was deleted: an id that is counted from how many there are is another's."""
    first, *others = (site.make_note() for _ in range(3))
    if app.delete(f"/api/notes/{first['id']}", headers=site.token).status >= 400:
        return  # notes.delete has the reason
    new = site.make_note()
    kept = {one.get("id"): one.get("text") for one in site.notes()}
    for note in (*others, new):
        assert kept.get(note["id"]) == note["text"], (
            "After a note was deleted, a new one was given the id of another that is still there."
        )


@pytest.mark.criterion("notes.create")
def test_a_note_is_kept_as_it_was_sent(app, draw, site):
    """Blanks, signs, accents and line breaks stay; other keys are ignored, an id as well."""
    made = {site.make_note(text)["id"]: (text, why) for text, why in draw.edge_texts()}
    kept = {one.get("id"): one.get("text") for one in site.notes()}
    for number, (text, why) in made.items():
        assert kept.get(number) == text, (
            f"The text has to be kept as it was sent; this one has {why}: {text!r}."
        )
    for text in (" ", draw.text(200), "é" * 200, "😀" * 200):
        site.make_note(text)
    body = {"text": draw.sentence(), "id": 10**6 + draw.integer(1, 999), draw.word(): [1]}
    reply = app.post("/api/notes", json=body, headers=site.token)
    if reply.status != 201:
        reply.fail(f"Other keys of a body are ignored, but this was answered {reply.status}.")
    if reply.json(dict, labelled=False)["id"] == body["id"]:
        reply.fail("The app gives each note its own id; one that is sent is ignored.")


@pytest.mark.criterion("notes.create")
def test_a_bad_note_is_refused(app, draw, site):
    """Without a text, with an empty or too long one, or a text that is none: 400."""
    count = len(site.notes())
    wrong = [{}] + [{"text": value} for value in ("", draw.text(201), "😀" * 201, 0, None, True,
                    draw.integer(1, 9), 1.5, [draw.word()], {"text": draw.word()})]  # fmt: skip
    bodies = [json.dumps(body).encode() for body in wrong]
    for body in (*bodies, *no_objects(draw.word())):
        reply = app.post("/api/notes", body=body, headers=site.token | JSON_TYPE)
        if reply.status != 400:
            reply.fail(f"This note has to be refused with 400; it was {reply.status}.")
    no_json(app, "/api/notes", {"text": draw.sentence()}, site.token)
    assert len(site.notes()) == count, "A note that was refused is in the list."


@pytest.mark.criterion("notes.delete")
def test_a_deleted_note_is_gone(app, site):
    """DELETE answers 204 without a body; then the note is unknown, and the others are there."""
    keeper, note, last = site.make_note(), site.make_note(), site.make_note()
    path = f"/api/notes/{note['id']}"
    reply = app.delete(path, headers=site.token).expect(204)
    assert reply.body == b"", "An answer of status 204 has no body."
    app.get(path).expect(404)
    app.delete(path, headers=site.token).expect(404)
    ids = [one.get("id") for one in site.notes()]
    assert note["id"] not in ids, "The list still shows the deleted note."
    for other in (keeper, last):
        assert other["id"] in ids, "DELETE took another note too."
        read = app.get(f"/api/notes/{other['id']}").expect(200)
        if read.json(dict, labelled=False) != other:
            read.fail("DELETE of one note has changed another.")
    # processes without a common memory cost notes.create, and not this as well
    known = [keeper["text"] in one.text for one in site.everywhere(f"/api/notes/{keeper['id']}")]
    for reply in site.everywhere(path) if all(known) else ():
        if reply.status != 404:
            reply.fail(
                "The note was deleted, but over a new connection it is there: all processes of "
                "the app have to know the same notes, so start one worker."
            )


@pytest.mark.criterion("notes.delete")
def test_an_unknown_note_cannot_be_read_or_deleted(app, draw, site, encoded):
    """Whatever is the id of no note is answered with 404, and no other note is lost."""
    note = site.make_note()
    cases = draw.bad_ids(note["id"])
    sent = [(app.get, case) for case in cases] + [
        (app.delete, one) for one in draw.sample(cases, 5)
    ]
    for send, (part, why) in sent:
        reply = send(f"/api/notes/{encoded(part)}", headers=site.token)
        if reply.status != 404:
            reply.fail(
                f"No note has this id ({why}), so 404 is the answer; this was {reply.status}."
            )
    app.get(f"/api/notes/{note['id']}").expect(200)


def unauthorized(reply):
    """Fail where `reply` is no 401 that says how to do better."""
    if reply.status != 401:
        reply.fail(f"Without the right token the answer is 401; this was {reply.status}.")
    if not reply.headers.get("WWW-Authenticate", "").lower().startswith("bearer"):
        reply.fail("A 401 says how to do better, in the header WWW-Authenticate: Bearer.")


@pytest.mark.criterion("auth.token")
def test_without_the_token_nothing_changes(app, draw, secrets, site):
    """No token, another one, a part of it, or another scheme: 401, and nothing is done."""
    note, token = site.make_note(), secrets["API_TOKEN"]
    count = len(site.notes())
    headers = ["", "Bearer", f"Bearer {draw.word()}", f"Basic {token}", f"Token {token}", token,
               f"Bearer {token} {token}", f"Bearer {token},", f'Bearer "{token}"', "Bearer é",
               f"Bearer{token}", f"Bearer {token[:8]}", f"X Bearer {token}"]  # fmt: skip
    near = [case.value for case in draw.lookalikes(token) if case.value.isprintable() and
            case.value.isascii() and case.value == case.value.strip()]  # fmt: skip
    headers += [f"Bearer {other}" for other in near]
    for header in headers:
        sent = {"Authorization": header} if header else {}
        unauthorized(app.post("/api/notes", json={"text": draw.word()}, headers=sent))
        unauthorized(app.delete(f"/api/notes/{note['id']}", headers=sent))
    assert len(site.notes()) == count, "It was answered with 401, but a note was saved or deleted."
    app.get(f"/api/notes/{note['id']}").expect(200)


@pytest.mark.criterion("auth.token")
def test_the_token_comes_before_all_else(app, draw, secrets, site, encoded):
    """Who has no token learns neither which notes there are nor what a note needs."""
    token = secrets["API_TOKEN"]
    for body in ({}, {"text": ""}, {"text": draw.integer(1, 9)}, {"text": draw.text(201)}):
        unauthorized(app.post("/api/notes", json=body))
    unauthorized(app.post("/api/notes", data={"text": draw.word()}))
    note = site.make_note()
    for number in (note["id"] + 10**6, draw.integer(10**7, 10**8)):
        unauthorized(app.delete(f"/api/notes/{number}"))
    for name in ("token", "access_token", "API_TOKEN"):
        query = f"{name}={encoded(token)}"
        unauthorized(app.delete(f"/api/notes/{note['id']}?{query}"))
    unauthorized(app.delete(f"/api/notes/{note['id']}", headers={"X-API-Token": token}))


@pytest.mark.criterion("auth.token")
def test_everybody_may_read(app, draw, site):
    """GET takes no token, and a wrong one does not matter."""
    note = site.make_note()
    for headers in ({}, {"Authorization": f"Bearer {draw.word()}"}):
        for path in ("/api/notes", f"/api/notes/{note['id']}"):
            reply = app.get(path, headers=headers)
            if reply.status != 200:
                reply.fail(f"Everybody may read notes; this was answered {reply.status}.")
