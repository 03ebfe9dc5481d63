"""What an app does that is started without its key."""

import pytest


@pytest.mark.criterion("login.key")
def test_without_its_key_nobody_gets_a_token(chat, app, secrets):
    body = {"name": chat.name(), "room": chat.room(), "password": secrets["CHAT_PASSWORD"]}
    with app.without("TOKEN_SECRET") as beside:
        if not beside.started or beside.client is None:
            return
        try:
            reply = beside.client.post("/login", json=body)
        except AssertionError:
            return  # it does not answer: it gives no token
        if reply.status == 200:
            reply.fail(
                "Started without TOKEN_SECRET it gives a token all the same: it has a key of"
                " its own, or none."
            )
