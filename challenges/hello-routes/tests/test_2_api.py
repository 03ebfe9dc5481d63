"""The API: calculating, echo, notes, the token, and that all of it is JSON."""

import json
import re

import pytest

LARGEST = 1_000_000


def is_result(value, result):
    """Whether `value` is a JSON number (True and False are none), and `result` but for rounding."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    # what is larger than any result could not even be compared with a fraction
    return number and -(LARGEST**2) <= value <= LARGEST**2 and abs(value - result) < 1e-6


@pytest.mark.criterion("calc.result")
def test_the_four_operations(app, draw):
    """Each operation gives its result, divide one with a fraction."""
    a, b = draw.integer(2, 1000), draw.integer(1001, LARGEST)
    wanted = {
        "add": (a, b, a + b),
        "subtract": (a, b, a - b),
        "multiply": (a, b, a * b),
        "divide": (2 * a + 1, 2, a + 0.5),
    }
    for operation, (left, right, result) in wanted.items():
        reply = app.get(f"/api/calc/{operation}/{left}/{right}").expect(200)
        value = reply.json(dict, labelled=False)["result"]
        if not is_result(value, result):
            reply.fail(f"result has to be the number {result}.")


@pytest.mark.criterion("calc.refused")
def test_what_is_no_calculation_is_404(app, draw, site):
    """An operation that does not exist, and a part of the path that is no whole number."""
    a, b = draw.integer(2, 1000), draw.integer(2, 1000)
    for path in (
        f"/api/calc/{draw.word()}/{a}/{b}",
        f"/api/calc/add/{draw.word()}/{b}",
        f"/api/calc/add/{a}/{b}.5",
        f"/api/calc/add/-{a}/{b}",
        f"/api/calc/add/{a}",
    ):
        site.error(app.get(path), 404)


@pytest.mark.criterion("calc.refused")
def test_dividing_by_zero_is_400(app, draw, site):
    """The path is right, the request is not; a zero elsewhere is fine."""
    a = draw.integer(2, 1000)
    site.error(app.get(f"/api/calc/divide/{a}/0"), 400)
    for path, result in ((f"/api/calc/divide/0/{a}", 0), (f"/api/calc/add/{a}/0", a)):
        reply = app.get(path).expect(200)
        value = reply.json(dict, labelled=False)["result"]
        if not is_result(value, result):
            reply.fail(f"result has to be the number {result}.")


@pytest.mark.criterion("echo.answer")
def test_echo_repeats(app, draw):
    """The message, as often as was asked for."""
    message = draw.unicode()
    for repeat in (1, draw.integer(2, 9), 10):
        reply = app.post("/api/echo", json={"message": message, "repeat": repeat}).expect(200)
        if reply.json(dict, labelled=False)["echo"] != [message] * repeat:
            reply.fail(f"echo has to be a list that has the message {repeat} times.")


@pytest.mark.criterion("echo.refused")
def test_wrong_values_are_refused(app, draw, site):
    """A key that is missing, of another type or out of range: 400 with a sentence."""
    good = {"message": draw.word(), "repeat": draw.integer(1, 10)}
    wrong = [{name: value for name, value in good.items() if name != left} for left in good]
    wrong += [{}] + [
        good | {name: value}
        for name, values in {
            "message": ["", None, draw.integer(1, 99), [draw.word()], draw.text(201)],
            "repeat": [0, 11, -1, "3", 2.5, None, True],
        }.items()
        for value in values
    ]
    for body in wrong:
        reply = app.post("/api/echo", json=body)
        if reply.status != 400:
            reply.fail(f"This body has to be refused with 400; it was {reply.status}.")
        site.error(reply, 400)
    app.post("/api/echo", json={"message": "é" * 200, "repeat": 1}).expect(200)


@pytest.mark.criterion("echo.refused")
def test_bodies_that_are_no_object_are_refused(app, draw, site):
    """Empty, malformed, and JSON that is no object: 400; what is sent as no JSON: 400 or 415."""
    word = draw.word()
    for body in (b"", b'{"message": "' + word.encode(), b"[]", json.dumps(word).encode(), b"null"):
        typed = {"Content-Type": "application/json"}
        reply = app.post("/api/echo", body=body, headers=typed)
        if reply.status != 400:
            reply.fail(f"A body that is no JSON object is refused with 400; it was {reply.status}.")
        site.error(reply, 400)
    for reply in (app.post("/api/echo"), app.post("/api/echo", data={"message": word})):
        site.error(reply.expect(400, 415), reply.status)


@pytest.mark.criterion("notes.create")
def test_a_note_is_created_and_read(app, draw, site):
    """POST answers 201 with the note and its place; GET answers with it, the list holds it."""
    text = draw.sentence()
    reply = app.post("/api/notes", json={"text": text}, headers=site.token).expect(201)
    note = reply.json(dict, labelled=False)
    number, kept = note["id"], note["text"]
    if not isinstance(number, int) or isinstance(number, bool) or kept != text:
        reply.fail("The answer has to be the note: its id, a number, and its text as it was sent.")
    location = reply.headers.get("Location", "")
    if re.sub(r"^https?://[^/]*", "", location) != f"/api/notes/{number}":
        reply.fail(f"Location should lead to /api/notes/{number}, but is {location[:200]!r}.")
    other = site.make_note()
    read = app.get(f"/api/notes/{number}").expect(200)
    if read.json(dict, labelled=False) != note or other["id"] == number:
        read.fail("GET has to answer with the same note as POST did, and each has its own id.")
    texts = [one.get("text") for one in site.notes()]
    assert text in texts, "The list does not show the new note."
    assert other["text"] in texts, "The list does not show the second note."


@pytest.mark.criterion("notes.create")
def test_a_bad_note_is_refused(app, draw, site):
    """Without a text, with an empty or too long one, or a text that is none: 400."""
    count = len(site.notes())
    for body in ({}, {"text": ""}, {"text": draw.text(201)}, {"text": draw.integer(1, 9)}, []):
        reply = app.post("/api/notes", json=body, headers=site.token)
        if reply.status != 400:
            reply.fail(f"This note has to be refused with 400; it was {reply.status}.")
    assert len(site.notes()) == count, "A note that was refused is in the list."


@pytest.mark.criterion("notes.delete")
def test_a_deleted_note_is_gone(app, site):
    """DELETE answers 204 without a body; then the note is unknown, and the others are there."""
    keeper, note = site.make_note(), site.make_note()
    path = f"/api/notes/{note['id']}"
    reply = app.delete(path, headers=site.token).expect(204)
    assert reply.body == b"", "An answer of status 204 has no body."
    app.get(path).expect(404)
    app.delete(path, headers=site.token).expect(404)
    ids = [one.get("id") for one in site.notes()]
    assert note["id"] not in ids, "The list still shows the deleted note."
    assert keeper["id"] in ids, "DELETE took another note too."


@pytest.mark.criterion("auth.token")
def test_without_the_token_nothing_changes(app, draw, secrets, site):
    """No token, another one, a part of it, or another scheme: 401, and nothing is done."""
    note, token = site.make_note(), secrets["API_TOKEN"]
    for header in ("", f"Bearer {draw.word()}", f"Bearer {token}x", f"Bearer {token[:-1]}",
                   f"Basic {token}", token, "Bearer"):  # fmt: skip
        sent = {"Authorization": header} if header else {}
        text = draw.sentence()
        for reply in (
            app.post("/api/notes", json={"text": text}, headers=sent),
            app.delete(f"/api/notes/{note['id']}", headers=sent),
        ):
            if reply.status != 401:
                reply.fail(f"Without the right token the answer is 401; this was {reply.status}.")
            site.error(reply, 401)
            if not reply.headers.get("WWW-Authenticate", "").lower().startswith("bearer"):
                reply.fail("A 401 says how to do better, in the header WWW-Authenticate: Bearer.")
        assert text not in [one.get("text") for one in site.notes()], "It was 401, but saved."
    app.get(f"/api/notes/{note['id']}").expect(200)


@pytest.mark.criterion("json.type")
def test_every_answer_is_labelled_as_json(app, draw, site):
    """Content-Type is application/json, on success and on errors."""
    good = {"message": draw.word(), "repeat": 1}
    note = site.make_note()
    for reply in (
        app.get("/api/calc/add/1/2").expect(200),
        app.post("/api/echo", json=good).expect(200),
        app.get("/api/notes").expect(200),
        app.get(f"/api/notes/{note['id']}").expect(200),
        app.post("/api/notes", json={"text": draw.word()}, headers=site.token),
        app.post("/api/notes", json={"text": draw.word()}),
        app.post("/api/echo", json={}),
        app.get(f"/api/notes/{note['id'] + 10**6}"),
        app.get(f"/api/{draw.word()}"),
        app.delete("/api/echo"),
        app.get("/api/boom"),
    ):
        reply.json(dict)
