"""What the app refuses, and how it says so."""

import json
from itertools import zip_longest

import pytest

MAX_TITLE = 120
MAX_DESCRIPTION = 1000


TYPED = {"Content-Type": "application/json"}
BLANK = (" ", " \t  ", "\n", "\N{NO-BREAK SPACE}\N{IDEOGRAPHIC SPACE}")
WRONG_TEXTS = (None, 0, 7, True, False, [], ["a"], {"a": 1})
"""None of them is a text."""
WRONG_DONE = (0, 1, "true", "false", "", "yes", "1", None, [], [True], {}, 1.0)
WRONG_DATES = (20310517, 0, True, [])
"""Besides the texts that are no date."""


def wrong_values(draw):
    """Each field to values of it that are refused, each with what is wrong."""
    letter = draw.choice("abcdefg")
    as_json = {name: [(value, json.dumps(value)) for value in values]
               for name, values in (("title", WRONG_TEXTS), ("description", WRONG_TEXTS),
                                    ("done", WRONG_DONE), ("due_date", WRONG_DATES))}  # fmt: skip
    as_json["title"] += [
        ("", "an empty text"), (letter * (MAX_TITLE + 1), "a text of 121 letters"),
        (f" {letter * (MAX_TITLE - 1)} ", "a text of 121 characters, with blanks at its ends"),
        ("😀" * (MAX_TITLE + 1), "a text of 121 emoji"), (letter * 5000, "a text of 5000 letters"),
        *((blank, "only white space") for blank in BLANK),
    ]  # fmt: skip
    as_json["description"] += [
        (letter * (MAX_DESCRIPTION + 1), "a text of 1001 letters"),
        ("😀" * (MAX_DESCRIPTION + 1), "a text of 1001 emoji"),
    ]
    as_json["due_date"] += [(text, f"{json.dumps(text, ensure_ascii=False)} ({why})")
                            for text, why in draw.bad_dates()]  # fmt: skip
    return as_json


def wrong_updates(draw):
    """The same for PUT and PATCH: some of each, always of the same kinds."""
    word, year = draw.word(), draw.integer(2031, 2060)
    wrong = {
        "title": [None, 7, "", "  ", "\t\N{NO-BREAK SPACE}", "x" * (MAX_TITLE + 1), ["a"]],
        "description": [None, 7, "x" * (MAX_DESCRIPTION + 1), ["a"], True],
        "done": [0, 1, "true", "", None, "no", [True]],
        "due_date": [f"{year}-02-30", f"{year}-5-7", f"{year}0517", "", word, True],
    }  # fmt: skip
    return {name: [(value, clipped(value)) for value in values] for name, values in wrong.items()}


def clipped(value):
    """`value` as JSON has it, or how long it is."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 60 else f"a text of {len(value)} characters"


def taken(send, path, wrong):
    """Of `wrong`, as `wrong_values` has it, what `send` to `path` does not refuse, with the answer.

    Several fields are sent at once, each with a wrong value: where the answer names all of them it
    has refused them all. Where it does not they are sent one by one, with a right title.
    """
    rows = [dict(zip(wrong, row, strict=True))
            for row in zip_longest(*wrong.values()) if any(row)]  # fmt: skip
    for row in rows:
        body = {name: case[0] for name, case in row.items() if case}
        if named(send(path, json=body)) >= set(body):
            continue
        for name, value in body.items():
            reply = send(path, json={"title": "Buy milk"} | {name: value})
            if reply.status != 400:
                yield name, row[name][1], reply


def named(reply):
    """The fields that a 400 names as wrong; nothing where it is no such answer."""
    try:
        said = reply.json(dict, labelled=False).get("fields") if reply.status == 400 else None
    except AssertionError:
        said = None
    return set(said) if isinstance(said, dict) else set()


def refused(reply, what):
    """Fail where `reply` is no 400."""
    if reply.status != 400:
        reply.fail(f"A todo with {what} has to be refused with 400; this was {reply.status}.")


def refuse(app, body, what):
    """POST `body`; it has to be answered with 400."""
    refused(app.post("/todos", json=body), what)


@pytest.fixture(scope="module")
def taken_by_post():
    """What POST does not refuse though it should, found once for two criteria."""
    return []


def post_takes(app, draw, kept):
    """What POST does not refuse, by field: what is wrong, and its answer."""
    if not kept:
        found = {}
        for name, what, reply in taken(app.post, "/todos", wrong_values(draw)):
            found.setdefault(name, (what, reply))
        kept.append(found)
    return kept[0]


@pytest.mark.criterion("validation.title")
def test_a_bad_title_is_refused(app, draw, taken_by_post):
    """The title is required, a text, not blank, and at most 120 characters long."""
    refuse(app, {"description": draw.sentence()}, "no title")
    refuse(app, {}, "no title")
    if found := post_takes(app, draw, taken_by_post).get("title"):
        refused(found[1], f"the title set to {found[0]}")


@pytest.mark.criterion("validation.title")
def test_the_longest_title_is_accepted(todos, draw):
    """120 characters are allowed, also where each is more than one byte in UTF-8."""
    title = draw.choice("éüñøß") * MAX_TITLE
    kept = todos.post(title=title).json(dict)["title"]
    assert kept == title, "A title of 120 characters was changed or cut."


@pytest.mark.criterion("validation.types")
def test_wrong_values_are_refused(app, draw, taken_by_post):
    """The description is a text, done is true or false, due_date is a date or null."""
    for name, (what, reply) in post_takes(app, draw, taken_by_post).items():
        if name != "title":
            refused(reply, f"{name} set to {what}")


def no_objects(draw):
    """Bodies that are no JSON object, as bytes."""
    word = draw.word()
    whole = json.dumps([{"title": word}]).encode()
    return (whole, json.dumps(word).encode(), b"7", b"null", b"",
            b'{"title": "' + word.encode(), b'{"title": "\xff"}')  # fmt: skip


@pytest.mark.criterion("validation.types")
def test_a_body_that_is_no_object_is_refused(app, draw):
    """A list, a text, a number and null are JSON, but no todo."""
    for body in no_objects(draw):
        reply = app.post("/todos", body=body, headers=TYPED)
        if reply.status != 400:
            reply.fail(f"A body that is no object has to be refused; this was {reply.status}.")


@pytest.mark.criterion("validation.types")
def test_the_longest_description_is_accepted(todos, draw):
    """1000 characters are allowed, also where each is more than one byte in UTF-8."""
    description = draw.choice("éüñøß") * MAX_DESCRIPTION
    kept = todos.post(description=description).json(dict)["description"]
    assert kept == description, "A description of 1000 characters was changed or cut."


def read_only(todos, todo_id):
    """What a client cannot set: name, value, and what is wrong."""
    return ((todos.tag(), "a value", "an unknown field"), ("id", todo_id, "the id that it has"),
            ("id", todo_id + 10**7, "an id"),
            ("created_at", "2001-01-01T00:00:00Z", "a created_at"))  # fmt: skip


@pytest.mark.criterion("validation.unknown_fields")
def test_unknown_fields_are_refused(app, todos):
    """A misspelt field, and those that only the app sets, are refused, not ignored."""
    todo = todos.make()
    for name, value, what in read_only(todos, todo["id"]):
        refuse(app, {"title": todos.title(), name: value}, what)


@pytest.mark.criterion("validation.updates")
def test_unknown_fields_are_refused_by_put_and_patch(app, todos, draw):
    """PUT and PATCH refuse them as well, be it the id that the todo has."""
    todo = todos.make()
    path = f"/todos/{todo['id']}"
    for send, method in ((app.put, "PUT"), (app.patch, "PATCH")):
        first, second, *others = read_only(todos, todo["id"])
        for name, value, what in (first, second, draw.choice(others)):
            body = {"title": todos.title(), name: value}
            reply = send(path, json=body)
            if reply.status != 400 and app.post("/todos", json=body).status != 400:
                return  # POST takes it too, and pays for it
            refused(reply, f"{what} in a {method}")
    assert todos.read(todo["id"])["title"] == todo["title"], "What was refused changed the title."


@pytest.mark.criterion("validation.updates")
def test_updates_are_checked_like_a_new_todo(app, todos, draw, taken_by_post):
    """What POST refuses PUT and PATCH refuse, and so is a PATCH of nothing.

    Fields that POST does not check either have a criterion of their own.
    """
    todo, unchecked = todos.make(), post_takes(app, draw, taken_by_post)
    path = f"/todos/{todo['id']}"
    for send, method in ((app.put, "PUT"), (app.patch, "PATCH")):
        wrong = {
            name: cases for name, cases in wrong_updates(draw).items() if name not in unchecked
        }
        for name, what, reply in taken(send, path, wrong):
            refused(reply, f"{name} set to {what} in a {method}")
        for body in (b"{}", draw.choice(no_objects(draw))):
            reply = send(path, body=body, headers=TYPED)
            if reply.status != 400:
                reply.fail(f"{method} of this body has to be refused; this was {reply.status}.")
        plain = json.dumps({"title": todos.title()}).encode()
        send(path, body=plain, headers={"Content-Type": "text/plain"}).expect(400, 415)
    if not unchecked:
        same = todos.read(todo["id"])["title"] == todo["title"]
        assert same, "What was refused has changed the title."


@pytest.mark.criterion("validation.updates")
def test_a_refused_update_changes_nothing(app, todos, draw):
    """PUT and PATCH follow the rules of POST, and take all of the body or nothing."""
    made = todos.make(description=draw.sentence())
    todo = todos.read(made["id"])
    path, title = f"/todos/{todo['id']}", todos.title()
    bodies = (
        (app.put, {"title": title, "done": "yes"}),
        (app.patch, {"title": title, "due_date": "2031-02-30"}),
        (app.patch, {"description": draw.sentence(), "title": "x" * (MAX_TITLE + 1)}),
    )
    for send, body in bodies:
        send(path, json=body).expect(400)
        now = todos.read(todo["id"])
        for name in ("title", "description", "done", "due_date", "created_at"):
            assert now[name] == todo[name], f"It was refused with 400, but has changed the {name}."


@pytest.mark.criterion("errors.json")
def test_errors_of_the_framework_are_json(app, draw, error_of):
    """Unknown path, unknown id, wrong method, malformed JSON, a form: all errors are alike."""
    word, unknown = draw.word(), f"/todos/{draw.integer(10**8, 10**9)}"
    body = {"title": draw.sentence()}
    for path in (f"/{word}/{word}", f"/todos/{word}", unknown):
        error_of(app.get(path), 404)
    for reply in (app.delete("/todos"), app.put("/todos", json=body)):
        error_of(reply)
    malformed = b'{"title": "' + word.encode()
    error_of(app.post("/todos", body=malformed, headers=TYPED))
    error_of(app.post("/todos", data={"title": word}), 400, 415)
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        plain = app.post("/todos", body=json.dumps(body).encode(), headers={"Content-Type": kind})
        if plain.status not in {400, 415}:
            plain.fail(
                f"A body that is sent as {kind}, and not as application/json, is answered with 415 "
                f"or 400, whatever is in it; this was {plain.status}."
            )
    error_of(app.get("/todos", params={"page": word}), 400)


@pytest.mark.criterion("errors.json")
def test_half_a_character_is_no_500(app, todos, draw, error_of):
    """Half of a pair of surrogates is JSON, but no text that can be stored: no 500."""
    path = f"/todos/{todos.make()['id']}"
    half = f"{draw.word()}\ud83d"
    for body in ({"title": half}, {"title": draw.word(), "description": f"\udc00{half}"}):
        for send, target in ((app.post, "/todos"), (app.put, path), (app.patch, path)):
            reply = send(target, body=json.dumps(body).encode(), headers=TYPED)
            if not (200 <= reply.status < 300 or reply.status in {404, 405}):
                error_of(reply, 400)


@pytest.mark.criterion("errors.json")
def test_what_is_refused_shows_no_internals(app, draw, error_of):
    """What a database refuses by itself is answered with a sentence of the app's own."""
    word = draw.word()
    for wrong in ({"title": word * 200}, {"title": word, "description": word * 1000},
                  {"title": word, "due_date": "2031-02-30"}, {"title": word, "done": 7 * 10**9},
                  {"title": None}):  # fmt: skip
        reply = app.post("/todos", json=wrong)
        if 400 <= reply.status < 500:  # what is taken, and 500, have criteria of their own
            error_of(reply)


@pytest.mark.criterion("errors.fields")
def test_a_400_names_the_wrong_fields(app, todos, draw, error_of):
    """`fields` has an entry for each field that is wrong, and for no other."""
    title, word = todos.title(), draw.word()
    path = f"/todos/{todos.make()['id']}"
    cases = (
        (app.post, {"description": draw.sentence()}, {"title"}),
        (app.post, {"title": title, "done": "yes"}, {"done"}),
        (app.post, {"title": title, "description": 7, "due_date": None}, {"description"}),
        (app.post, {"title": "", "description": word, "due_date": word}, {"title", "due_date"}),
        (app.post, {"title": None, "description": 1, "done": "no", "due_date": 1},
         {"title", "description", "done", "due_date"}),
        (app.post, {"done": "yes", "due_date": word}, {"title", "done", "due_date"}),
        (app.put, {"done": True}, {"title"}),
        (app.put, {"description": 7}, {"title", "description"}),
        (app.patch, {"title": "", "description": word}, {"title"}),
    )  # fmt: skip
    for send, body, wrong in cases:
        reply = send("/todos" if send == app.post else path, json=body)
        if send != app.post and reply.status in {404, 405}:
            continue  # updates have criteria of their own
        fields = error_of(reply, 400)["fields"]
        if not isinstance(fields, dict):
            reply.fail("fields has to be an object.")
        listed = " and ".join(sorted(wrong))
        if set(fields) != wrong:
            reply.fail(f"Wrong is {listed}; fields has to name just that.")
        for text in fields.values():
            good = isinstance(text, str) and text.strip()
            assert good, "fields has a sentence for each field that is wrong."


@pytest.mark.criterion("errors.fields")
def test_a_400_names_fields_that_cannot_be_set(app, todos, error_of):
    """An unknown field and a read-only one are named as they were sent, with what else is wrong."""
    title, word = todos.title(), todos.tag()
    path = f"/todos/{todos.make()['id']}"
    for send, target, body, wrong in (
        (app.post, "/todos", {"title": title, word: title}, {word}),
        (app.put, path, {"title": title, "id": 7}, {"id"}),
        (app.patch, path, {"title": title, word: 1}, {word}),
    ):
        if send(target, json=body).status != 400:
            continue  # that they are refused has criteria of its own
        for more in ({}, {"done": "no"}):
            reply = send(target, json=body | more)
            fields = error_of(reply, 400).get("fields")
            if not isinstance(fields, dict) or set(fields) != wrong | set(more):
                listed = " and ".join(sorted(wrong | set(more)))
                reply.fail(f"Wrong is {listed}; fields has to name just that.")
