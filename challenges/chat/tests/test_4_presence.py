"""Who is in a room."""

import time

import pytest


def present(chat, room, token):
    reply = chat.get(f"/rooms/{room}/presence", token).expect(200)
    there = reply.json(dict)["present"]
    if not isinstance(there, list):
        reply.fail("'present' should be a list of names.")
    return reply, there


@pytest.mark.criterion("presence.joined")
def test_others_hear_who_comes(chat):
    room = chat.room()
    ada = chat.join(room)
    bob = chat.join(room)
    ada.next("joined", name=bob.name)
    bob.socket.send_json({"type": "ping", "id": 1})
    event = bob.socket.receive_json(dict)
    if event.get("type") == "joined" and event.get("name") == bob.name:
        bob.socket.fail("Who comes is told to the others, not to itself.")


@pytest.mark.criterion("presence.left")
def test_others_hear_who_goes(chat):
    """By a close frame, by a connection that ends, and by a refusal."""
    room = chat.room()
    ada = chat.join(room)
    bob, eve, joe = chat.join(room), chat.join(room), chat.join(room)
    bob.socket.close()
    ada.next("left", name=bob.name)
    eve.socket.drop()
    ada.next("left", name=eve.name)
    joe.socket.send("nonsense")
    try:
        joe.socket.closed(within=1)
    except AssertionError:
        joe.socket.drop()  # that it is refused is another criterion's matter
    ada.next("left", name=joe.name)


@pytest.mark.criterion("presence.list")
def test_the_welcome_has_everybody(chat):
    room = chat.room()
    ada = chat.join(room)
    bob = chat.join(room)
    for one, there in ((ada, [ada.name]), (bob, sorted([ada.name, bob.name]))):
        wanted = {"room": room, "name": one.name, "present": there}
        for key, value in wanted.items():
            if one.welcome.get(key) != value:
                one.socket.fail(f"The welcome should have {value!r} under {key!r}.")


@pytest.mark.criterion("presence.list")
def test_the_list_has_everybody_once(chat, error_of):
    room = chat.room()
    token = chat.token(chat.name(), room)
    _, there = present(chat, room, token)
    assert there == [], "Whoever has only logged in is not in the room."
    zoe, ada = chat.join(room, chat.name("zoe")), chat.join(room)
    reply, there = present(chat, room, token)
    if there != [ada.name, zoe.name]:
        reply.fail(f"'present' should be {[ada.name, zoe.name]}: the names, sorted.")
    error_of(chat.get(f"/rooms/{room}/presence", ""), 401)
    error_of(chat.get(f"/rooms/{room}x/presence", token), 403)


@pytest.mark.criterion("presence.twice")
def test_one_with_two_connections_is_there_until_both_have_ended(chat):
    room = chat.room()
    ada, bob = chat.join(room), chat.join(room)
    ada.next("joined", name=bob.name)
    second = chat.join(room, bob.name)
    if second.welcome.get("present") != sorted([ada.name, bob.name]):
        second.socket.fail("A name is present once, however many connections it has.")
    second.socket.close()
    ada.socket.send_json({"type": "ping", "id": 2})
    event = ada.socket.receive_json(dict)
    if event.get("type") in {"joined", "left"}:
        ada.socket.fail(f"{bob.name} has come before and is still there: nothing is to be told.")
    _, there = present(chat, room, chat.token(ada.name, room))
    assert bob.name in there, "Whoever has one connection left is present."
    assert there.count(bob.name) == 1, "A name is present once, however many connections it has."
    bob.socket.close()
    ada.next("left", name=bob.name)


@pytest.mark.criterion("presence.fresh")
def test_nobody_is_present_in_a_new_container(chat, app):
    """Whoever was connected when the app was killed is not there any more."""
    room = chat.room()
    ada = chat.join(room)
    token = chat.token(ada.name, room)
    app.kill()
    deadline = time.monotonic() + 5
    while True:
        reply, there = present(chat, room, token)
        if there == []:
            return
        if time.monotonic() > deadline:
            reply.fail("The app was killed and started again, and says that somebody is present.")
        time.sleep(0.1)
