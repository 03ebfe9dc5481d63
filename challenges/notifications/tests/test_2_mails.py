"""The mail of an order, and requests that come twice."""

import pytest
from conftest import QUICK, is_count
from episodes import SLOW, slow

AT_ONCE = 8


@pytest.mark.criterion("order.quick")
def test_the_answer_does_not_wait_for_the_mail(mail, office):
    slow(mail, office).order.quick(f"An order whose mail takes {SLOW:g} s")


@pytest.mark.criterion("mail.sent")
def test_an_order_sends_a_mail(mail, office):
    found = slow(mail, office)
    found.order.expect()
    if found.lacking:
        found.order.lost(
            f"No mail has come to {found.order.email}, though the mail server takes {SLOW:g} s "
            "and nothing else is in the way."
        )


@pytest.mark.criterion("mail.content")
def test_the_mail_has_what_it_should(mail, office, environment):
    found = slow(mail, office)
    order, sender = found.order, environment["MAIL_FROM"]
    one = mail.messages(order.email)[0]
    assert one.sender == sender, f"The mail is sent by {one.sender!r}, not by MAIL_FROM."
    assert sender in one.headers.get("from", ""), "From of the mail is not MAIL_FROM."
    assert one.recipients == (order.email,), "The mail should go to the order's address alone."
    assert order.email in one.headers.get("to", ""), "To of the mail is not the order's address."
    assert one.subject == f"Your tickets: {found.title}", (
        f"The subject of the mail is {one.subject!r}; it should be 'Your tickets: {found.title}'."
    )
    order.tracked()
    lines = [line.strip() for line in one.text.splitlines()]
    for line in (f"Order: {order.number}", "Seats: 3"):
        assert line in lines, f"The plain text of the mail has no line {line!r}."
    assert one.user, "The mail was sent without a log-in."


@pytest.mark.criterion("job.sent")
def test_a_job_is_pending_and_then_sent(mail, office):
    found = slow(mail, office)
    order = found.order.tracked()
    if found.held:
        if found.meanwhile is None:
            order.lost("While the mail is under way, its job is not told in time.")
        job = found.meanwhile.expect(200).json(dict)
        wanted = {"id": order.job, "order_id": order.number, "email": order.email}
        if {name: job.get(name) for name in wanted} != wanted:
            found.meanwhile.fail("A job should have its id, and order_id and email of its order.")
        if job.get("state") != "pending":
            found.meanwhile.fail("Before the mail server has taken the mail the job is pending.")
        if found.meanwhile.seconds > QUICK:
            found.meanwhile.fail("A job should be told in time while its mail is under way.")
    job = office.settled(order.job, "sent")
    assert is_count(job["attempts"], 1), "That was one attempt."
    assert job["error"] is None, "A job that has not failed has no error: null."


@pytest.mark.criterion("key.repeat")
def test_the_same_key_is_the_same_order(office):
    event = office.event(seats=20)
    first = office.order(event, seats=2).tracked()
    office.keep(repeated=first)
    for _ in range(2):
        again = office.send(first.body, first.key).expect("The same request")
        if again.found != first.found:
            again.reply.fail("The same request with the same key should get the same answer.")
        assert office.left(event) == 18, "The same request has taken seats twice."
        office.came(first)
    other = office.order(event, email=first.email.replace("@", ".2@")).expect()
    assert other.job != first.job, "The same order with another key is another order."


@pytest.mark.criterion("key.race")
def test_the_same_key_at_the_same_moment(app, office):
    for turn in range(2):
        event, key = office.event(seats=100), office.key()
        body = {"event_id": event, "email": office.address(), "seats": 2}
        calls = [lambda b=body, k=key: office.send(b, k) for _ in range(AT_ONCE)]
        orders = app.together(calls)
        for order in orders:
            order.tracked("The same request at the same moment")
        office.keep(**{f"raced-{turn}": orders[0]})
        if len({(one.number, one.job) for one in orders}) != 1 or office.left(event) != 98:
            orders[0].lost(
                f"{AT_ONCE} requests with one key at the same moment have made "
                f"{len({one.job for one in orders})} orders, and {office.left(event)} of 100 seats "
                "are left."
            )


@pytest.mark.criterion("key.other")
def test_the_same_key_with_another_body(office, refused):
    event, other = office.event(seats=20), office.event()
    first = office.order(event, seats=2).expect()
    for more in ({"seats": 3}, {"email": office.address()}, {"event_id": other}):
        again = office.send(first.body | more, first.key)
        again.answered("The same key with another body")
        refused(again.reply, 409, "The same key with another body", "key_reused")
    assert office.left(event) == 18, "A request that was refused has taken seats."
