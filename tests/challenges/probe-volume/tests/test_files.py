"""Where the app keeps files."""

import pytest

from grader.exam.faults import AppUnreachable


def keep(app, draw, size=200):
    name, text = f"{draw.word()}-{draw.integer(1, 999_999)}.txt", draw.word() * (size // 4)
    app.post(f"/files/{name}", body=text.encode()).expect(201)
    return name, text.encode()


def check(app, kept):
    for name, content in kept:
        if app.get(f"/files/{name}").expect(200).body != content:
            pytest.fail(f"{name} is not as it was sent.")


@pytest.mark.criterion("volume.kept")
def test_new_container(app, draw):
    kept = [keep(app, draw)]
    app.recreate()
    check(app, kept)


@pytest.mark.criterion("volume.killed")
def test_kill(app, draw):
    kept = [keep(app, draw)]

    def write():
        try:
            kept.extend(keep(app, draw) for _ in range(200))
        except AppUnreachable:
            pass

    app.together([write, app.kill])
    check(app, kept[-20:])


@pytest.mark.criterion("volume.listed")
def test_listed(app, draw):
    name, content = keep(app, draw)
    found = {one.path: one for one in app.files("/data")}
    assert name in found, f"There is no {name} in /data."
    assert app.volume("/data").read(name) == content, f"/data/{name} holds something else."
    assert (found[name].kind, found[name].size) == ("file", len(content)), "The list is wrong."


@pytest.mark.criterion("volume.command")
def test_command(app, draw):
    name, content = keep(app, draw)
    ran = app.run(["cat", f"/data/{name}"], within=8).expect(0)
    assert ran.output.encode() == content, "A command of the image finds another file."


@pytest.mark.criterion("volume.full")
def test_full(app, draw):
    kept = [keep(app, draw)]
    with app.volume("/data").full():
        app.post("/files/more.txt", body=b"x" * 100_000).expect(503)
        check(app, kept)
    kept.append(keep(app, draw))
    check(app, kept)


@pytest.mark.criterion("volume.read_only")
def test_read_only(app, draw):
    kept = [keep(app, draw)]
    with app.volume("/data").read_only():
        app.post("/files/more.txt", body=b"x" * 100).expect(503)
        check(app, kept)
    kept.append(keep(app, draw))
    check(app, kept)
