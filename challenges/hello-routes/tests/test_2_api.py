"""The API: calculating, echo, notes, the token, and that all of it is JSON."""

import json

import pytest

LARGEST = 1_000_000
EXACT = 1e-9
"""How far a fraction may be off, as a share of it."""
JSON_TYPE = {"Content-Type": "application/json"}
OTHER_TYPES = ("text/plain", "application/x-www-form-urlencoded", "application/octet-stream")


def is_result(value, result):
    """Whether `value` is a JSON number (True and False are none), and `result` but for rounding."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    # what is larger than any result could not even be compared with a fraction
    near = number and -(LARGEST**2) <= value <= LARGEST**2
    return near and abs(value - result) <= EXACT * abs(result)


def calculated(app, operation, left, right, result):
    """Have the app calculate; fail where it does not come to `result`."""
    reply = app.get(f"/api/calc/{operation}/{left}/{right}")
    if reply.status != 200:
        reply.fail(f"{left} and {right} are fine for {operation}, but it answered {reply.status}.")
    if not is_result(reply.json(dict, labelled=False)["result"], result):
        reply.fail(f"result has to be the number {result}.")


@pytest.mark.criterion("calc.result")
def test_the_four_operations(app, draw):
    """Each operation gives its result, divide one with a fraction."""
    a, b = draw.integer(2, 1000), draw.integer(1001, LARGEST)
    pairs = [(a, b), (b, a), (LARGEST, LARGEST), (LARGEST, 1)]
    for left, right in pairs:
        calculated(app, "add", left, right, left + right)
        calculated(app, "subtract", left, right, left - right)
        calculated(app, "multiply", left, right, left * right)
        calculated(app, "divide", left, right, left / right)


@pytest.mark.criterion("calc.result")
def test_fractions_are_not_cut(app, draw):
    """A quotient is as exact as / in Python gives it, be it large or small."""
    a = draw.integer(2, 1000)
    third = (3 * a + 1, 3)
    for left, right in ((2 * a + 1, 2), third, (1, 3), (1, 7), (1, 999_983), (999_983, 7)):
        calculated(app, "divide", left, right, left / right)


@pytest.mark.criterion("calc.result")
def test_every_operation_takes_zero(app, draw):
    """Zero is a number like any other, save for what is divided by it."""
    a = draw.integer(2, 1000)
    for operation, left, right, result in (
        ("add", a, 0, a), ("add", 0, 0, 0), ("subtract", 0, a, -a), ("subtract", a, a, 0),
        ("multiply", a, 0, 0), ("divide", 0, a, 0),
    ):  # fmt: skip
        calculated(app, operation, left, right, result)


@pytest.mark.criterion("calc.refused")
def test_what_is_no_calculation_is_404(app, draw, encoded):
    """An operation that does not exist, and a path with a part too few or too many."""
    a, b, word = draw.integer(2, 1000), draw.integer(2, 1000), draw.word()
    paths = [f"/api/calc/{word}/{a}/{b}", f"/api/calc/modulo/{a}/{b}", f"/api/calc/add/{a}",
             "/api/calc/add", "/api/calc", f"/api/calc/add/{a}/{b}/{a}",
             f"/api/calc/{word}/{a}/0"]  # fmt: skip
    names = [name for word in ("add", "divide") for name, _ in draw.lookalikes(word)]
    paths += [f"/api/calc/{encoded(name)}/{a}/{b}" for name in names]
    for path in paths:
        reply = app.get(path)
        if reply.status != 404:
            reply.fail(f"There is no such path, so 404 is the answer; this was {reply.status}.")


@pytest.mark.criterion("calc.refused")
@pytest.mark.parametrize("side", ["a", "b"])
def test_what_is_no_number_is_404(app, draw, encoded, side):
    """Digits only, and up to 1000000: what int() takes besides that is no path."""
    other = draw.integer(2, 1000)
    for operation in ("add", "subtract", "multiply", "divide"):
        cases = draw.bad_numbers(0, LARGEST)
        for text, why in cases if operation == "add" else draw.sample(cases, 2):
            if not text:
                continue  # no part of a path; fewer parts are looked at above
            left, right = (encoded(text), other) if side == "a" else (other, encoded(text))
            reply = app.get(f"/api/calc/{operation}/{left}/{right}")
            if reply.status != 404:
                reply.fail(
                    f"{side} has to be a whole number from 0 to 1000000, of digits only, else the "
                    f"answer is 404. This one is {why}; the answer was {reply.status}."
                )


@pytest.mark.criterion("calc.refused")
def test_dividing_by_zero_is_400(app, draw):
    """The path is right, the request is not."""
    for a in (0, 1, draw.integer(2, 1000), LARGEST):
        reply = app.get(f"/api/calc/divide/{a}/0")
        if reply.status != 400:
            reply.fail(f"Dividing by zero is answered with 400; this was {reply.status}.")


def echoed(app, message, repeat, why="", **more):
    """Have the app repeat `message`; fail where it does not."""
    reply = app.post("/api/echo", json={"message": message, "repeat": repeat, **more}).expect(200)
    if reply.json(dict, labelled=False)["echo"] != [message] * repeat:
        reply.fail(
            f"echo has to be a list that has the message {repeat} times, just as it was sent"
            + (f"; this one has {why}." if why else ".")
        )


@pytest.mark.criterion("echo.answer")
def test_echo_repeats(app, draw):
    """The message, as often as was asked for, whatever else the body has."""
    message = draw.unicode()
    for repeat in (1, draw.integer(2, 9), 10):
        echoed(app, message, repeat)
    echoed(app, message, 2, "another key alongside it", **{draw.word(): [draw.word()], "id": 7})


@pytest.mark.criterion("echo.answer")
def test_echo_changes_nothing(app, draw):
    """Blanks, signs, accents and line breaks of a message stay as they are."""
    for message, why in draw.edge_texts():
        echoed(app, message, draw.integer(1, 3), why)
    for message in (" ", "0", "null", draw.text(200)):
        echoed(app, message, 1, f"{len(message)} characters")


@pytest.mark.criterion("echo.answer")
def test_the_content_type_may_have_parameters(app, draw):
    """application/json; charset=utf-8 is application/json."""
    message = draw.unicode()
    body = json.dumps({"message": message, "repeat": 1}, ensure_ascii=False).encode()
    for kind in ("application/json; charset=utf-8", "application/json;charset=UTF-8"):
        reply = app.post("/api/echo", body=body, headers={"Content-Type": kind}).expect(200)
        if reply.json(dict, labelled=False)["echo"] != [message]:
            reply.fail("echo has to be a list that has the message once, just as it was sent.")


@pytest.mark.criterion("echo.refused")
def test_wrong_values_are_refused(app, draw):
    """A key that is missing, of another type or out of range: 400 with a sentence."""
    good = {"message": draw.word(), "repeat": draw.integer(1, 10)}
    wrong = [{name: value for name, value in good.items() if name != left} for left in good]
    number = draw.integer(1, 9)
    wrong += [{}] + [
        good | {name: value}
        for name, values in {
            "message": ["", None, number, 0, True, False, 1.5, [draw.word()], [], {}, {"a": 1},
                        draw.text(201), f" {draw.text(199)} ", "😀" * 201],
            "repeat": [0, 11, -1, -number, 10**30, -(10**30), str(number), "", 2.5, 0.5, None, True,
                       False, [number], [], {}],
        }.items()
        for value in values
    ]  # fmt: skip
    for body in wrong:
        reply = app.post("/api/echo", json=body)
        if reply.status != 400:
            reply.fail(f"This body has to be refused with 400; it was {reply.status}.")
    for sign in ("é", "😀"):
        reply = app.post("/api/echo", json={"message": sign * 200, "repeat": 1})
        if reply.status != 200:
            reply.fail(f"200 characters are allowed, whatever bytes they need, not {reply.status}.")


def no_objects(word):
    """Bodies that are no JSON object, as bytes."""
    return (b"", b'{"message": "' + word.encode(), b"[]", json.dumps(word).encode(), b"null",
            b"7", b"true", b'[{"message": "a", "repeat": 1, "text": "a"}]', b"{'text': 'a'}",
            b'{"message": "\xff", "repeat": 1, "text": "\xff"}', word.encode())  # fmt: skip


@pytest.mark.criterion("echo.refused")
def test_bodies_that_are_no_object_are_refused(app, draw):
    """Empty, malformed, and JSON that is no object: 400."""
    for body in no_objects(draw.word()):
        reply = app.post("/api/echo", body=body, headers=JSON_TYPE)
        if reply.status != 400:
            reply.fail(f"A body that is no JSON object is refused with 400; it was {reply.status}.")


def no_json(app, path, body, headers):
    """Send what is right but for its Content-Type; has to be answered with 415 or 400."""
    for kind in OTHER_TYPES:
        typed = headers | {"Content-Type": kind}
        reply = app.post(path, body=json.dumps(body).encode(), headers=typed)
        if reply.status not in {400, 415}:
            reply.fail(
                f"A body that is sent as {kind}, and not as application/json, is answered with 415 "
                f"or 400, whatever is in it; this was {reply.status}."
            )
    for reply in (app.post(path, headers=headers), app.post(path, data=body, headers=headers)):
        reply.expect(400, 415)


@pytest.mark.criterion("echo.refused")
def test_what_is_not_sent_as_json_is_refused(app, draw):
    """What is sent as anything but application/json: 400 or 415."""
    no_json(app, "/api/echo", {"message": draw.word(), "repeat": 1}, {})


@pytest.mark.criterion("echo.refused")
def test_no_input_leads_to_a_500(app, draw):
    """A half of a character, and a number with thousands of digits: refused or answered."""
    half = json.dumps({"message": f"{draw.word()}\ud83d", "repeat": 1})
    long = f'{{"message": "{draw.word()}", "repeat": {"9" * 5000}}}'
    for body, allowed in ((half, {200, 400}), (long, {400})):
        reply = app.post("/api/echo", body=body.encode(), headers=JSON_TYPE)
        if reply.status not in allowed:
            reply.fail(f"No input may lead to a 500; this was {reply.status}.")


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
    for reply in site.everywhere(path):
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


@pytest.mark.criterion("json.type")
def test_every_answer_is_labelled_as_json(app, draw, site):
    """Content-Type is application/json, on success and on errors."""
    good = {"message": draw.word(), "repeat": 1}
    note = site.make_note()
    one, unknown = f"/api/notes/{note['id']}", f"/api/notes/{note['id'] + 10**6}"
    for reply in (
        app.get("/health").expect(200),
        app.get("/api/calc/add/1/2").expect(200),
        app.get("/api/calc/divide/1/0"),
        app.get(f"/api/calc/{draw.word()}/1/2"),
        app.get("/api/calc/add/1/x"),
        app.post("/api/echo", json=good).expect(200),
        app.post("/api/echo", json={}),
        app.post("/api/echo", body=b"{", headers=JSON_TYPE),
        app.post("/api/echo", data={"message": draw.word()}),
        app.get("/api/notes").expect(200),
        app.get(one).expect(200),
        app.get(unknown),
        app.post("/api/notes", json={"text": draw.word()}, headers=site.token),
        app.post("/api/notes", json={"text": ""}, headers=site.token),
        app.post("/api/notes", json={"text": draw.word()}),
        app.delete(one),
        app.delete(unknown, headers=site.token),
        app.get(f"/api/{draw.word()}"),
        app.delete("/api/echo"),
        app.put("/api/notes", json={}),
        app.get("/api/boom"),
    ):
        if reply.status != 204:  # without a body there is nothing to label
            reply.json(dict)
        if reply.status >= 400:
            site.error(reply, reply.status)
