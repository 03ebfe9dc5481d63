import time

import pytest

TEXT = {"Content-Type": "text/plain"}


@pytest.fixture
def stored(app, draw):
    """Stores a file: its name and its content."""

    def made():
        name, content = f"{draw.word()} {draw.word()}.txt", draw.word().encode() * 100
        app.post(f"/files/{name.replace(' ', '%20')}", body=content, headers=TEXT).expect(201)
        return name, content

    return made


@pytest.mark.criterion("file.stored")
def test_a_file_is_kept(objects, stored):
    name, content = stored()
    assert objects.read(f"files/{name}") == content
    (found,) = objects.list(f"files/{name}")
    assert found.content_type == "text/plain"


@pytest.mark.criterion("file.read")
def test_what_the_bucket_holds_is_given_back(app, objects, draw):
    name, content = draw.word(), draw.word().encode()
    objects.put(f"files/{name}", content, "text/plain")
    reply = app.get(f"/files/{name}").expect(200)
    assert (reply.body, reply.media_type) == (content, "text/plain")
    app.get("/files/none").expect(404)


@pytest.mark.criterion("file.private")
def test_nobody_else_reads_it(objects, stored):
    name, _ = stored()
    assert not objects.is_public(f"files/{name}"), "Everybody can read what the app has stored."
    assert not objects.is_listed(), "Everybody can list the bucket."


@pytest.mark.criterion("file.linked")
def test_a_link_holds_for_two_seconds(app, objects, stored):
    name, content = stored()
    url = app.get(f"/files/{name.replace(' ', '%20')}/link").expect(200).json(dict)["url"]
    found = objects.fetch(url)
    assert (found.status, found.content) == (200, content)
    assert objects.fetch(url.partition("?")[0]).status == 403, "The link needs no signature."
    time.sleep(3)
    assert objects.fetch(url).status == 403, "The link holds for longer than two seconds."


@pytest.mark.criterion("file.retried")
def test_a_busy_store_is_asked_again(objects, stored):
    objects.refuse(1)
    name, content = stored()
    assert objects.read(f"files/{name}") == content


@pytest.mark.criterion("objects.outage")
def test_an_outage_is_told_and_over(app, objects, stored):
    with objects.outage():
        app.post("/files/lost", body=b"x", headers=TEXT).expect(503)
    name, _ = stored()
    assert objects.exists(f"files/{name}")
