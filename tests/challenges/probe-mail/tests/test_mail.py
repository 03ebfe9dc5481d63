import pytest


@pytest.fixture
def order(app, draw):
    """Makes an order: the address that its mail goes to, what stands in the subject, and its id."""

    def made():
        to, item = f"{draw.word()}@example.org", draw.word()
        reply = app.post("/orders", json={"to": to, "item": item}).expect(202)
        return to, item, reply.json(dict)["id"]

    return made


@pytest.mark.criterion("order.sent")
def test_one_mail_is_sent(mail, order):
    to, item, _ = order()
    (found,) = mail.exactly(1, to, quiet=0.5)
    assert item in found.subject, "The subject does not hold the item."
    assert found.user, "The app sends mails without a log-in."


@pytest.mark.criterion("order.answered")
def test_the_mail_server_s_time_is_not_the_client_s(app, mail, draw):
    mail.delay(1.5)
    to = f"{draw.word()}@example.org"
    reply = app.post("/orders", json={"to": to, "item": draw.word()}).expect(202)
    assert reply.seconds < 1, "The order was answered when its mail was sent, not before."
    mail.accept()
    mail.wait_for(to)  # or a later test would meet it


@pytest.mark.criterion("order.retried")
def test_what_is_refused_for_now_is_tried_again(mail, order):
    mail.refuse(2)
    to, _, _ = order()
    mail.exactly(1, to, within=5, quiet=0.5)
    tried = mail.attempts(to)
    assert [one.accepted for one in tried] == [False, False, True]
    first, second = tried[1].at - tried[0].at, tried[2].at - tried[1].at
    assert second > first, "The pauses between two attempts do not grow."


@pytest.mark.criterion("order.failed")
def test_what_is_refused_for_good_is_given_up(app, mail, order):
    mail.refuse(code=550)
    to, _, number = order()
    mail.exactly(0, to, quiet=1.0)
    assert len(mail.attempts(to)) == 1, "A mail that is refused for good was tried again."
    assert app.get(f"/orders/{number}").json(dict)["state"] == "failed"


@pytest.mark.criterion("mail.outage")
def test_an_outage_loses_nothing(mail, order):
    with mail.outage():
        to, _, _ = order()
    mail.exactly(1, to, within=8, quiet=0.5)
