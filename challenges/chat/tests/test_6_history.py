"""What was said before, over HTTP."""

import pytest


def said(chat, draw, count):
    """A room with that many messages; somebody in it, a token, and the messages as heard."""
    room = chat.room()
    members = [chat.join(room) for _ in range(1 + count // 10)]
    heard = []
    for number in range(count):
        members[number % len(members)].say(f"{number} {draw.word()}")
        heard.append(members[0].message())
    return room, chat.token(members[0].name, room), heard


@pytest.mark.criterion("history.page")
def test_the_newest_page_comes_oldest_first(chat, draw):
    room, token, heard = said(chat, draw, 5)
    page = chat.history(room, token)
    assert page["messages"] == heard, "The history should have the messages as they were heard."
    assert page["more"] is False, "'more' should be false: there are no older messages."
    page = chat.history(room, token, limit=2)
    assert page["messages"] == heard[-2:], "limit=2 should give the two newest."
    assert page["more"] is True, "'more' should be true: there are older messages."
    empty = chat.room()
    page = chat.history(empty, chat.token(chat.name(), empty))
    assert page == {"messages": [], "more": False}, "A room in which nobody spoke has no messages."


@pytest.mark.criterion("history.before")
def test_pages_lead_back_to_the_first_message(chat, draw):
    room, token, heard = said(chat, draw, 9)
    page = chat.history(room, token, limit=3)
    found = page["messages"]
    for _ in range(4):
        if not page["more"]:
            break
        oldest = page["messages"][0]["id"]
        page = chat.history(room, token, limit=3, before=oldest)
        found = page["messages"] + found
    assert found == heard, "Pages with before= should give every message once, in order."
    exact = chat.history(room, token, limit=3, before=heard[3]["id"])
    assert exact["messages"] == heard[:3], "before= should give the messages that are older."
    assert exact["more"] is False, "'more' should be false on the page with the first message."


@pytest.mark.criterion("history.limits")
def test_bad_parameters_are_refused(chat, error_of):
    room = chat.room()
    token = chat.token(chat.name(), room)
    for bad in ("0", "101", "-1", "ten", "1.0", "", "٣", "+5"):
        error_of(chat.get(f"/rooms/{room}/messages", token, limit=bad), 400)
    for bad in ("0", "-1", "x", "", "²"):
        error_of(chat.get(f"/rooms/{room}/messages", token, before=bad), 400)
    assert chat.history(room, token, limit=100, before=1) == {"messages": [], "more": False}


@pytest.mark.criterion("history.limits")
def test_a_page_has_fifty_messages(chat, draw):
    room, token, heard = said(chat, draw, 55)
    assert chat.history(room, token)["messages"] == heard[-50:], "A page has 50 by default."
    assert chat.history(room, token, limit=100)["messages"] == heard


@pytest.mark.criterion("history.token")
def test_the_history_needs_the_rooms_token(chat, app, draw, error_of):
    room, token, _ = said(chat, draw, 1)
    other = chat.token(chat.name(), chat.room())
    path = f"/rooms/{room}/messages"
    error_of(chat.get(path, ""), 401)
    error_of(chat.get(path, draw.word()), 401)
    error_of(app.get(path, headers={"Authorization": f"Basic {token}"}), 401)
    error_of(app.get(path, params={"token": token}), 401)
    error_of(chat.get(path, other), 403)
