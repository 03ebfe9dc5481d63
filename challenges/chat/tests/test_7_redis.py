"""What is in Redis, and what happens without it. The outage comes last."""

import time

import pytest

START_SECONDS = 25
"""How long the second container may take, after the six seconds for which its start is watched."""


@pytest.mark.criterion("redis.kept")
def test_messages_are_in_redis(chat, cache, draw):
    room = chat.room()
    ada = chat.join(room)
    text = draw.word() * 3
    ada.say(text)
    ada.message(text)
    assert cache.find(text), "The message was heard, but no key of Redis holds its text."


@pytest.mark.criterion("history.survives")
def test_messages_survive_a_new_container(chat, app, draw):
    room = chat.room()
    ada = chat.join(room)
    texts = [draw.sentence() for _ in range(3)]
    for text in texts:
        ada.say(text)
        ada.message(text)
    last = chat.history(room, chat.token(ada.name, room))["messages"][-1]["id"]
    ada.socket.drop()
    app.recreate()
    token = chat.token(ada.name, room)
    assert chat.texts(room, token) == texts, "The messages are gone with the container."
    again = chat.join(room, ada.name)
    again.say(draw.sentence())
    number = again.message().get("id")
    if not isinstance(number, int) or number <= last:
        again.socket.fail("A new message should have a larger id than those before.")


@pytest.mark.criterion("announce.heard")
def test_an_announcement_of_another_process_is_heard(chat, app, draw):
    """A command in a container of its own says something, and who is connected hears it."""
    room = chat.room()
    ada, bob = chat.join(room), chat.join(room)
    eve = chat.join(f"{room}-x")
    text = f"{draw.sentence()} <&> '\"$x"
    ran = app.run(["announce", room, text])
    ran.expect(0)
    for one in (ada, bob):
        found = one.message(text)
        if found.get("name") != "system":
            one.socket.fail("An announcement has the name 'system'.")
    after = draw.sentence()
    bob.say(after)
    later = ada.message(after)
    if not isinstance(later.get("id"), int) or later["id"] <= found["id"]:
        ada.socket.fail("Announcements and messages share one sequence of ids.")
    assert chat.texts(room, chat.token(ada.name, room)) == [text, after], (
        "The history should have the announcement in its place."
    )
    eve.hears_nothing()


@pytest.mark.criterion("announce.usage")
def test_a_bad_announcement_is_refused(chat, run):
    room = chat.room()
    token = chat.token(chat.name(), room)
    calls = [
        run.prepare(*arguments, entrypoint=["announce"], within=30)
        for arguments in ([room], [room, "   "], ["No Room", "x"])
    ]
    for ran in run.together(calls):
        ran.expect(2)
        if not ran.errors.strip() or "Traceback" in ran.errors:
            ran.fail("It should say on standard error what is wrong, without a traceback.")
    assert chat.texts(room, token) == [], "A bad announcement should not be kept."


@pytest.mark.criterion("redis.shared")
def test_two_containers_share_their_rooms(chat, app, draw):
    """Two members at the app and two at a second container of it, which has the same Redis."""
    room = chat.room()
    with app.changed("CHAT_PASSWORD") as beside:
        other = ready(beside)
        here, there = chat.join(room), chat.join(room, at=other)
        for speaker, listener in ((here, there), (there, here)):
            text = draw.sentence()
            speaker.say(text)
            speaker.message(text)
            expect_heard(listener, text)
        chat.expect_one_order([here, there, chat.join(room), chat.join(room, at=other)])


def ready(beside):
    """A client of the second container, once it answers."""
    end = time.monotonic() + START_SECONDS
    while beside.client and time.monotonic() < end:
        try:
            if beside.client.get("/health").status == 200:
                return beside.client
        except AssertionError:  # it is not there yet, or not any more
            pass
        time.sleep(0.3)
    return pytest.fail(
        "A second container of the app, with another CHAT_PASSWORD and all else the same, does not "
        f"answer GET /health within 30 seconds. {beside.reason}"
    )


def expect_heard(listener, text):
    """Expect that a member hears what was said at the other container."""
    try:
        listener.message(text)
    except AssertionError as error:
        what = "What is said at one container of the app is not the next message at another one"
        error.args = (f"{what} that has the same Redis. {error}",)
        raise


@pytest.mark.criterion("redis.outage")
def test_an_outage_is_answered_and_survived(chat, cache, draw, error_of):
    """While Redis is away HTTP answers 503; then new members hear each other again."""
    room = chat.room()
    ada = chat.join(room)
    token = chat.token(ada.name, room)
    before = draw.sentence()
    ada.say(before)
    ada.message(before)
    with cache.outage():
        error_of(chat.get(f"/rooms/{room}/messages", token), 503)
        error_of(chat.get(f"/rooms/{room}/presence", token), 503)
    assert chat.texts(room, token) == [before], "After the outage the history should be there."
    eve, bob = chat.join(room), chat.join(room)
    for _ in range(20):
        text = draw.sentence()
        eve.say(text)
        try:
            bob.socket.receive(within=0.3)
        except AssertionError:
            continue
        break
    text = draw.word() * 3
    eve.say(text)
    for one in (eve, bob):
        for _ in range(30):
            if one.message().get("text") == text:
                break
        else:
            one.socket.fail("After the outage the members should hear each other again.")
