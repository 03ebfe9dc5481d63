import pytest


@pytest.mark.criterion("echo.works")
def test_messages_come_back(app, draw):
    with app.websocket("/echo") as socket:
        for text in [draw.sentence(), "Grüße 🙂", ""]:
            socket.send(text)
            if socket.receive_text() != text:
                socket.fail("It sends back another text.")
        socket.send(b"\x00\xff")
        assert socket.receive_bytes() == b"\x00\xff"


@pytest.mark.criterion("echo.packed")
def test_compressed_messages_come_back(app, draw):
    text = draw.sentence() * 20
    with app.websocket("/echo", compressed=True) as socket:
        socket.send(text)
        if socket.receive_text() != text:
            socket.fail("It sends back another text.")


@pytest.mark.criterion("echo.ping")
def test_a_ping_is_answered(app, draw):
    with app.websocket("/echo") as socket:
        assert socket.ping(draw.word().encode()) < 2


@pytest.mark.criterion("echo.broken")
def test_broken_frames_are_refused(app, draw):
    with app.websocket("/echo") as socket:
        socket.send_frame("text", b"plain", masked=False)
        socket.closed(1002)
    with app.websocket("/echo") as socket:
        socket.send_frame("text", b"\xff\xfe")
        socket.closed(1007)
    with app.websocket("/echo") as socket:
        socket.send(draw.text(70_000))
        socket.closed(1009)


@pytest.mark.criterion("echo.close")
def test_a_close_is_answered(app):
    with app.websocket("/echo") as socket:
        found = socket.close(1000)
        if found.code != 1000:
            socket.fail(f"It answers a close frame of code 1000 with code {found.code}.")


@pytest.mark.criterion("room.order")
def test_two_see_one_order(app, draw):
    said = [draw.word() for _ in range(6)]
    with app.websocket("/room") as ada, app.websocket("/room") as bob:
        for one in said:
            ada.send(f"ada {one}")
            bob.send(f"bob {one}")
        first = [ada.receive_text() for _ in range(12)]
        second = [bob.receive_text() for _ in range(12)]
    everything = [f"{who} {one}" for one in said for who in ("ada", "bob")]
    assert sorted(first) == sorted(everything), "It sends other messages than were sent to it."
    assert first == second, "Two clients see the messages in different orders."


@pytest.mark.criterion("room.quiet")
def test_nobody_hears_what_nobody_says(app):
    with app.websocket("/room") as socket:
        socket.quiet(0.5)


@pytest.mark.criterion("door.closed")
def test_a_stranger_is_refused(app):
    app.handshake("/private").expect(403)
    app.handshake("/private", headers={"Authorization": "Bearer sesame"}).expect(101)
    with app.websocket("/door") as socket:
        socket.send("open")
        socket.closed(4401)
