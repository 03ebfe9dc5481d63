"""The API: calculating, echo, notes, the token, and that all of it is JSON."""

import json

import pytest
from bodies import JSON_TYPE, no_json, no_objects

LARGEST = 1_000_000
EXACT = 1e-9
"""How far a fraction may be off, as a share of it."""
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
"""What somebody who opens an address of the API in a browser sends."""


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


@pytest.mark.criterion("echo.refused")
def test_bodies_that_are_no_object_are_refused(app, draw):
    """Empty, malformed, and JSON that is no object: 400."""
    for body in no_objects(draw.word()):
        reply = app.post("/api/echo", body=body, headers=JSON_TYPE)
        if reply.status != 400:
            reply.fail(f"A body that is no JSON object is refused with 400; it was {reply.status}.")


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


@pytest.mark.criterion("json.type")
def test_a_browser_gets_json_too(app, draw, site):
    """It is the path that makes an answer JSON, and not what the client would rather have."""
    unknown = f"/api/notes/{site.make_note()['id'] + 10**6}"
    for path in ("/health", "/api/notes", "/api/calc/add/1/2"):
        app.get(path, headers=BROWSER).expect(200).json(dict)
    for reply in (
        app.get(f"/api/{draw.word()}", headers=BROWSER),
        app.get(unknown, headers=BROWSER),
        app.get("/api/calc/divide/1/0", headers=BROWSER),
        app.get("/api/boom", headers=BROWSER),
        app.delete("/api/echo", headers=BROWSER),
        app.delete(unknown, headers=BROWSER),
        app.post("/api/echo", json={}, headers=BROWSER),
        app.post("/api/echo", body=b"{", headers=BROWSER | JSON_TYPE),
        app.post("/api/notes", json={}, headers=BROWSER | site.token),
    ):
        reply.json(dict)
        if reply.status >= 400:
            site.error(reply, reply.status)
