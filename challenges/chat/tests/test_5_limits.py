"""What is refused with a close code."""

import pytest


@pytest.mark.criterion("limit.malformed")
def test_what_is_no_message_of_the_chat_is_refused(chat):
    room = chat.room()
    ada = chat.join(room)
    for bad in (
        "", "hello", "{", "[]", "null", '"text"', "{}", '{"type": "shout", "text": "x"}',
        '{"type": "message"}', '{"type": "message", "text": 7}',
        '{"type": "message", "text": null}',
        '{"type": ["message"], "text": "x"}',
    ):  # fmt: skip
        bob = chat.join(room)
        bob.socket.send(bad)
        bob.socket.closed(4400)
    ada.hears_nothing()


@pytest.mark.criterion("limit.binary")
def test_binary_messages_are_refused(chat):
    room = chat.room()
    ada, bob = chat.join(room), chat.join(room)
    bob.socket.send(b'{"type": "message", "text": "binary"}')
    bob.socket.closed(1003)
    ada.hears_nothing()


@pytest.mark.criterion("limit.size")
def test_oversized_messages_are_refused(chat, draw):
    """One that fits is taken, one that is larger is not, whole or in fragments."""
    room = chat.room()
    ada = chat.join(room)
    bob = chat.join(room)
    text = draw.sentence()
    padded = '{"type": "message", "text": "' + text + '"}'
    bob.socket.send(padded + " " * (4096 - len(padded)))
    ada.message(text)
    larger = padded + " " * (4097 - len(padded))
    chat.expect_refusal(room, 1009, lambda one: one.socket.send(larger))

    def send_fragments(one):
        one.socket.send_frame("text", b"x" * 3000, final=False)
        one.socket.send_frame("continuation", b"x" * 3000, final=False)

    chat.expect_refusal(room, 1009, send_fragments)
    eve = chat.join(room)
    eve.socket.send("x" * 1_000_000)
    eve.socket.closed(1009, 1006)
    ada.hears_nothing()


@pytest.mark.criterion("limit.flood")
def test_a_flood_is_refused(chat, draw):
    """Ten messages at once are fine; sixty are not, and the others go on."""
    room = chat.room()
    ada, eve = chat.join(room), chat.join(room)
    for number in range(10):
        eve.say(f"{number}")
    for number in range(10):
        ada.message(f"{number}")

    def flood(one):
        for number in range(60):
            one.say(f"flood {number}")

    chat.expect_refusal(room, 4429, flood)
    text = draw.sentence()
    ada.say(text)
    for _ in range(240):
        if ada.message().get("text") == text:
            return
    ada.socket.fail("After somebody's flood was refused, the others should hear each other.")


@pytest.mark.criterion("limit.frames")
def test_broken_frames_are_refused(chat, draw):
    room = chat.room()
    ada, bob, eve = chat.join(room), chat.join(room), chat.join(room)
    bob.socket.send_frame("text", b'{"type": "message", "text": "\xff\xfe"}')
    bob.socket.closed(1007, 1002)
    eve.socket.send_frame("text", b'{"type": "message", "text": "x"}', reserved=2)
    eve.socket.closed(1002)
    text = draw.sentence()
    ada.say(text)
    ada.message(text)
