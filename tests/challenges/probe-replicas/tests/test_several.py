"""Two containers of one role, each by itself."""

import pytest


def hosts(compose):
    return [one.client.get("/").expect(200).json(dict)["host"] for one in compose.replicas("app")]


@pytest.mark.criterion("several.apart")
def test_each_is_another(app, compose):
    first, second = hosts(compose)
    assert first != second
    assert app.get("/").json(dict)["host"] == first
    one, two = compose.replicas("app")
    replies = app.together([lambda: one.client.get("/"), lambda: two.client.get("/")])
    assert [reply.json(dict)["host"] for reply in replies] == [first, second]


@pytest.mark.criterion("several.name")
def test_one_name_leads_to_both(app):
    found = len(app.get("/").json(dict)["addresses"])
    assert found == 2, f"The name of the app leads to {found} of its containers."


@pytest.mark.criterion("several.shared")
def test_they_share_what_they_keep(compose, draw):
    one, two = compose.replicas("app")
    note = draw.word()
    one.client.post("/", body=note.encode()).expect(201)
    assert note in two.client.get("/").json(dict)["notes"]


@pytest.mark.criterion("several.outage")
def test_one_goes_on_without_the_other(app, compose):
    one, two = compose.replicas("app")
    for gone, there in ((one, two), (two, one)):
        with gone.outage():
            assert not gone.running
            there.client.get("/").expect(200)
            assert len(there.client.get("/").json(dict)["addresses"]) == 1
        gone.client.get("/").expect(200)


@pytest.mark.criterion("several.left")
def test_it_leaves_one_stopped(compose):
    assert not compose.replicas("app")[1].stop(within=3).killed


@pytest.mark.criterion("several.left")
def test_it_goes_on(compose):
    assert len(set(hosts(compose))) == 2


@pytest.mark.criterion("several.all")
def test_all_of_them_come_back(compose):
    before = hosts(compose)
    compose.kill()
    assert hosts(compose) == before, "The containers are the same."
    compose.down_up()
    assert not set(hosts(compose)) & set(before), "The containers are new."


@pytest.mark.criterion("several.workers")
def test_a_worker_ends_alone(compose):
    one, two = compose.replicas("worker")
    two.kill()
    assert (one.running, two.running) == (True, False)
    two.start()
    assert two.running
    assert two.environment["HOSTNAME_OF"] == "jobs"
