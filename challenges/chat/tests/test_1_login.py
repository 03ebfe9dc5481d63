"""Logging in, and the forms of errors."""

import pytest


@pytest.mark.criterion("login.works")
def test_a_login_gives_a_token(chat):
    name, room = chat.name(), chat.room()
    token = chat.token(name, room)
    chat.get(f"/rooms/{room}/messages", token).expect(200)


@pytest.mark.criterion("contract.routes")
def test_the_routes_answer_as_declared(chat):
    """With the right password and a token, in an empty room."""
    name, room = chat.name(), chat.room()
    reply = chat.login(name, room).expect(200)
    found = reply.json(dict)
    for key, given in (("name", name), ("room", room)):
        assert found[key] == given, f"The answer to a login should have the {key} that was given."
    page = chat.history(room, found["token"])
    assert page == page | {"messages": [], "more": False}, "Nothing was said in this room yet."
    reply = chat.get(f"/rooms/{room}/presence", found["token"]).expect(200)
    assert reply.json(dict)["present"] == [], "Nobody is in this room yet."


@pytest.mark.criterion("login.password")
def test_a_wrong_password_is_refused(chat, draw, secrets, error_of):
    name, room, right = chat.name(), chat.room(), secrets["CHAT_PASSWORD"]
    for wrong in (draw.word(), right[:-1], right.upper() + "x", right + " ", f" {right}"):
        error_of(chat.login(name, room, wrong), 401)


@pytest.mark.criterion("login.names")
def test_bad_names_are_refused(chat, error_of):
    name, room = chat.name(), chat.room()
    for bad in ("", "Ada", "ada b", "1ada", "-ada", "a" * 21, "ädä", "ada\n", "system", 7, None):
        error_of(chat.login(bad, room), 400)
    for bad in ("", "Room", "r/x", "a" * 33, "room\n", ["room"], None):
        error_of(chat.login(name, bad), 400)
    for good in ("a", "a" * 20, "a-1-"):
        chat.login(good, "r" * 32).expect(200)


@pytest.mark.criterion("login.body")
def test_bad_bodies_are_refused(chat, app, error_of):
    kind = {"Content-Type": "application/json"}
    for body in (b"", b"{", b"[]", b"null", b'"text"', b"\xff"):
        error_of(app.post("/login", body=body, headers=kind), 400)
    given = {"name": chat.name(), "room": chat.room()}
    for password in ({}, {"password": None}, {"password": 7}, {"password": ["x"]}):
        error_of(app.post("/login", json=given | password), 400)


@pytest.mark.criterion("errors.json")
def test_every_error_is_json(app, error_of):
    error_of(app.get("/nowhere"), 404)
    reply = error_of(app.get("/login"), 405)
    if "POST" not in reply.headers.get("Allow", ""):
        reply.fail("A 405 should have an Allow header with the methods that are allowed.")
    error_of(app.delete("/rooms/lobby/messages"), 405)
