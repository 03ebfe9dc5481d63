"""Events and orders, while nothing goes wrong."""

import pytest
from conftest import is_id
from episodes import rolled_back

TITLES = ["Ω, Ödipus", '<b>&amp; "Nora"</b>', "女の一生 🎭", "  Faust'; --"]
GOOD = ["A.b_c+d-1@Example.org", "x@sub.domain-1.example.org"]
BAD = [
    "", "ada", "ada@", "@example.org", "ada@example", "a@b@example.org", "ada@exam ple.org",
    " ada@example.org", "ada@example.org\n", "ada@example.org\nBcc: eve@example.org",
    "Ada <ada@example.org>", "ada@example.org,eve@example.org", f"{'a' * 95}@example.org",
    "ädä@example.org", 7, None, True, ["ada@example.org"],
]  # fmt: skip
BAD_SEATS = [0, -1, 11, 2.5, "2", "", None, True, [1], 10**30]


@pytest.mark.criterion("compose.private")
def test_only_the_app_is_published(compose):
    for role in ("broker", "database", "worker"):
        service = compose.service(role)
        assert not service.published, (
            f"The service {service.name} ({role}) is published; nobody but your services needs it."
        )


@pytest.mark.criterion("events.works")
def test_an_event_is_made_and_read(app, draw):
    for title in (*TITLES, draw.text(80)):
        seats = draw.integer(11, 500)
        reply = app.post("/events", json={"title": title, "seats": seats}).expect(201)
        event = reply.json(dict)
        if not is_id(event["id"]):
            reply.fail("`id` of an event should be a whole number or a text.")
        if (app.path_of(reply.headers.get("Location", "")) or "") != f"/events/{event['id']}":
            reply.fail("Location should lead to the new event.")
        reply = app.get(f"/events/{event['id']}").expect(200)
        wanted = {"id": event["id"], "title": title, "seats": seats, "left": seats}
        found = reply.json(dict)
        if {name: found.get(name) for name in wanted} != wanted:
            reply.fail("The event should be told as it was made, with all seats left.")


@pytest.mark.criterion("events.works")
def test_an_event_that_breaks_a_rule_is_refused(app, draw, refused):
    title = draw.word()
    for bad in ("", "   ", draw.text(81), f"{title}\nBcc: x", f"{title}\t", 7, None):
        reply = app.post("/events", json={"title": bad, "seats": 5})
        refused(reply, 400, "This title")
    for bad in (0, -5, 100001, 1.5, "7", True, None):
        refused(app.post("/events", json={"title": title, "seats": bad}), 400, "These seats")


@pytest.mark.criterion("order.accepted")
def test_an_order_is_taken(app, office):
    event = office.event(seats=50)
    order = office.order(event, seats=3).tracked()
    order.reply.expect(202)
    wanted = {"event_id": event, "email": order.email, "seats": 3}
    found = order.reply.json(dict)
    if {name: found.get(name) for name in wanted} != wanted:
        order.reply.fail("The answer should hold the order as it was sent.")
    if (app.path_of(order.reply.headers.get("Location", "")) or "") != f"/jobs/{order.job}":
        order.reply.fail("Location should lead to the order's job.")
    assert office.left(event) == 47, "An order of 3 seats should leave 3 fewer."
    other = office.order(event, email=GOOD[0], seats=10).tracked()
    assert other.job != order.job, "Each order should have a job of its own."
    for email in GOOD:
        office.order(event, email=email).expect(f"An order for {email}")


@pytest.mark.criterion("order.invalid")
def test_what_breaks_a_rule_is_refused(app, office, refused):
    event = office.event(seats=50)
    good = {"event_id": event, "email": office.address(), "seats": 1}
    for email in BAD:
        refused(office.order(event, email=email).reply, 400, f"The e-mail {email!r}")
    for seats in BAD_SEATS:
        refused(office.order(event, seats=seats).reply, 400, f"{seats!r} for seats")
    for name in good:
        body = {key: value for key, value in good.items() if key != name}
        headers = {"Idempotency-Key": office.key()}
        refused(app.post("/orders", json=body, headers=headers), 400, f"An order without {name}")
    for key in (None, "", "k" * 81):
        headers = {} if key is None else {"Idempotency-Key": key}
        refused(app.post("/orders", json=good, headers=headers), 400, f"The key {key!r}")
    for body in ([good], "x", None):
        headers = {"Idempotency-Key": office.key()}
        refused(app.post("/orders", json=body, headers=headers), 400, "A body that is no object")
    for orders in ([], [good] * 21, good, None, [good, 7], [good, good | {"seats": 0}]):
        reply = app.post("/orders/batch", json={"orders": orders})
        refused(reply, 400, "A batch that breaks a rule")
    assert office.left(event) == 50, "What was refused has taken seats."


@pytest.mark.criterion("order.invalid")
def test_an_unknown_event_is_not_found(office, refused):
    number = office.event()
    unknown = number + office.draw.integer(10**6, 10**7) if type(number) is int else f"{number}x"
    refused(office.order(unknown).reply, 404, "An order for an event that does not exist")


@pytest.mark.criterion("order.sold_out")
def test_no_more_are_sold_than_there_are(app, office, refused):
    event = office.event(seats=5)
    office.order(event, seats=3).expect()
    refused(office.order(event, seats=3).reply, 409, "An order of 3 seats of 2", "sold_out")
    assert office.left(event) == 2, "An order that was refused has taken seats."
    office.order(event, seats=2).expect("An order of the last 2 seats")
    refused(office.order(event, seats=1).reply, 409, "An order of no seat left", "sold_out")
    event = office.event(seats=4)
    orders = app.together([lambda: office.order(event, seats=2) for _ in range(6)])
    taken = [one for one in orders if one.taken]
    if len(taken) != 2 or office.left(event) != 0:
        pytest.fail(
            f"Of 6 orders for 2 of 4 seats at the same moment {len(taken)} were taken, and "
            f"{office.left(event)} seats are left."
        )


@pytest.mark.criterion("job.unknown")
def test_unknown_jobs_and_states(app, draw, refused):
    for number in (draw.word(), "2147483600", "0", "-1", "9" * 30, "x%27", "7.0"):
        refused(app.get(f"/jobs/{number}"), 404, "A job that does not exist")
        refused(app.post(f"/jobs/{number}/retry"), 404, "A job that does not exist")
    for state in (draw.word(), "", "FAILED", "failed,sent"):
        refused(app.get("/jobs", params={"state": state}), 400, f"The state {state!r}")
    refused(app.get("/jobs"), 400, "No state")
    for state in ("pending", "sent", "failed"):
        reply = app.get("/jobs", params={"state": state}).expect(200)
        if not isinstance(reply.json(dict)["items"], list):
            reply.fail("`items` should be a list.")


@pytest.mark.criterion("batch.whole")
def test_a_batch_is_one_whole(app, office, refused):
    event, other = office.event(seats=9), office.event(seats=9)
    rolled = rolled_back(app, office)
    refused(
        rolled.sold_out, 409, "A batch whose last order is for what the others take", "sold_out"
    )
    refused(rolled.unknown, 404, "A batch whose last order is for an event that does not exist")
    if rolled.left != (9, 9):
        rolled.unknown.fail("A batch that was refused has taken seats.")
    emails = [office.address() for _ in range(4)]
    orders = [
        {"event_id": one, "email": email, "seats": 4}
        for one, email in zip((event, other, event, other), emails, strict=True)
    ]
    reply = app.post("/orders/batch", json={"orders": orders}).expect(202)
    made = reply.json(dict)["orders"]
    made = made if isinstance(made, list) else []
    if [one.get("email") if isinstance(one, dict) else one for one in made] != emails:
        reply.fail("A batch that is taken should be answered with its orders, in their order.")
    assert (office.left(event), office.left(other)) == (1, 1), "A batch should take its seats."
