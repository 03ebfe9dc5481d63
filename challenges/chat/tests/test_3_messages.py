"""What is said in a room."""

import re

import pytest

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")


@pytest.mark.criterion("message.both")
def test_two_see_each_others_messages(chat, draw):
    room = chat.room()
    ada, bob = chat.join(room), chat.join(room)
    for speaker in (ada, bob, ada):
        text = draw.sentence()
        speaker.say(text)
        for one in (ada, bob):
            found = one.message(text)
            if found.get("name") != speaker.name:
                one.socket.fail(f"The message should have the name {speaker.name!r}.")


@pytest.mark.criterion("message.form")
def test_a_message_has_an_id_and_a_time(chat, draw):
    room = chat.room()
    ada = chat.join(room)
    seen = []
    for _ in range(3):
        ada.say(draw.sentence())
        found = ada.message()
        number = found.get("id")
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            ada.socket.fail("A message should have an id, a whole number from 1.")
        if not INSTANT.fullmatch(str(found.get("sent_at"))):
            ada.socket.fail("sent_at should be a time in UTC such as 2030-01-15T09:30:00Z.")
        if found.get("room") != room:
            ada.socket.fail("A message should have the room that it was said in.")
        seen.append(number)
    assert seen == sorted(set(seen)), "Each message should have a larger id than the last."


@pytest.mark.criterion("message.order")
def test_all_hear_one_order(chat):
    """Four speak at the same moment, and everybody hears everything in the order of the ids."""
    room = chat.room()
    chat.expect_one_order([chat.join(room) for _ in range(4)])


@pytest.mark.criterion("message.once")
def test_each_message_is_heard_once_and_in_its_room_only(chat, draw):
    room = chat.room()
    ada, bob, eve = chat.join(room), chat.join(room), chat.join(f"{room}-x")
    again = chat.join(room, ada.name)
    text = draw.sentence()
    ada.say(text)
    for one in (ada, again, bob):
        one.message(text)
        one.hears_nothing()
    eve.hears_nothing()


@pytest.mark.criterion("message.text")
def test_a_text_comes_as_it_was_sent(chat, draw):
    room = chat.room()
    ada, bob = chat.join(room), chat.join(room)
    token = chat.token(ada.name, room)
    texts = [
        draw.unicode()[:200] or "ü", " <b>&amp;\"'</b> \\n %s {0} ", "a\nb\tc ", "x" * 500,
        "😀" * 500, '{"type": "left"}', "\u0301e",
    ]  # fmt: skip
    for text in texts:
        ada.say(text)
        for one in (ada, bob):
            one.message(text)
    if chat.texts(room, token) != texts:
        bob.socket.fail("The history should have each text as it was sent.")


@pytest.mark.criterion("message.refused")
def test_a_bad_text_is_an_error_for_its_sender(chat, draw):
    """The connection goes on, and nobody else hears of it."""
    room = chat.room()
    ada, bob = chat.join(room), chat.join(room)
    for bad in ("", " \t\n", "\u2003", "x" * 501, "é" * 501):
        ada.say(bad)
        error = ada.next("error").get("error")
        if not isinstance(error, str) or not error.strip():
            ada.socket.fail("An error should have a sentence under 'error'.")
    text = draw.sentence()
    ada.say(text)
    bob.message(text)
    assert chat.texts(room, chat.token(ada.name, room)) == [text], "What is refused is not kept."


@pytest.mark.criterion("ping.answered")
def test_pings_are_answered(chat, draw):
    room = chat.room()
    ada, bob = chat.join(room), chat.join(room)
    ada.socket.ping(draw.word().encode())
    for number in (draw.integer(1, 999), draw.word()):
        ada.socket.send_json({"type": "ping", "id": number})
        ada.next("pong", id=number)
    text = draw.sentence()
    ada.say(text)
    for _ in range(5):
        event = bob.socket.receive_json(dict)
        if event.get("type") == "pong":
            bob.socket.fail("A ping is answered to its sender alone.")
        if event.get("type") == "message":
            return
